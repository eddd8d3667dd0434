import type { Turn } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { assistant, encodeForeign, image, result, text, toolCall, user } from './foreign-conversation.ts'

const call = (id: string) => ({ id, type: 'function', function: { name: 'get', arguments: '{}' } })
const developer: Turn = { role: 'developer', form: 'text', blocks: [text('Be quick.')] }
const tool = (...ids: string[]): Turn => ({ role: 'tool', form: 'blocks', blocks: ids.map((id) => result(id, text(`${id}!`))) })

describe('calls and results of another protocol', () => {
  it('stay together, however many results one turn has', () => {
    const { messages, lost } = encodeForeign({ turns: [user(text('Go.')), assistant(toolCall('a'), toolCall('b')), tool('b', 'a'), user(text('And?'))] })
    expect(messages).toEqual([
      { role: 'user', content: 'Go.' },
      { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] },
      { role: 'tool', tool_call_id: 'b', content: 'b!' },
      { role: 'tool', tool_call_id: 'a', content: 'a!' },
      { role: 'user', content: 'And?' },
    ])
    expect(lost).toEqual([])
  })

  it('stay together when something is said between them, which follows then', () => {
    const { messages, lost } = encodeForeign({ turns: [user(text('Go.')), assistant(toolCall('a'), toolCall('b')), tool('a'), developer, tool('b')] })
    expect(messages.slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'a!' },
      { role: 'tool', tool_call_id: 'b', content: 'b!' },
      { role: 'developer', content: 'Be quick.' },
    ])
    expect(lost).toEqual([])
  })

  it('stay together when the assistant goes on in a turn of its own', () => {
    const { messages, lost } = encodeForeign({ turns: [user(text('Go.')), assistant(toolCall('a')), assistant(text('So.'), toolCall('b')), tool('a', 'b')] })
    expect(messages.slice(1)).toEqual([
      { role: 'assistant', content: 'So.', tool_calls: [call('a'), call('b')] },
      { role: 'tool', tool_call_id: 'a', content: 'a!' },
      { role: 'tool', tool_call_id: 'b', content: 'b!' },
    ])
    expect(lost).toEqual(['messages[2].content[0] block-order approximated hint'])
  })

  it('are answered where no result is, and told in words where no call is', () => {
    const { messages, lost } = encodeForeign({ turns: [user(text('Go.')), assistant(toolCall('a')), user(text('Never mind.')), tool('x')] })
    expect(messages.slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'No result was given for this tool call.' },
      { role: 'user', content: 'Never mind.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Result of the tool call x:' },
          { type: 'text', text: 'x!' },
        ],
      },
    ])
    expect(lost).toEqual(['messages[3].content[0] tool-result approximated semantic', 'messages[1] tool-result invented semantic'])
  })

  it('bring their images behind all results, with what was said between them', () => {
    const { messages } = encodeForeign({
      turns: [user(text('Go.')), assistant(toolCall('a'), toolCall('b')), { role: 'tool', form: 'blocks', blocks: [result('a', image)] }, developer, tool('b')],
    })
    expect(messages.map((message) => (message as { role: string }).role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user', 'developer'])
  })

  it('keep a result’s name, and the seal of nobody', () => {
    const sealed = { issuer: 'elsewhere', value: 'tkl1.x' }
    const named = { ...result('a', text('1')), name: 'get' }
    const { messages, lost } = encodeForeign({
      turns: [user(text('Go.')), assistant(text('So.', { sealed }), { ...toolCall('a'), sealed } as never), { role: 'tool', form: 'blocks', blocks: [named] }],
    })
    expect(messages.slice(1)).toEqual([
      { role: 'assistant', content: 'So.', tool_calls: [call('a')] },
      { role: 'tool', tool_call_id: 'a', name: 'get', content: '1' },
    ])
    expect(lost).toEqual(['messages[1].content[0] thinking-signature dropped hint', 'messages[1].content[1] thinking-signature dropped hint'])
  })
})
