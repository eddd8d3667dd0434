import { describe, expect, it } from 'vitest'
import { call, decodeRequest, protocol, roundTrip } from './subject.ts'

function read(fields: Record<string, unknown>) {
  const body = { model: 'gpt-test', messages: [{ role: 'user', content: 'Hello' }], ...fields }
  expect(roundTrip(body)).toEqual({ again: body, losses: [] })
  return decodeRequest(body)
}

describe('request fields, each read and written back as it was', () => {
  it.each([
    [{ max_tokens: 9 }, { maxOutputTokens: 9 }],
    [{ max_completion_tokens: 9 }, { maxOutputTokens: 9 }],
    [{ max_completion_tokens: 9, max_tokens: 8 }, { maxOutputTokens: 9 }],
    [{ stop: 'END' }, { stop: ['END'] }],
    [{ stop: ['a', 'b', 'c', 'd', 'e'] }, { stop: ['a', 'b', 'c', 'd', 'e'] }],
    [{ n: 2 }, { candidates: 2 }],
    [
      { temperature: 0, top_p: 0.5, top_k: 3, seed: 1, frequency_penalty: -1, presence_penalty: 1 },
      { sampling: { temperature: 0, topP: 0.5, topK: 3, seed: 1, frequencyPenalty: -1, presencePenalty: 1 } },
    ],
    [{ logprobs: true }, { logprobs: 0 }],
    [{ logprobs: true, top_logprobs: 0 }, { logprobs: 0 }],
    [{ logprobs: true, top_logprobs: 4 }, { logprobs: 4 }],
    [{ logprobs: true, top_logprobs: -1 }, { logprobs: -1 }],
    [{ response_format: { type: 'text' } }, { output: { type: 'text' } }],
    [{ response_format: { type: 'json_object' } }, { output: { type: 'json' } }],
    [
      { response_format: { type: 'json_schema', json_schema: { name: 'a', description: 'b', schema: { type: 'object' }, strict: true } } },
      { output: { type: 'schema', name: 'a', description: 'b', schema: { type: 'object' }, strict: true } },
    ],
    [
      { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: {}, strict: null, note: 1 } } },
      { output: { type: 'schema', name: 'a', schema: {} } },
    ],
    [{ response_format: { type: 'grammar', grammar: 'g' } }, { output: { type: 'foreign', protocol: 'openai-chat' } }],
    [{ reasoning_effort: 'none' }, { reasoning: { mode: 'off' } }],
    [{ reasoning_effort: 'xhigh' }, { reasoning: { mode: 'effort', effort: 'xhigh' } }],
    [
      { verbosity: 'low', service_tier: 'flex', user: 'u', metadata: { a: 1 } },
      { verbosity: 'low', serviceTier: 'flex', user: 'u', metadata: { a: 1 } },
    ],
    [{ stream: true }, { stream: true, includeUsage: false }],
    [
      { stream: true, stream_options: { include_usage: true } },
      { stream: true, includeUsage: true },
    ],
    [
      { stream: true, stream_options: { include_usage: false, include_obfuscation: false } },
      { stream: true, includeUsage: false },
    ],
    [{ parallel_tool_calls: false }, { parallelToolCalls: false }],
    [{ safety_identifier: 's', prompt_cache_key: 'k', anything: { new: [1] } }, { ext: { 'openai-chat': { safety_identifier: 's', anything: { new: [1] } } } }],
  ])('%j', (fields, expected) => {
    expect(read(fields)).toMatchObject(expected)
  })

  it('take null, false and empty lists for not set, and remember them', () => {
    const idle = {
      stream: false,
      stream_options: null,
      temperature: null,
      stop: null,
      tools: [],
      logprobs: false,
      top_logprobs: null,
      response_format: null,
      user: null,
      logit_bias: null,
    }
    const { ext, turns, ...conversation } = read(idle)
    expect(conversation).toEqual({ model: 'gpt-test', stream: false, instructions: [], instructionsForm: 'none', tools: [], sampling: {} })
    expect(Object.keys(ext?.['openai-chat'] ?? {})).toEqual(['$wire'])
    expect(turns).toHaveLength(1)
  })

  it('say nothing of usage when nothing is streamed', () => {
    expect(read({ stream: false }).includeUsage).toBeUndefined()
  })

  it('are written anew when somebody has changed the conversation since', () => {
    const conversation = decodeRequest({ model: 'm', messages: [], max_tokens: 5, stop: 'END', temperature: null, tool_choice: 'auto', stream: true })
    const changed = {
      ...conversation,
      maxOutputTokens: 6,
      stop: ['END', 'STOP'],
      sampling: { temperature: 1 },
      toolChoice: { type: 'none' },
      includeUsage: true,
    } as const
    expect(protocol.encodeRequest(changed, { losses: { report() {} } as never, facts: {} })).toEqual({
      model: 'm',
      messages: [],
      max_tokens: 6,
      stop: ['END', 'STOP'],
      temperature: 1,
      tool_choice: 'none',
      stream: true,
      stream_options: { include_usage: true },
    })
  })
})

describe('tools, each read and written back as they were', () => {
  const weather = { type: 'function', function: { name: 'weather', description: 'Tells it', parameters: { type: 'object' }, strict: true } }

  it('read functions, free-form tools and tools of compatible hosts', () => {
    const tools = [
      weather,
      { type: 'function', function: { name: 'now', strict: null }, cache_control: { type: 'ephemeral' } },
      { type: 'custom', custom: { name: 'patch', description: 'd', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'x' } } } },
      { type: 'web_search' },
    ]
    expect(read({ tools }).tools).toMatchObject([
      { type: 'function', name: 'weather', description: 'Tells it', parameters: { type: 'object' }, strict: true },
      { type: 'function', name: 'now', ext: { 'openai-chat': { cache_control: { type: 'ephemeral' } } } },
      { type: 'freeform', name: 'patch', format: { type: 'grammar' } },
      { type: 'foreign', protocol: 'openai-chat', kind: 'web_search' },
    ])
  })

  it('read the older functions and function_call', () => {
    const functions = [weather.function]
    expect(read({ functions, function_call: { name: 'weather' } })).toMatchObject({
      tools: [{ type: 'function', name: 'weather' }],
      toolChoice: { type: 'tool', name: 'weather' },
    })
    expect(read({ functions, function_call: 'none' }).toolChoice).toEqual({ type: 'none' })
  })

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
    ['any', { type: 'foreign', protocol: 'openai-chat', value: 'any' }],
    [
      { type: 'function', function: { name: 'weather' } },
      { type: 'tool', name: 'weather' },
    ],
    [
      { type: 'custom', custom: { name: 'patch' } },
      { type: 'tool', name: 'patch' },
    ],
    [
      { type: 'custom', custom: { name: 'not listed' } },
      { type: 'tool', name: 'not listed' },
    ],
    [
      {
        type: 'allowed_tools',
        allowed_tools: {
          mode: 'required',
          tools: [
            { type: 'function', function: { name: 'weather' } },
            { type: 'custom', custom: { name: 'patch' } },
          ],
        },
      },
      { type: 'allowed', mode: 'required', names: ['weather', 'patch'] },
    ],
    [
      { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'mcp', server_label: 'x' }] } },
      { type: 'foreign', protocol: 'openai-chat' },
    ],
  ])('read the choice %j', (tool_choice, expected) => {
    expect(read({ tools: [weather, { type: 'custom', custom: { name: 'patch' } }], tool_choice }).toolChoice).toMatchObject(expected)
  })
})

it('keeps a member called __proto__ as data, everywhere', () => {
  const text =
    '{"model":"m","__proto__":{"polluted":1},"messages":[{"role":"user","content":[{"type":"text","text":"a","__proto__":{"polluted":2}}],"__proto__":{"polluted":3}}],' +
    '"tools":[{"type":"function","function":{"name":"f","__proto__":{"polluted":4}},"__proto__":null}]}'
  const conversation = protocol.decodeRequest(JSON.parse(text), call(text))
  const again = protocol.encodeRequest(conversation, { losses: { report() {} } as never, facts: {} })
  expect(JSON.parse(JSON.stringify(again))).toEqual(JSON.parse(text))
  expect(JSON.stringify(again)).toContain('"polluted":4')
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
  expect((again as { polluted?: number }).polluted).toBeUndefined()
})
