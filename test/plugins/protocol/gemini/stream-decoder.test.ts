import type { Json, ReplyEvent } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { accumulate, chunk, decodePieces, decodeStream, encodeEvents, sse } from './reply-subject.ts'

const done = chunk([{ text: '' }], { finishReason: 'STOP' })
const last = (events: readonly ReplyEvent[]) => events.at(-1)
const blocksOf = (...chunks: readonly Json[]) => accumulate(decodeStream(...chunks)).candidates[0]?.blocks

describe('a stream of chunks', () => {
  it('joins texts of one kind to one block', () => {
    expect(
      blocksOf(chunk([{ text: 'Hm', thought: true }]), chunk([{ text: ', well', thought: true }]), chunk([{ text: 'Hel' }]), chunk([{ text: 'lo' }]), done),
    ).toEqual([
      { type: 'reasoning', text: 'Hm, well' },
      { type: 'text', text: 'Hello' },
    ])
  })

  it('gives a signature in a part without words to the text before it', () => {
    expect(blocksOf(chunk([{ text: 'Hello' }]), chunk([{ text: '', thoughtSignature: 'c2ln' }]), chunk([{ text: 'again' }]), done)).toEqual([
      { type: 'text', text: 'Hello', sealed: { issuer: 'gemini', value: 'c2ln' } },
      { type: 'text', text: 'again' },
    ])
  })

  it('gives a signature by itself a block of its own', () => {
    expect(blocksOf(chunk([{ text: 'Hm', thought: true }]), chunk([{ text: '', thoughtSignature: 'c2ln' }]), done)).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: '', sealed: { issuer: 'gemini', value: 'c2ln' } },
    ])
  })

  it('keeps the order of texts and calls, and ends with calls', () => {
    const reply = accumulate(
      decodeStream(
        chunk([{ text: 'a' }, { functionCall: { name: 'f', args: { b: 1 } } }]),
        chunk([{ functionCall: { name: 'f', id: 'own' } }, { text: 'c' }]),
        done,
      ),
    )
    expect(reply.candidates[0]).toMatchObject({
      blocks: [
        { type: 'text', text: 'a' },
        { type: 'tool-call', name: 'f', argumentsText: '{"b":1}' },
        { type: 'tool-call', id: 'own', argumentsText: '{}' },
        { type: 'text', text: 'c' },
      ],
      finish: { reason: 'tool-calls', raw: 'STOP' },
    })
  })

  it('puts a call together that comes in pieces', () => {
    const piece = (functionCall: object, beside: object = {}) => chunk([{ functionCall: functionCall as never, ...beside }])
    const blocks = blocksOf(
      piece({ name: 'f', willContinue: true }, { thoughtSignature: 'c2ln' }),
      piece({ partialArgs: [{ jsonPath: '$.a', numberValue: 50 }], willContinue: true }),
      piece({ partialArgs: [{ jsonPath: '$.b[1].c', stringValue: 'wa', willContinue: true }], willContinue: true }),
      piece({ partialArgs: [{ jsonPath: '$.b[1].c', stringValue: 'rm' }], willContinue: true }),
      piece({
        partialArgs: [
          { jsonPath: "$['x.y']", nullValue: 'NULL_VALUE' },
          { jsonPath: '$.__proto__', boolValue: true },
        ],
        willContinue: true,
      }),
      piece({}),
      chunk([{ functionCall: { name: 'g', args: {} } }]),
      done,
    )
    expect(blocks).toMatchObject([
      { name: 'f', argumentsText: '{"a":50,"b":[null,{"c":"warm"}],"x.y":null,"__proto__":true}', sealed: { value: 'c2ln' } },
      { name: 'g', argumentsText: '{}' },
    ])
  })

  it('makes ids of calls that have none from the reply’s, so that no two replies share them', () => {
    const ids = (responseId: string) =>
      (blocksOf(chunk([{ functionCall: { name: 'f' } }, { functionCall: { name: 'f' } }], { finishReason: 'STOP' }, { responseId })) ?? []).map((block) =>
        block.type === 'tool-call' ? block.id : '',
      )
    expect(new Set([...ids('one'), ...ids('two')]).size).toBe(4)
    expect(ids('one')).toEqual(ids('one'))
  })

  it('counts the usage that came last', () => {
    const usage = (usageMetadata: object) => chunk([{ text: 'a' }], {}, { usageMetadata: usageMetadata as never })
    const reply = accumulate(
      decodeStream(
        usage({ trafficType: 'ON_DEMAND' }),
        usage({ promptTokenCount: 9, cachedContentTokenCount: 4, totalTokenCount: 9 }),
        chunk([{ text: 'b' }], { finishReason: 'STOP' }, { usageMetadata: {} }),
        { usageMetadata: { promptTokenCount: 9, toolUsePromptTokenCount: 2, candidatesTokenCount: 3, thoughtsTokenCount: 5, totalTokenCount: 19 } },
      ),
    )
    expect(reply.usage).toMatchObject({ inputUncached: 7, cacheRead: 4, output: 8, reasoning: 5, source: 'measured' })
  })

  it('tells sources with the words that rest on them, at the end', () => {
    const [text, call] = blocksOf(
      chunk([{ text: 'Zürich is' }], { groundingMetadata: {} }),
      chunk([{ text: ' large.' }]),
      chunk([{ functionCall: { name: 'f' } }]),
      chunk([{ text: '' }], {
        finishReason: 'STOP',
        groundingMetadata: {
          groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }, { retrievedContext: { title: 'B', text: 'words' } }],
          groundingSupports: [{ segment: { startIndex: 8, endIndex: 16, text: 'is large' }, groundingChunkIndices: [0] }],
          webSearchQueries: ['size'],
        },
      }),
    ) as [never, never]
    expect(text).toMatchObject({
      text: 'Zürich is large.',
      annotations: [
        { protocol: 'gemini', citation: { url: 'https://a.example', title: 'A', start: 7, end: 15 } },
        { protocol: 'gemini', citation: { title: 'B', quote: 'words' } },
      ],
    })
    expect(call).toMatchObject({ type: 'tool-call' })
  })

  it('puts log probabilities together', () => {
    const token = (name: string) => ({ chosenCandidates: [{ token: name, logProbability: -0.5 }], topCandidates: [{ candidates: [{ token: 'z' }] }] })
    const [candidate] = accumulate(
      decodeStream(chunk([{ text: 'a' }], { logprobsResult: token('a') }), chunk([{ text: 'b' }], { logprobsResult: token('b'), finishReason: 'STOP' })),
    ).candidates
    expect(candidate?.tokens).toEqual(['a', 'b'].map((name) => ({ token: name, logprob: -0.5, top: [{ token: 'z', logprob: 0 }] })))
    expect(candidate?.logprobs).toMatchObject({ chosenCandidates: [{ token: 'a' }, { token: 'b' }] })
  })

  it('keeps several candidates apart', () => {
    const candidate = (index: number, text: string, rest: object = {}) => ({ content: { parts: [{ text }], role: 'model' }, index, ...rest })
    const reply = accumulate(
      decodeStream(
        { candidates: [candidate(0, 'a'), candidate(1, 'b')] as never },
        { candidates: [candidate(1, 'B', { finishReason: 'MAX_TOKENS' })] as never },
        { candidates: [candidate(0, 'A', { finishReason: 'STOP' })] as never },
      ),
    )
    expect(reply.candidates).toMatchObject([
      { blocks: [{ text: 'aA' }], finish: { raw: 'STOP' } },
      { blocks: [{ text: 'bB' }], finish: { raw: 'MAX_TOKENS' } },
    ])
  })

  it('has what only a later chunk said of it, as if it had come whole', () => {
    const reply = accumulate(decodeStream(chunk([{ text: 'a' }], {}, { first: 1 }), chunk([{ text: 'b' }], { finishReason: 'STOP' }, { late: { a: 1 } })))
    expect(reply.ext).toEqual({ gemini: { first: 1, late: { a: 1 }, $wire: { native: true } } })
    const again = decodePieces([Buffer.from(encodeEvents(decodeStream(chunk([{ text: 'a' }]), chunk([], { finishReason: 'STOP' }, { late: 1 }))))])
    expect(accumulate(again).ext).toMatchObject({ gemini: { late: 1 } })
  })

  it('is read in snake_case too, as a whole reply is', () => {
    const snake = {
      candidates: [{ content: { parts: [{ text: 'a' }] }, finish_reason: 'STOP' }],
      usage_metadata: { promptTokenCount: 3 },
      response_id: 'r',
      model_version: 'm',
    }
    expect(accumulate(decodeStream(snake))).toMatchObject({ id: 'r', model: 'm', usage: { inputUncached: 3 }, candidates: [{ finish: { raw: 'STOP' } }] })
  })

  it('goes on while its end is not specified', () => {
    for (const nothing of ['FINISH_REASON_UNSPECIFIED', 0, '']) {
      const begun = chunk([{ text: 'a' }], { finishReason: nothing })
      const reply = accumulate(decodeStream(begun, chunk([{ text: 'b' }], { finishReason: 'STOP' }), chunk([], { finishReason: nothing })))
      expect(reply.candidates).toMatchObject([{ blocks: [{ text: 'ab' }], finish: { reason: 'stop', raw: 'STOP' } }])
      expect(last(decodeStream(begun))).toMatchObject({ type: 'error', error: { code: 'TKL_UPSTREAM_CUT' } })
    }
  })

  it('ends with the word for a number', () => {
    const finish = (finishReason: number) => accumulate(decodeStream(chunk([{ text: 'a' }], { finishReason }))).candidates[0]?.finish
    expect([1, 2, 10, 17, 99].map((number) => finish(number))).toEqual([
      { reason: 'stop', raw: 'STOP' },
      { reason: 'length', raw: 'MAX_TOKENS' },
      { reason: 'error', raw: 'MALFORMED_FUNCTION_CALL' },
      { reason: 'content-filter', raw: 'IMAGE_RECITATION' },
      { reason: 'other', raw: '99' },
    ])
  })

  it('ends as filtered when the prompt was blocked', () => {
    expect(accumulate(decodeStream({ promptFeedback: { blockReason: 1 } })).candidates[0]?.finish).toEqual({ reason: 'content-filter', raw: '1' })
    const events = decodeStream({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 } })
    expect(accumulate(events)).toMatchObject({ candidates: [{ blocks: [], finish: { reason: 'content-filter', raw: 'PROHIBITED_CONTENT' } }] })
    expect(last(events)).toEqual({ type: 'reply-end' })
  })
})

describe('a stream that fails', () => {
  const error = { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' }
  const expected = { type: 'error', error: { status: 503, kind: 'overloaded', message: 'The model is overloaded.', vendorType: 'UNAVAILABLE' } }

  it('ends with the vendor’s error, as an event, as bare JSON, or in an array', () => {
    const begun = sse(chunk([{ text: 'a' }]))
    for (const text of [
      `data: ${JSON.stringify({ error })}\r\n\r\n`,
      `${JSON.stringify({ error }, null, 2)}\r\n\r\n`,
      JSON.stringify({ error }, null, 2),
      JSON.stringify([{ error }], null, 2),
    ])
      expect(last(decodePieces([Buffer.concat([begun, Buffer.from(text)])]))).toEqual(expected)
  })

  it('is cut when no finish reason came, whatever else did', () => {
    const ratings = { promptFeedback: { safetyRatings: [{ category: 'HARM_CATEGORY_HARASSMENT', probability: 'NEGLIGIBLE' }] } }
    for (const chunks of [[], [chunk([{ text: 'a' }])], [{ usageMetadata: { promptTokenCount: 1 } }], [ratings]])
      expect(last(decodeStream(...(chunks as never[])))).toMatchObject({ type: 'error', error: { code: 'TKL_UPSTREAM_CUT', status: 502, kind: 'upstream' } })
  })

  it('is malformed when a chunk is not what the protocol says', () => {
    const deep = `${'[{"a":'.repeat(20_000)}1${'}]'.repeat(20_000)}`
    for (const bad of [
      'no JSON',
      '7',
      '{"candidates":[7]}',
      '{"candidates":[{"content":{"parts":[7]}}]}',
      `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":${deep}}}}]}}]}`,
    ])
      expect(last(decodeStream(bad))).toMatchObject({ type: 'error', error: { code: 'TKL_UPSTREAM_MALFORMED', status: 502 } })
  })

  it('says nothing more behind its error', () => {
    expect(decodeStream({ error }, done)).toHaveLength(1)
  })
})
