import type { Json } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { protocol, replyOptions } from './subject.ts'

const head = { id: 'chatcmpl-1', object: 'chat.completion', created: 1_700_000_000, model: 'gpt-test' }

/** Decodes a reply, and expects it to be written back as it was. */
function read(reply: Json) {
  const options = replyOptions()
  const decoded = protocol.decodeReply(reply)
  expect(protocol.encodeReply(decoded, options)).toEqual(reply)
  expect(options.losses.losses).toEqual([])
  return decoded
}

function choice(message: object, rest: object = {}): Json {
  return { ...head, choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: 'stop', ...rest }] } as Json
}

describe('whole replies, each read and written back as they were', () => {
  it('read id, model, time, tier and what only this protocol has', () => {
    const reply = read({
      ...head,
      choices: [],
      service_tier: 'default',
      system_fingerprint: 'fp',
      usage: null,
      prompt_filter_results: [{ prompt_index: 0 }],
    })
    expect(reply).toMatchObject({ id: 'chatcmpl-1', model: 'gpt-test', created: 1_700_000_000, serviceTier: 'default' })
    expect(reply.ext?.['openai-chat']).toMatchObject({ system_fingerprint: 'fp', prompt_filter_results: [{ prompt_index: 0 }] })
  })

  it('read what hosts leave out or spell otherwise', () => {
    for (const reply of [
      { choices: [{ message: { content: 'x' } }] },
      { ...head, id: '', created: 0, object: 'chat.completion.chunk', model: null, choices: [] },
      { ...head, created: '2026-01-01', service_tier: null, choices: [{ index: 5, message: { role: null, content: '' }, finish_reason: null }] },
      { ...head, choices: [], usage: 'much' },
    ])
      read(reply as Json)
  })

  it.each<[string, Json, object]>([
    [
      'text',
      choice({ content: 'Hi', refusal: null, annotations: [] }, { logprobs: null }),
      { blocks: [{ type: 'text', text: 'Hi' }], finish: { reason: 'stop', raw: 'stop' } },
    ],
    ['a refusal', choice({ refusal: 'No.' }), { blocks: [{ type: 'refusal', text: 'No.' }], finish: { reason: 'refusal', raw: 'stop' } }],
    [
      'calls',
      choice(
        {
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x": 1}' } },
            { id: 'b', type: 'custom', custom: { name: 'g', input: 'raw' } },
          ],
        },
        { finish_reason: 'tool_calls' },
      ),
      {
        blocks: [
          { type: 'tool-call', id: 'a', argumentsText: '{"x": 1}', form: 'json' },
          { type: 'tool-call', id: 'b', argumentsText: 'raw', form: 'text' },
        ],
        finish: { reason: 'tool-calls', raw: 'tool_calls' },
      },
    ],
    [
      'a forced call, which ends with stop',
      choice({ tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }] }),
      { finish: { reason: 'tool-calls', raw: 'stop' } },
    ],
    [
      'the older call',
      choice({ function_call: { name: 'f', arguments: '{}' } }, { finish_reason: 'function_call' }),
      { blocks: [{ type: 'tool-call', name: 'f' }], finish: { reason: 'tool-calls' } },
    ],
    [
      'thoughts',
      choice({ content: 'Hi', reasoning_content: 'Hm.' }),
      {
        blocks: [
          { type: 'reasoning', text: 'Hm.' },
          { type: 'text', text: 'Hi' },
        ],
      },
    ],
    [
      'thoughts among the parts',
      choice({
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }], closed: true },
          { type: 'text', text: 'Hi' },
        ],
      }),
      {
        blocks: [
          { type: 'reasoning', text: 'Hm.' },
          { type: 'text', text: 'Hi' },
        ],
      },
    ],
    [
      'citations',
      choice({ content: 'Hi', annotations: [{ type: 'url_citation', url_citation: { url: 'u' } }] }),
      { blocks: [{ type: 'text', annotations: [{ protocol: 'openai-chat', value: { type: 'url_citation', url_citation: { url: 'u' } } }] }] },
    ],
    ['citations of no text', choice({ annotations: [{ type: 'url_citation' }] }), { blocks: [] }],
    [
      'log probabilities',
      choice({ content: 'Hi' }, { logprobs: { content: [{ token: 'Hi' }], refusal: null } }),
      { logprobs: { content: [{ token: 'Hi' }], refusal: null } },
    ],
    [
      'verdicts on the content',
      choice({ content: 'Hi', audio: { id: 'a' } }, { content_filter_results: { hate: {} } }),
      { ext: { 'openai-chat': { content_filter_results: { hate: {} }, message: { audio: { id: 'a' } } } } },
    ],
    ['length', choice({}, { finish_reason: 'length' }), { finish: { reason: 'length', raw: 'length' } }],
    ['a content filter', choice({}, { finish_reason: 'content_filter' }), { finish: { reason: 'content-filter' } }],
    ['an unknown end', choice({}, { finish_reason: 'eos' }), { finish: { reason: 'other', raw: 'eos' } }],
  ])('read %s', (_, reply, candidate) => {
    expect(read(reply).candidates).toMatchObject([candidate])
  })

  it('read several choices in order', () => {
    const choices = ['a', 'b'].map((content, index) => ({ index, message: { role: 'assistant', content }, finish_reason: 'stop' }))
    expect(read({ ...head, choices }).candidates).toMatchObject([{ blocks: [{ text: 'a' }] }, { blocks: [{ text: 'b' }] }])
  })
})

describe('slips of compatible hosts', () => {
  it('gives a call without an id one of its own, and arguments that are an object their text', () => {
    const made = protocol.decodeReply(choice({ tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }, { function: { name: 'f' } }] }))
    const [first, second] = made.candidates[0]?.blocks ?? []
    expect(first).toMatchObject({ type: 'tool-call', argumentsText: '{"a":1}' })
    expect(second).toMatchObject({ type: 'tool-call', argumentsText: '' })
    expect(first?.type === 'tool-call' && second?.type === 'tool-call' && first.id !== second.id && first.id.startsWith('call_')).toBe(true)
  })

  it.each<[Json, object]>([
    ['nothing', { code: 'TKL_UPSTREAM_MALFORMED', status: 502 }],
    [[], { code: 'TKL_UPSTREAM_MALFORMED' }],
    [{}, { code: 'TKL_UPSTREAM_MALFORMED' }],
    [{ choices: {} }, { code: 'TKL_UPSTREAM_MALFORMED' }],
    [{ choices: [1] }, { code: 'TKL_UPSTREAM_MALFORMED' }],
    [{ choices: [{ message: 'hi' }] }, { code: 'TKL_UPSTREAM_MALFORMED' }],
    [{ choices: [{ message: { content: 4 } }] }, { code: 'TKL_UPSTREAM_MALFORMED' }],
    [
      { error: { message: 'Slow down', type: 'rate_limit_error', code: 429 } },
      { code: 'TKL_UPSTREAM_ERROR', status: 429, kind: 'rate-limit', message: 'Slow down' },
    ],
  ])('refuses %j', (body, expected) => {
    expect(() => protocol.decodeReply(body)).toThrowError(expect.objectContaining(expected))
  })
})

describe('summarize', () => {
  it('reads what the ledger needs, and never throws', () => {
    const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }
    expect(protocol.summarize({ ...head, choices: [{ finish_reason: 'length' }], usage })).toEqual({
      id: 'chatcmpl-1',
      model: 'gpt-test',
      finish: 'length',
      usage: { inputUncached: 5, output: 2, source: 'measured', raw: usage },
      complete: true,
      contentEvents: 1,
    })
    expect(protocol.summarize({ error: { message: 'No', code: 503 } })).toMatchObject({ complete: false, error: { status: 503, message: 'No' } })
    for (const odd of [null, 'x', [], { choices: 4 }, { choices: [null], usage: [] }]) expect(protocol.summarize(odd).usage).toBeUndefined()
  })
})
