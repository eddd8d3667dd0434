import { describe, expect, it } from 'vitest'
import { decodeRequest } from './subject.ts'

const user = { role: 'user', content: 'Hello' }

function message(fields: unknown) {
  return { messages: [user, fields] }
}

describe('a field of the wrong type is refused with its path', () => {
  it.each([
    ['model', { model: 1 }],
    ['messages', { messages: undefined }],
    ['messages', { messages: {} }],
    ['messages[1]', message('hello')],
    ['messages[1].role', message({ content: 'x' })],
    ['messages[1].role', message({ role: 'wizard', content: 'x' })],
    ['messages[1].content', message({ role: 'user' })],
    ['messages[1].content', message({ role: 'system', content: null })],
    ['messages[1].content', message({ role: 'user', content: 7 })],
    ['messages[1].content[0]', message({ role: 'user', content: ['x'] })],
    ['messages[1].content[0].type', message({ role: 'user', content: [{}] })],
    ['messages[1].content[0].type', message({ role: 'user', content: [{ type: 4 }] })],
    ['messages[1].content[0].text', message({ role: 'user', content: [{ type: 'text', text: null }] })],
    ['messages[1].content[1].image_url', message({ role: 'user', content: [{ type: 'text', text: '' }, { type: 'image_url' }] })],
    ['messages[1].content[0].image_url.url', message({ role: 'user', content: [{ type: 'image_url', image_url: {} }] })],
    ['messages[1].content[0].input_audio.format', message({ role: 'user', content: [{ type: 'input_audio', input_audio: { data: '' } }] })],
    ['messages[1].content[0].file', message({ role: 'user', content: [{ type: 'file', file: { filename: 'a' } }] })],
    ['messages[1].name', message({ role: 'user', content: 'x', name: 1 })],
    ['messages[1].tool_calls', message({ role: 'assistant', tool_calls: {} })],
    ['messages[1].tool_calls[0].id', message({ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '' } }] })],
    ['messages[1].tool_calls[0].function', message({ role: 'assistant', tool_calls: [{ id: 'c', type: 'function' }] })],
    ['messages[1].tool_calls[0].function.name', message({ role: 'assistant', tool_calls: [{ id: 'c', function: { arguments: '' } }] })],
    ['messages[1].tool_calls[0].function.arguments', message({ role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'f', arguments: {} } }] })],
    ['messages[1].tool_calls[0].custom.input', message({ role: 'assistant', tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'f' } }] })],
    ['messages[1].function_call.name', message({ role: 'assistant', function_call: { arguments: '' } })],
    ['messages[1].tool_call_id', message({ role: 'tool', content: 'x' })],
    ['messages[1].name', message({ role: 'function', content: 'x' })],
    ['tools', { tools: {} }],
    ['tools[0].type', { tools: [{ function: { name: 'f' } }] }],
    ['tools[0].function', { tools: [{ type: 'function' }] }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
    ['tools[0].function.parameters', { tools: [{ type: 'function', function: { name: 'f', parameters: 'x' } }] }],
    ['tools[0].custom.name', { tools: [{ type: 'custom', custom: {} }] }],
    ['functions[0].name', { functions: [{}] }],
    ['stop[1]', { stop: ['a', 1] }],
    ['stop', { stop: 1 }],
    ['temperature', { temperature: '1' }],
    ['max_completion_tokens', { max_completion_tokens: 1.5 }],
    ['max_tokens', { max_tokens: '10' }],
    ['n', { n: true }],
    ['stream', { stream: 'true' }],
    ['stream_options', { stream: true, stream_options: true }],
    ['logprobs', { logprobs: 3 }],
    ['response_format', { response_format: 'json' }],
    ['reasoning_effort', { reasoning_effort: 1 }],
    ['parallel_tool_calls', { parallel_tool_calls: 'no' }],
    ['metadata', { metadata: 'x' }],
    ['user', { user: 1 }],
  ])('%s', (param, fields) => {
    expect(() => decodeRequest({ model: 'm', messages: [user], ...fields })).toThrowError(
      expect.objectContaining({
        code: 'TKL_REQUEST_INVALID',
        status: 400,
        message: expect.stringContaining(param),
        options: expect.objectContaining({ param }),
      }),
    )
  })

  it('and with every type that it may have', () => {
    expect(() => decodeRequest({ model: 'm', messages: [user], stop: 5 })).toThrow('"stop" must be a string or an array of strings.')
  })
})
