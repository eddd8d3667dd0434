import { type Block, type Reply, type ReplyEvent, replyEvents } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { type Fields, objects } from '../../../support/json-fields.ts'
import { dataOf, decodeRequest, encodeEvents, protocol, replyOptions } from './subject.ts'

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

  const sealedCall = (id: string): Block => ({ ...call(id, '{}'), sealed: { issuer: 'elsewhere', value: `tkl1.${id}` } }) as Block
  const thought: Block = { type: 'reasoning', text: 'Hm.', sealed: { issuer: 'elsewhere', value: 'tkl1.thought' } }

  it.each([false, true])('gets the seal of its call back on the call, which has no id of its own (streamed: %s)', (stream) => {
    const reply: Reply = { candidates: [{ blocks: [thought, sealedCall('a'), sealedCall('b')], finish }] }
    const options = replyOptions({ ...functions, stream })
    const message = stream ? streamedMessage(dataOf(encodeEvents(lateSeals(reply), options))) : messageOf(protocol.encodeReply(reply, options))
    expect(objects(message.reasoning_details).map(({ id }) => id)).toEqual([null, 'a'])
    const answer = { role: 'function', name: 'get_a', content: 'ok' }
    const [turn, result] = decodeRequest({ model: 'm', messages: [message, answer] }).turns
    expect(turn?.blocks).toMatchObject([
      { type: 'reasoning', text: 'Hm.', sealed: { value: 'tkl1.thought' } },
      { type: 'tool-call', name: 'get_a', sealed: { value: 'tkl1.a' } },
    ])
    const [, made] = turn?.blocks ?? []
    expect(result?.blocks).toMatchObject([{ type: 'tool-result', callId: made?.type === 'tool-call' && made.id }])
  })
})

/** The events of a reply whose calls are signed when they are whole. */
function lateSeals(reply: Reply): readonly ReplyEvent[] {
  return replyEvents(reply).flatMap((event): readonly ReplyEvent[] => {
    if (event.type !== 'block-start' || event.block.type !== 'tool-call' || !event.block.sealed) return [event]
    const { sealed, ...block } = event.block
    return [
      { ...event, block },
      { type: 'block-delta', index: event.index, delta: { type: 'sealed', sealed } },
    ]
  })
}

function messageOf(reply: unknown): Fields {
  return objects((reply as Fields).choices)[0]?.message as Fields
}

function streamedMessage(chunks: readonly unknown[]): Fields {
  const deltas = (chunks as Fields[]).flatMap(({ choices }) => objects(choices)).map(({ delta }) => delta as Fields)
  const calls = deltas.flatMap(({ function_call: piece }) => (piece ? [piece as Fields] : []))
  return {
    role: 'assistant',
    content: null,
    reasoning_content: deltas.map(({ reasoning_content: text }) => text ?? '').join(''),
    reasoning_details: deltas.flatMap(({ reasoning_details: details }) => objects(details)),
    function_call: { name: calls[0]?.name, arguments: calls.map((piece) => piece.arguments ?? '').join('') },
  }
}
