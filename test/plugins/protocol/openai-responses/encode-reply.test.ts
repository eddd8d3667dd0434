import { type Finish, type JsonObject, LossSink, type Reply, type Usage } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { checkOpenaiResponse } from '../../../support/openai-response-rules.ts'
import { plain, protocol, replyOptions, responseOf } from './subject.ts'

function answer(reply: Partial<Reply> & { readonly finish?: Finish }, request: JsonObject = {}) {
  const losses = new LossSink()
  const { finish = { reason: 'stop' }, ...fields } = reply
  const usage: Usage = { inputUncached: 3, output: 2, source: 'measured' }
  const whole: Reply = { candidates: [{ blocks: [{ type: 'text', text: 'Hi' }], finish }], usage, created: 1_700_000_000, ...fields }
  const response = plain(protocol.encodeReply(whole, replyOptions(request, losses))) as JsonObject
  return { response, lost: losses.losses.map(({ path, feature, action, severity }) => `${path} ${feature} ${action} ${severity}`) }
}

describe('a reply of another vendor', () => {
  it('has all members of a response, with the documented defaults', () => {
    const { response, lost } = answer({ id: 'msg_other', model: 'other-model' })
    expect(checkOpenaiResponse(response)).toEqual([])
    expect(response).toMatchObject({
      id: 'resp_0190a000000070008000000000000000',
      object: 'response',
      created_at: 1_700_000_000,
      model: 'other-model',
      status: 'completed',
      parallel_tool_calls: true,
      tool_choice: 'auto',
      tools: [],
      text: { format: { type: 'text' } },
      store: false,
      error: null,
      incomplete_details: null,
      previous_response_id: null,
    })
    expect(lost).toEqual([])
  })

  it('has whole usage, although another vendor names its figures alike', () => {
    const { response } = answer({ usage: { inputUncached: 17, output: 171, source: 'measured', raw: { input_tokens: 17, output_tokens: 171 } } })
    expect(checkOpenaiResponse(response)).toEqual([])
    expect(response.usage).toMatchObject({ input_tokens: 17, output_tokens: 171, total_tokens: 188 })
  })

  it('repeats what the caller asked for, as it was spelled', () => {
    const asked = {
      instructions: 'Be brief.',
      max_output_tokens: 64,
      metadata: { team: 'a' },
      parallel_tool_calls: false,
      prompt_cache_key: 'key',
      reasoning: { effort: 'low' },
      temperature: 0.2,
      text: { verbosity: 'low' },
      tool_choice: { type: 'function', name: 'look' },
      tools: [
        { type: 'function', name: 'look', parameters: { type: 'object', properties: {} }, strict: null },
        { type: 'namespace', name: 'eyes', description: 'See.', tools: [{ type: 'function', name: 'see', parameters: {} }] },
        { type: 'custom', name: 'patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
      ],
      top_p: 0.9,
      truncation: 'auto',
    }
    expect(answer({}, asked).response).toMatchObject({
      ...asked,
      reasoning: { effort: 'low', summary: null },
      text: { verbosity: 'low', format: { type: 'text' } },
    })
  })

  it.each([
    [{ reason: 'length' }, 'incomplete', 'max_output_tokens', []],
    [{ reason: 'content-filter' }, 'incomplete', 'content_filter', []],
    [{ reason: 'refusal' }, 'incomplete', 'content_filter', []],
    [{ reason: 'context', raw: 'model_length' }, 'incomplete', 'max_output_tokens', ['status finish-reason approximated hint']],
    [{ reason: 'tool-calls' }, 'completed', undefined, []],
    [{ reason: 'stop-sequence', stopSequence: 'END' }, 'completed', undefined, ['stop_sequence stop-sequence dropped hint']],
    [{ reason: 'pause', raw: 'pause_turn' }, 'completed', undefined, ['status finish-reason approximated hint']],
  ] as const)('that finishes with %j is %s', (finish, status, reason, expected) => {
    const { response, lost } = answer({ finish })
    expect(response).toMatchObject({ status, incomplete_details: reason === undefined ? null : { reason } })
    expect(lost).toEqual(expected)
  })

  it('tells usage in the vendor’s sums, and says so when it is made up', () => {
    const usage: Usage = { inputUncached: 5, cacheRead: 4, cacheWrite: 1, output: 6, reasoning: 2, source: 'measured', raw: { novel: 1 } }
    expect(answer({ usage }).response.usage).toEqual({
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 1 },
      output_tokens: 6,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 16,
    })
    const { response, lost } = answer({ usage: { output: 2, source: 'measured' } })
    expect(response.usage).toMatchObject({ input_tokens: 7, output_tokens: 2, total_tokens: 9 })
    expect(lost).toEqual(['usage.input_tokens usage invented hint'])
  })

  it('has one alternative, and a tier that the vendor has', () => {
    const candidate = { blocks: [], finish: { reason: 'stop' } } as const
    const { response, lost } = answer({ candidates: [candidate, candidate], serviceTier: 'batch' })
    expect(response.service_tier).toBe('default')
    expect(lost).toEqual(['candidates candidates dropped semantic', 'service_tier service-tier dropped hint'])
  })

  it('puts log probabilities to the texts that they are for', () => {
    const tokens = [
      { token: 'Hi', logprob: -1, bytes: [72, 105] },
      { token: 'you', logprob: -2, top: [{ token: 'me', logprob: -3 }] },
    ]
    const blocks = [
      { type: 'text', text: 'Hi' },
      { type: 'text', text: 'you' },
    ] as const
    const { response, lost } = answer({ candidates: [{ blocks, finish: { reason: 'stop' }, logprobs: {}, tokens }] })
    expect(response.output).toMatchObject([
      {
        content: [
          { text: 'Hi', logprobs: [{ token: 'Hi', bytes: [72, 105], logprob: -1, top_logprobs: [] }] },
          { text: 'you', logprobs: [{ token: 'you', logprob: -2, top_logprobs: [{ token: 'me', bytes: [109, 101], logprob: -3 }] }] },
        ],
      },
    ])
    expect(lost).toEqual([])
  })
})

describe('a response of the vendor', () => {
  it('throws its own error when it failed', () => {
    const failed = responseOf([], { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow.' } })
    expect(() => protocol.decodeReply(failed)).toThrow(expect.objectContaining({ status: 429, message: 'Slow.' }))
    expect(protocol.summarize(failed)).toMatchObject({ complete: false, error: { status: 429, kind: 'rate-limit' } })
  })

  it.each([[null], [[]], [{ output: 5 }], [{ output: [{ type: 'message', content: [{ type: 'output_text' }] }] }]])('is malformed as %j', (body) => {
    expect(() => protocol.decodeReply(body)).toThrow(expect.objectContaining({ code: 'TKL_UPSTREAM_MALFORMED' }))
    expect(protocol.summarize(body).complete).toBe(Array.isArray(Object(body).output))
  })

  it('finishes with calls, with a refusal or with neither', () => {
    const call = { type: 'function_call', call_id: 'c', name: 'n', arguments: '{}' }
    const refused = { type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] }
    const search = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } }
    const finishOf = (...output: readonly JsonObject[]) => protocol.decodeReply(responseOf(output)).candidates[0]?.finish.reason
    expect([finishOf(call), finishOf(refused), finishOf(search)]).toEqual(['tool-calls', 'refusal', 'stop'])
  })

  it('reports to another caller only what it really loses', () => {
    const echoed = { instructions: 'x', tools: [{ type: 'function', name: 'n' }], temperature: 1, metadata: { a: 'b' }, billing: { payer: 'developer' } }
    const { ext } = protocol.decodeReply(responseOf([], { ...echoed, status: 'completed', completed_at: 5, moderation: { flagged: true } }))
    const fields = Object.keys(ext?.['openai-responses'] ?? {}).filter((field) => !field.startsWith('$'))
    expect(fields).toEqual(['moderation'])
  })
})
