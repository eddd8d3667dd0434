import { type Block, type Finish, LossSink, type Reply, type Usage } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { decodeReply } from '../../../../plugins/protocol/gemini/reply/decode-reply.ts'
import { encodeReply } from '../../../../plugins/protocol/gemini/reply/encode-reply.ts'
import { checkGeminiResponse } from '../../../support/check-gemini-stream.ts'
import { replyOptions } from './reply-subject.ts'

const usage: Usage = { source: 'measured', inputUncached: 5, cacheRead: 3, cacheWrite: 2, output: 9, reasoning: 2 }

function encode(blocks: readonly Block[], finish: Finish = { reason: 'stop' }, reply: Partial<Reply> = {}) {
  const losses = new LossSink()
  const body = encodeReply(
    { id: 'msg_1', model: 'other-model', created: 1_700_000_000, usage, candidates: [{ blocks, finish }], ...reply },
    replyOptions(losses),
  )
  expect(checkGeminiResponse(body)).toEqual([])
  return { body, candidate: (body.candidates as readonly { [field: string]: unknown }[])[0], losses: losses.losses }
}

describe('a reply of another protocol', () => {
  it('has the whole shape that the vendor’s replies have', () => {
    const { body, losses } = encode([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Hello' },
    ])
    expect(body).toEqual({
      candidates: [{ content: { parts: [{ text: 'Hm', thought: true }, { text: 'Hello' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 10, cachedContentTokenCount: 3, candidatesTokenCount: 7, thoughtsTokenCount: 2, totalTokenCount: 19 },
      modelVersion: 'other-model',
      createTime: '2023-11-14T22:13:20.000Z',
      responseId: 'msg_1',
    })
    expect(losses).toMatchObject([{ feature: 'cache-write-usage', severity: 'hint' }])
  })

  it('has no time when the provider tells one that no calendar has', () => {
    for (const created of [1e300, Number.NaN, -1e20]) expect(encode([{ type: 'text', text: 'Hi' }], undefined, { created }).body.createTime).toBeUndefined()
  })

  it('has a part even when nothing was said, because clients take the first one for granted', () => {
    expect(encode([]).candidate?.content).toEqual({ parts: [{ text: '' }], role: 'model' })
  })

  it('shows a refusal as text', () => {
    const { candidate, losses } = encode([{ type: 'refusal', text: 'No.' }], { reason: 'refusal' })
    expect(candidate).toMatchObject({ content: { parts: [{ text: 'No.' }] }, finishReason: 'SAFETY' })
    expect(losses).toContainEqual(expect.objectContaining({ feature: 'refusal', action: 'approximated', severity: 'hint' }))
  })

  it.each<readonly [Finish, string, boolean]>([
    [{ reason: 'stop' }, 'STOP', false],
    [{ reason: 'stop-sequence', stopSequence: 'END' }, 'STOP', true],
    [{ reason: 'length' }, 'MAX_TOKENS', false],
    [{ reason: 'tool-calls' }, 'STOP', false],
    [{ reason: 'content-filter' }, 'SAFETY', false],
    [{ reason: 'context' }, 'MAX_TOKENS', true],
    [{ reason: 'pause', raw: 'pause_turn' }, 'STOP', true],
    [{ reason: 'error' }, 'OTHER', true],
    [{ reason: 'other' }, 'OTHER', false],
  ])('that ends with %j has the finish reason %s', (finish, word, approximated) => {
    const { candidate, losses } = encode([{ type: 'text', text: 'a' }], finish)
    expect(candidate?.finishReason).toBe(word)
    expect(losses.some(({ feature }) => feature.startsWith('finish') || feature.startsWith('stop'))).toBe(approximated)
  })

  it('shows what its provider ran and found, as the vendor’s own tools are shown', () => {
    const { candidate, losses } = encode([
      { type: 'tool-call', id: 'a', name: 'code-execution', argumentsText: '{"code":"print(1)"}', form: 'json', executedBy: 'provider' },
      { type: 'tool-result', callId: 'a', name: 'code-execution', content: [{ type: 'text', text: '1' }], form: 'text' },
      { type: 'tool-call', id: 'b', name: 'web-search', argumentsText: '{"query":"x"}', form: 'json', executedBy: 'provider' },
      { type: 'tool-result', callId: 'b', name: 'web-search', content: [{ type: 'text', text: '{"results":[]}' }], form: 'text' },
      { type: 'tool-call', id: 'c', name: 'mcp', argumentsText: '{}', form: 'json', executedBy: 'provider' },
      { type: 'tool-result', callId: 'c', name: 'mcp', content: [], form: 'none' },
    ])
    expect(candidate?.content).toEqual({
      parts: [
        { executableCode: { id: 'a', language: 'PYTHON', code: 'print(1)' } },
        { codeExecutionResult: { id: 'a', outcome: 'OUTCOME_OK', output: '1' } },
        { toolCall: { id: 'b', toolType: 'GOOGLE_SEARCH_WEB', args: { query: 'x' } } },
        { toolResponse: { id: 'b', toolType: 'GOOGLE_SEARCH_WEB', response: { results: [] } } },
      ],
      role: 'model',
    })
    expect(losses.map(({ feature }) => feature)).toEqual(expect.arrayContaining(['hosted-tool-call', 'hosted-tool-result']))
  })

  it('names its sources, each once, with the bytes that rest on them', () => {
    const at = (start: number, end: number, url: string, title?: string) => ({
      protocol: 'other',
      value: {},
      citation: { url, start, end, ...(title && { title }) },
    })
    const { candidate, losses } = encode([
      { type: 'reasoning', text: 'Hm' },
      {
        type: 'text',
        text: 'Zürich is large.',
        annotations: [at(0, 6, 'https://a.example', 'A'), at(7, 15, 'https://b.example'), at(7, 15, 'https://a.example', 'A')],
      },
      {
        type: 'text',
        text: 'Whole.',
        annotations: [
          { protocol: 'other', value: {}, citation: { title: 'Book', quote: 'words' } },
          { protocol: 'other', value: 1 },
        ],
      },
    ])
    expect(candidate?.groundingMetadata).toEqual({
      groundingChunks: [
        { web: { uri: 'https://a.example', title: 'A' } },
        { web: { uri: 'https://b.example' } },
        { retrievedContext: { title: 'Book', text: 'words' } },
      ],
      groundingSupports: [
        { segment: { partIndex: 1, startIndex: 0, endIndex: 7, text: 'Zürich' }, groundingChunkIndices: [0] },
        { segment: { partIndex: 1, startIndex: 8, endIndex: 16, text: 'is large' }, groundingChunkIndices: [1, 0] },
        { segment: { partIndex: 2, startIndex: 0, endIndex: 6, text: 'Whole.' }, groundingChunkIndices: [2] },
      ],
    })
    expect(losses).toContainEqual({ path: 'content[2].annotations[1]', feature: 'annotations', action: 'dropped', severity: 'semantic' })
  })
})

describe('a reply that is read', () => {
  const body = (candidate: object, rest: object = {}) =>
    ({ candidates: [{ content: { parts: [{ text: 'a' }], role: 'model' }, index: 0, ...candidate }], ...rest }) as never

  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['RECITATION', 'content-filter'],
    ['SPII', 'content-filter'],
    ['MALFORMED_FUNCTION_CALL', 'error'],
    ['UNEXPECTED_TOOL_CALL', 'error'],
    ['LANGUAGE', 'other'],
    ['A_NEWER_WORD', 'other'],
  ])('with the finish reason %s ended with %s', (finishReason, reason) => {
    expect(decodeReply(body({ finishReason })).candidates[0]?.finish).toEqual({ reason, raw: finishReason })
  })

  it('counts thoughts as output, and what tools found as input', () => {
    const usageMetadata = { promptTokenCount: 100, cachedContentTokenCount: 60, toolUsePromptTokenCount: 7, candidatesTokenCount: 20, thoughtsTokenCount: 30 }
    expect(decodeReply(body({}, { usageMetadata })).usage).toMatchObject({ inputUncached: 47, cacheRead: 60, output: 50, reasoning: 30 })
    expect(decodeReply(body({}, { usageMetadata: { trafficType: 'ON_DEMAND' } })).usage).toBeUndefined()
  })

  it('was filtered when there is only a reason why the prompt was blocked', () => {
    const blocked = { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 3 } }
    expect(decodeReply(blocked).candidates).toEqual([{ blocks: [], finish: { reason: 'content-filter', raw: 'SAFETY' } }])
  })

  it('is refused when it is none', () => {
    for (const value of [null, 7, [], {}, { candidates: 7 }, { candidates: [7] }, body({ content: { parts: [{ text: 7 }] } })])
      expect(() => decodeReply(value as never)).toThrow(expect.objectContaining({ code: 'TKL_UPSTREAM_MALFORMED' }))
  })
})
