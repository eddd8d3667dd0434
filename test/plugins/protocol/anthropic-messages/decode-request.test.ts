import { readFileSync } from 'node:fs'
import { GatewayError, LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { decodeRequest, encodeRequest, protocol, protocolId } from './subject.ts'

function fixture(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../../../fixtures/anthropic-messages/${name}.request.json`, import.meta.url), 'utf8')) as Record<string, unknown>
}

const agent = fixture('coding-agent')
const everyForm = fixture('every-form')

function refusal(body: unknown): GatewayError {
  try {
    decodeRequest(body)
  } catch (error) {
    if (GatewayError.is(error)) return error
    throw error
  }
  throw new Error('The request was taken.')
}

describe('a request that goes back to the same protocol', () => {
  it.each([
    ['a coding agent’s', agent],
    ['one with every form there is', everyForm],
    ['one without thinking but with an effort', { model: 'm', messages: [], output_config: { effort: 'low' } }],
    ['one with the older place of the output format', { model: 'm', messages: [], output_format: { type: 'json_schema', schema: { type: 'object' } } }],
    ['one with both places of the output format', { ...everyForm, output_format: { type: 'json_schema', schema: {} } }],
    ['one with an unknown output format', { model: 'm', messages: [], output_config: { format: { type: 'novel' } } }],
    ['one with an unknown kind of thinking', { model: 'm', messages: [], thinking: { type: 'between_tools' }, output_config: { effort: 'low' } }],
    ['one with thinking switched off', { model: 'm', messages: [], thinking: { type: 'disabled' }, temperature: 1 }],
    ['one that spells out what is empty', { model: 'm', messages: [], tools: [], metadata: {}, stop_sequences: [], output_config: {}, system: [] }],
    [
      'one full of nulls',
      { model: 'm', messages: [], system: null, tools: null, tool_choice: null, thinking: null, metadata: null, service_tier: null, top_k: null },
    ],
    ['one with an unknown tool choice', { model: 'm', messages: [], tool_choice: { type: 'novel', disable_parallel_tool_use: true } }],
    ['one that forbids tools', { model: 'm', messages: [], tool_choice: { type: 'none' } }],
    ['a count of tokens, which has no limit', { model: 'm', messages: [{ role: 'user', content: 'hi' }], tools: [] }],
  ])('writes %s back as it stood, without a loss', (_name, body) => {
    const { body: written, losses } = encodeRequest(decodeRequest(body))
    expect(written).toEqual(body)
    expect(losses).toEqual([])
  })

  it('keeps a member called __proto__ as a member', () => {
    const body = JSON.parse('{"model":"m","messages":[{"role":"user","content":"x","__proto__":{"a":1}}],"__proto__":{"polluted":true}}')
    const written = JSON.stringify(encodeRequest(decodeRequest(body)).body)
    expect(JSON.parse(written)).toEqual(body)
    expect(written).toContain('"__proto__":{"polluted":true}')
    expect({}).not.toHaveProperty('polluted')
  })
})

describe('what the neutral form knows of a coding agent’s request', () => {
  const conversation = decodeRequest(agent)

  it('keeps system turns where they stood, with their own fields', () => {
    expect(conversation.turns.map(({ role, form }) => `${role} ${form}`)).toEqual([
      'user blocks',
      'system text',
      'assistant blocks',
      'user blocks',
      'system blocks',
    ])
    expect(conversation.turns[1]?.ext).toEqual({ [protocolId]: { output_config: { effort: 'high' } } })
    expect(conversation.instructions).toHaveLength(3)
  })

  it('keeps the order of thoughts, text and calls', () => {
    const blocks = conversation.turns[2]?.blocks ?? []
    expect(blocks.map(({ type }) => type)).toEqual(['reasoning', 'text', 'tool-call', 'tool-call'])
    expect(blocks[0]).toMatchObject({ text: '', sealed: { issuer: protocolId, value: 'EqQBCkYIARgC' } })
    expect(blocks[2]).toMatchObject({ id: 'toolu_01', argumentsText: '{"file_path":"/a.txt","limit":10}', executedBy: 'client' })
  })

  it('finds images in tool results, and keeps what has no neutral form whole', () => {
    const results = conversation.turns[3]?.blocks ?? []
    expect(results[0]).toMatchObject({
      type: 'tool-result',
      isError: false,
      content: [{ type: 'media', kind: 'image', mediaType: 'image/png' }, { type: 'text' }],
    })
    expect(results[1]).toMatchObject({ content: [{ type: 'foreign', kind: 'tool_reference' }] })
  })

  it('names what it can: limit, user, thinking, effort, parallel calls', () => {
    expect(conversation).toMatchObject({
      stream: true,
      maxOutputTokens: 128_000,
      parallelToolCalls: true,
      reasoning: { mode: 'adaptive', effort: 'high', display: 'updates' },
      user: '{"device_id":"d","account_uuid":"","session_id":"s"}',
    })
    expect(conversation.tools.map(({ type, name }) => `${type} ${name}`)).toEqual([
      'function Read',
      'function DeferredToolPlaceholder',
      'function Edit',
      'foreign web_search',
    ])
    expect(conversation.ext?.[protocolId]).toHaveProperty('context_management')
  })

  it('leaves nothing behind that asks another protocol for something the caller did not ask for', () => {
    const spelledOut = decodeRequest({ model: 'm', messages: [], stream: false, tools: [{ type: 'custom', name: 'f', input_schema: {} }] })
    expect(Object.keys(spelledOut.ext?.[protocolId] ?? {}).filter((field) => !field.startsWith('$'))).toEqual([])
    expect(Object.keys(spelledOut.tools[0]?.type === 'function' ? (spelledOut.tools[0].ext?.[protocolId] ?? {}) : {})).toEqual(['$wire'])
  })
})

describe('a request of the wrong shape', () => {
  const user = { role: 'user', content: 'x' }
  it.each<[string, object]>([
    ['messages', { messages: {} }],
    ['messages', {}],
    ['messages[0]', { messages: ['x'] }],
    ['messages[1].role', { messages: [user, { role: 'tool', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'user' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: null }] }],
    ['messages[2].content[0].type', { messages: [user, user, { role: 'user', content: [{ type: 3 }] }] }],
    ['messages[0].content[1]', { messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }, null] }] }],
    ['messages[0].content[0].text', { messages: [{ role: 'user', content: [{ type: 'text' }] }] }],
    ['messages[0].content[0].source.data', { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64' } }] }] }],
    ['messages[0].content[0].input', { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: '{}' }] }] }],
    ['messages[0].content[0].content', { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 3 }] }] }],
    ['messages[0].content[0].is_error', { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', is_error: 'no' }] }] }],
    ['system', { messages: [], system: 4 }],
    ['system[0].text', { messages: [], system: [{ type: 'text', text: 4 }] }],
    ['max_tokens', { messages: [], max_tokens: '10' }],
    ['max_tokens', { messages: [], max_tokens: 1.5 }],
    ['temperature', { messages: [], temperature: 'hot' }],
    ['stop_sequences[0]', { messages: [], stop_sequences: [1] }],
    ['tools[0].input_schema', { messages: [], tools: [{ name: 'f' }] }],
    ['tools[0]', { messages: [], tools: [null] }],
    ['tool_choice.type', { messages: [], tool_choice: {} }],
    ['thinking.budget_tokens', { messages: [], thinking: { type: 'enabled', budget_tokens: 'many' } }],
    ['output_config.format.schema', { messages: [], output_config: { format: { type: 'json_schema' } } }],
    ['metadata.user_id', { messages: [], metadata: { user_id: 5 } }],
  ])('is refused with the field %s named', (param, fields) => {
    const { code, status, options, message } = refusal({ model: 'm', ...fields })
    expect({ code, status, param: options.param }).toEqual({ code: 'TKL_REQUEST_INVALID', status: 400, param })
    expect(message).toContain(param)
  })
})

describe('a request of a server-side thread', () => {
  it('is refused in the words that make the official client send the whole conversation', () => {
    const error = refusal({ model: 'm', messages: [], thread: { type: 'continue', previous_message_id: 'msg_1' } })
    expect(protocol.encodeError(error.toWire(), 'req_1')).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] } },
      request_id: 'req_1',
    })
    expect(error.status).toBe(400)
  })
})

describe('a conversation of this protocol that a plugin changed', () => {
  it('is written with the change, and says what the protocol cannot hold', () => {
    const decoded = decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], tools: [], stream: false })
    const losses = new LossSink()
    const changed = { ...decoded, stream: true, sampling: { seed: 1 }, tools: [{ type: 'function' as const, name: 'f' }] }
    expect(protocol.encodeRequest(changed, { losses, facts: {} })).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }],
      stream: true,
    })
    expect(losses.losses).toMatchObject([{ path: 'seed', severity: 'hint' }])
  })
})
