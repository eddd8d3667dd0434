import type { Block, Candidate, Finish, Json, Reply } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { protocol, replyOptions } from './subject.ts'

function encode(candidate: Partial<Candidate>, rest: Partial<Reply> = {}) {
  const options = replyOptions()
  const reply = protocol.encodeReply({ candidates: [{ blocks: [], finish: { reason: 'stop' }, ...candidate }], ...rest }, options) as Record<string, Json>
  const [choice] = reply.choices as [{ message: Record<string, Json>; finish_reason: string; logprobs: Json }]
  const lost = options.losses.losses.map(({ path, feature, action, severity }) => `${path} ${feature} ${action} ${severity}`)
  return { reply, choice, message: choice.message, lost }
}

const text = (value: string): Block => ({ type: 'text', text: value })
const call: Block = { type: 'tool-call', id: 'toolu_1', name: 'get', argumentsText: '', form: 'json', executedBy: 'client' }

describe('a reply of another protocol', () => {
  it('has the whole shape that the vendor’s own replies have', () => {
    const { reply } = encode({ blocks: [text('Hi')] }, { id: 'msg_1', model: 'other-1', usage: { inputUncached: 1, output: 1, source: 'measured' } })
    expect(reply).toEqual({
      id: 'chatcmpl-msg_1',
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'other-1',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi', refusal: null }, logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    })
  })

  it('gets an id and the model that was asked for where the provider named none', () => {
    expect(encode({}).reply).toMatchObject({ id: 'chatcmpl-0190a000-0000-7000-8000-000000000000', model: 'gpt-test' })
  })

  it('joins its texts, and writes thoughts and calls beside them', () => {
    const { message, lost } = encode({
      blocks: [{ type: 'reasoning', text: 'Hm.' }, text('I '), text('look.'), call],
      finish: { reason: 'tool-calls', raw: 'tool_use' },
    })
    expect(message).toEqual({
      role: 'assistant',
      content: 'I look.',
      refusal: null,
      reasoning_content: 'Hm.',
      tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'get', arguments: '{}' } }],
    })
    expect(lost).toEqual([])
  })

  it('reports what has no place', () => {
    const { message, lost } = encode({
      blocks: [
        { type: 'reasoning', text: 'Hm.', sealed: { issuer: 'other', value: 's' } },
        { type: 'reasoning', text: '', redacted: true },
        { type: 'foreign', protocol: 'other', kind: 'server_tool_use', value: {} },
        { type: 'media', kind: 'image', source: { type: 'url', url: 'u' } },
        { type: 'text', text: 'Hi', annotations: [{ protocol: 'other', value: {} }] },
      ],
      logprobs: { chosen: [] },
      ext: { other: { stop_details: { type: 'x' }, container: null } },
    })
    expect(message.content).toBe('Hi')
    expect(lost.sort()).toEqual(
      [
        'content[1] redacted-thinking dropped hint',
        'content[2] server-tool-use dropped semantic',
        'content[3] image dropped semantic',
        'content[4].citations citations dropped semantic',
        'logprobs logprobs dropped semantic',
        'stop_details stop-details dropped semantic',
      ].sort(),
    )
  })

  it.each<[Finish, Block[], string, string[]]>([
    [{ reason: 'stop' }, [], 'stop', []],
    [{ reason: 'stop-sequence', stopSequence: 'END' }, [], 'stop', ['stop_sequence stop-sequence dropped hint']],
    [{ reason: 'length' }, [], 'length', []],
    [{ reason: 'context' }, [], 'length', ['finish_reason finish-reason approximated hint']],
    [{ reason: 'tool-calls' }, [call], 'tool_calls', []],
    [{ reason: 'tool-calls' }, [], 'stop', ['finish_reason finish-reason approximated hint']],
    [{ reason: 'pause', raw: 'pause_turn' }, [], 'stop', ['finish_reason finish-reason approximated hint']],
    [{ reason: 'refusal' }, [], 'content_filter', []],
    [{ reason: 'refusal' }, [{ type: 'refusal', text: 'No.' }], 'stop', []],
    [{ reason: 'content-filter' }, [], 'content_filter', []],
    [{ reason: 'other', raw: 'strange' }, [call], 'tool_calls', ['finish_reason finish-reason approximated hint']],
  ])('that ends with %j', (finish, blocks, word, expected) => {
    const { choice, lost } = encode({ finish, blocks })
    expect(choice.finish_reason).toBe(word)
    expect(lost).toEqual(expected)
  })

  it('keeps a tier that the vendor has a word for', () => {
    expect(encode({}, { serviceTier: 'standard' }).reply.service_tier).toBe('default')
    expect(encode({}, { serviceTier: 'batch' })).toMatchObject({ lost: ['service_tier service-tier dropped hint'] })
  })
})
