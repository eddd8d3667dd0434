import type { Block, ReplyEvent } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { dataOf, encodeEvents, protocol, replyOptions } from './subject.ts'

const call = (id: string, argumentsText: string): Block => ({ type: 'tool-call', id, name: `get_${id}`, argumentsText, form: 'json', executedBy: 'client' })
const finish = { reason: 'tool-calls', raw: 'tool_use' } as const
const functions = { functions: [{ name: 'get_a', parameters: {} }] }

function linesOf(options: ReturnType<typeof replyOptions>) {
  return options.losses.losses.map(({ path, feature, action, severity }) => `${path} ${feature} ${action} ${severity}`)
}

describe('a caller that offers `functions`', () => {
  it('is answered with one function_call; further calls are reported', () => {
    const options = replyOptions(functions)
    const reply = protocol.encodeReply({ candidates: [{ blocks: [call('a', ''), call('b', '{}')], finish }] }, options)
    expect(reply).toMatchObject({
      choices: [{ message: { role: 'assistant', content: null, function_call: { name: 'get_a', arguments: '{}' } }, finish_reason: 'function_call' }],
    })
    expect(JSON.stringify(reply)).not.toContain('tool_calls')
    expect(linesOf(options)).toEqual(['content[1] parallel-tool-call dropped semantic'])
  })

  it('is answered so in a stream as well', () => {
    const options = replyOptions({ ...functions, stream: true })
    const events: ReplyEvent[] = [
      { type: 'reply-start' },
      { type: 'block-start', index: 0, block: call('a', '') },
      { type: 'block-delta', index: 0, delta: { type: 'text', text: '{"x":' } },
      { type: 'block-delta', index: 0, delta: { type: 'text', text: '1}' } },
      { type: 'block-end', index: 0 },
      { type: 'block-start', index: 1, block: call('b', '') },
      { type: 'block-delta', index: 1, delta: { type: 'text', text: '{}' } },
      { type: 'block-end', index: 1 },
      { type: 'finish', finish },
      { type: 'reply-end' },
    ]
    const stream = encodeEvents(events, options)
    const choices = dataOf(stream).flatMap(
      (chunk) => (chunk as { choices?: { delta: { function_call?: object }; finish_reason: string | null }[] }).choices ?? [],
    )
    expect(choices.flatMap(({ delta }) => delta.function_call ?? [])).toEqual([{ name: 'get_a', arguments: '' }, { arguments: '{"x":' }, { arguments: '1}' }])
    expect(choices.at(-1)?.finish_reason).toBe('function_call')
    expect(stream).not.toContain('tool_calls')
    expect(linesOf(options)).toEqual(['content[1] parallel-tool-call dropped semantic'])
  })

  it('is told apart from one that offers tools', () => {
    const options = replyOptions({ tools: [{ type: 'function', function: { name: 'get_a' } }] })
    const reply = protocol.encodeReply({ candidates: [{ blocks: [call('a', '{}')], finish }] }, options)
    expect(reply).toMatchObject({ choices: [{ message: { tool_calls: [{ id: 'a' }] }, finish_reason: 'tool_calls' }] })
  })
})
