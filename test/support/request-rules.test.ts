import { describe, expect, it } from 'vitest'
import { refuseMessagesRequest } from './anthropic-messages-request-rules.ts'
import { refuseChatRequest } from './openai-chat-request-rules.ts'
import { recordings } from './recordings.ts'

const user = { role: 'user', content: 'Hi' }

describe('refuseChatRequest', () => {
  const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })
  const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }]
  const chat = (messages: unknown, more: object = {}) => refuseChatRequest({ model: 'm', messages, ...more })

  it('accepts what the vendor accepted', () => {
    const refused = recordings('openai-chat').filter(({ request, status }) => request && status === 200 && refuseChatRequest(request) !== undefined)
    expect(refused.map(({ id, request }) => `${id}: ${refuseChatRequest(request)}`)).toEqual([])
  })

  it('accepts a round of two tool calls', () => {
    const round = [
      user,
      { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] },
      { role: 'tool', tool_call_id: 'b', content: '2' },
      { role: 'tool', tool_call_id: 'a', content: '1' },
    ]
    expect(chat(round, { tools, tool_choice: 'auto', parallel_tool_calls: false })).toBeUndefined()
  })

  it.each<[unknown, object, RegExp]>([
    [[], {}, /messages/],
    [[user], { system: 'x' }, /Unrecognized request argument supplied: system/],
    [[user], { model: '' }, /model/],
    [[{ ...user, cache_control: {} }], {}, /Unknown parameter: 'messages\[0\]\.cache_control'/],
    [[{ role: 'human', content: 'Hi' }], {}, /Invalid value: 'human'/],
    [[{ role: 'user', content: null }], {}, /'content'/],
    [[{ role: 'user', content: [] }], {}, /empty array/],
    [[{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://x' } }] }], {}, /image_url/],
    [[{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'AAAA' } }] }], {}, /image_url\.url/],
    [[user, { role: 'assistant', content: null }], {}, /'content'/],
    [[user, { role: 'assistant', content: 'x', tool_calls: [] }], {}, /tool_calls/],
    [[user, { role: 'assistant', tool_calls: [{ ...call('a'), id: '' }] }], {}, /\.id/],
    [[user, { role: 'assistant', tool_calls: [{ ...call('a'), function: { name: 'f', arguments: {} } }] }], {}, /string of arguments/],
    [[user, { role: 'assistant', tool_calls: [call('a')] }], {}, /did not have response messages: a/],
    [[user, { role: 'assistant', tool_calls: [call('a')] }, user], {}, /did not have response messages: a/],
    [[user, { role: 'tool', tool_call_id: 'a', content: 'x' }], {}, /must be a response/],
    [[user, { role: 'assistant', tool_calls: [call('a')] }, { role: 'tool', tool_call_id: 'b', content: 'x' }], {}, /must be a response/],
    [[user, { role: 'tool', content: 'x' }], {}, /tool_call_id/],
    [[user], { tool_choice: 'auto' }, /only allowed when 'tools'/],
    [[user], { parallel_tool_calls: true }, /only allowed when 'tools'/],
    [[user], { tools: [] }, /'tools': empty array/],
    [[user], { tools: [{ type: 'function', function: { name: 'a b' } }] }, /does not match pattern/],
    [[user], { tools: [{ name: 'f', input_schema: {} }] }, /tools\[0\]\.type/],
    [[user], { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] }, /type: "object"/],
    [[user], { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', anyOf: [] } } }] }, /at the top level/],
    [[user], { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { a: { type: 'array' } } } } }] }, /missing items/],
    [[user], { tools, tool_choice: { type: 'function', function: { name: 'g' } } }, /not found in 'tools'/],
    [[user], { tools, tool_choice: 'any' }, /'any'/],
    [[user], { stream_options: { include_usage: true } }, /only allowed when 'stream'/],
    [[user], { stop: ['1', '2', '3', '4', '5'] }, /'stop'/],
    [[user], { temperature: 3 }, /temperature/],
    [[user], { max_tokens: 1, max_completion_tokens: 1 }, /at the same time/],
    [[user], { max_tokens: 0 }, /below minimum/],
  ])('refuses %j with %j', (messages, more, reason) => {
    expect(chat(messages, more)).toMatch(reason)
  })
})

describe('refuseMessagesRequest', () => {
  const use = (id: string) => ({ type: 'tool_use', id, name: 'f', input: {} })
  const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'x' })
  const tools = [{ name: 'f', input_schema: { type: 'object' } }]
  const marker = { cache_control: { type: 'ephemeral' } }
  const text = (words: string) => ({ type: 'text', text: words })
  const messages = (turns: unknown, more: object = {}) => refuseMessagesRequest({ model: 'm', max_tokens: 100, messages: turns, ...more })
  const says = (...content: unknown[]) => ({ role: 'assistant', content })
  const asks = (...content: unknown[]) => ({ role: 'user', content })

  it('accepts what the vendor accepted', () => {
    const refused = recordings('anthropic-messages').filter(({ request, status }) => request && status === 200 && refuseMessagesRequest(request) !== undefined)
    expect(refused.map(({ id, request }) => `${id}: ${refuseMessagesRequest(request)}`)).toEqual([])
  })

  it('accepts a round of two tool calls, also with the results in neighbouring turns', () => {
    expect(messages([user, says(text('x'), use('a'), use('b')), asks(result('b'), result('a'), text('go on'))], { tools })).toBeUndefined()
    expect(messages([user, says(use('a'), use('b')), asks(result('a')), asks(result('b'))], { tools })).toBeUndefined()
  })

  it.each<[unknown, object, RegExp]>([
    [[], {}, /at least one message/],
    [[user], { max_tokens: undefined }, /max_tokens/],
    [[user], { stop: ['x'] }, /stop: Extra inputs/],
    [[{ role: 'assistant', content: 'x' }], {}, /first message/],
    [[{ role: 'tool', content: 'x' }], {}, /role/],
    [[{ ...user, name: 'bob' }], {}, /name: Extra inputs/],
    [[{ role: 'user', content: ' ' }], {}, /non-empty content/],
    [[asks()], {}, /non-empty content/],
    [[asks(text(''))], {}, /must be non-empty/],
    [[asks(text(' \n'))], {}, /non-whitespace/],
    [[user], { system: [text('')] }, /system\.0/],
    [[user, { role: 'assistant', content: 'so ' }], {}, /trailing whitespace/],
    [[asks({ type: 'image_url', image_url: { url: 'https://x' } })], {}, /expected tags/],
    [[asks({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'data:image/png;base64,AA==' } })], {}, /base64/],
    [[asks({ type: 'image', source: { type: 'url', url: 'data:x' } })], {}, /HTTP/],
    [[user, says({ type: 'thinking', thinking: 'x' }, { type: 'text', text: 'y' })], {}, /signature/],
    [[user, says({ type: 'text', text: 'y' }, { type: 'thinking', thinking: 'x', signature: 's' })], {}, /final block/],
    [[user, says(use('call:1')), asks(result('call:1'))], {}, /should match pattern/],
    [[user, says({ ...use('a'), input: '{}' }), asks(result('a'))], {}, /valid dictionary/],
    [[user, says(use('a'))], {}, /without tool_result blocks immediately after: a/],
    [[user, says(use('a')), user], {}, /without tool_result blocks immediately after: a/],
    [[user, says(use('a')), asks(text('x'), result('a'))], {}, /must come first/],
    [[user, says(use('a')), asks(result('a'), result('a'))], {}, /single result/],
    [[asks(result('a'))], {}, /unexpected tool_use_id/],
    [[user, says(use('a')), asks(result('a')), says(use('a')), asks(result('a'))], {}, /ids must be unique/],
    [[user], { tools: [{ name: 'a.b', input_schema: { type: 'object' } }] }, /should match pattern/],
    [[user], { tools: [{ name: 'f', input_schema: {} }] }, /input_schema\.type/],
    [[user], { tools: [...tools, ...tools] }, /unique/],
    [[user], { tool_choice: { type: 'auto' } }, /while providing tools/],
    [[user], { tools, tool_choice: 'auto' }, /expected tags/],
    [[user], { tools, tool_choice: { type: 'tool', name: 'g' } }, /not found/],
    [[user], { thinking: { type: 'enabled', budget_tokens: 10 } }, /1024/],
    [[user], { thinking: { type: 'enabled', budget_tokens: 2000 } }, /greater than/],
    [[user], { max_tokens: 3000, thinking: { type: 'enabled', budget_tokens: 2000 }, temperature: 0.5 }, /temperature/],
    [[user], { max_tokens: 3000, thinking: { type: 'adaptive' }, tools, tool_choice: { type: 'any' } }, /forces tool use/],
    [
      [user, says(use('a')), asks(result('a'))],
      { tools, max_tokens: 3000, thinking: { type: 'enabled', budget_tokens: 2000 } },
      /must start with a thinking block/,
    ],
    [[user], { temperature: 1.5 }, /temperature/],
    [[user], { stop_sequences: [' '] }, /non-whitespace/],
    [[user], { metadata: { trace: 'x' } }, /metadata\.trace/],
    [[user, says({ type: 'thinking', thinking: 'x', signature: 's', ...marker }, text('y')), user], {}, /thinking\.cache_control: Extra inputs/],
    [[user], { tools: [{ ...tools[0], defer_loading: true, ...marker }] }, /both defer_loading/],
    [[user], { cache_control: { type: 'persistent' } }, /ephemeral/],
    [[asks(...Array.from({ length: 4 }, () => ({ ...text('x'), ...marker })))], marker, /maximum of 4 .* Found 5/],
  ])('refuses %j with %j', (turns, more, reason) => {
    expect(messages(turns, more)).toMatch(reason)
  })
})
