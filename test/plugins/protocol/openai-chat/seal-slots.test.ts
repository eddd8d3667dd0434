import { type Block, type JsonObject, LossSink, type Reply, replyEvents } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { checkOpenaiChatStream } from '../../../support/check-openai-chat-stream.ts'
import { accumulate, dataOf, decodeRequest, decodeStream, delta, encodeEvents, protocol, replyOptions, roundTrip } from './subject.ts'

const seal = (value: string) => ({ issuer: 'elsewhere', value: `tkl1.${value}` })
const entry = (value: string, id: string | null, index: number) => ({ type: 'reasoning.encrypted', data: `tkl1.${value}`, id, index })
const call = (id: string, rest: Partial<Block> = {}): Block =>
  ({ type: 'tool-call', id, name: 'get', argumentsText: '{}', form: 'json', executedBy: 'client', ...rest }) as Block

const reply: Reply = {
  candidates: [
    {
      blocks: [
        { type: 'reasoning', text: 'Hm.', sealed: seal('thought') },
        { type: 'reasoning', text: '', redacted: true, sealed: seal('hidden') },
        { type: 'text', text: 'Look.', sealed: seal('text') },
        call('call_1', { sealed: seal('call') }),
        call('call_2'),
      ],
      finish: { reason: 'tool-calls' },
    },
  ],
}
const entries = [entry('thought', null, 0), entry('hidden', null, 1), entry('text', null, 2), entry('call', 'call_1', 3)]

function messageOf(answer: Reply): JsonObject {
  const { choices } = protocol.encodeReply(answer, replyOptions()) as { choices: { message: JsonObject }[] }
  return choices[0]?.message ?? {}
}

describe('opaque values of another provider', () => {
  it('all stand among the details of the thoughts, each with the call that it belongs to', () => {
    const losses = new LossSink()
    protocol.encodeReply(reply, replyOptions({}, losses))
    expect(messageOf(reply)).toMatchObject({ content: 'Look.', reasoning_content: 'Hm.', reasoning_details: entries })
    expect(losses.losses).toEqual([])
  })

  it('come in a stream as well', () => {
    const options = replyOptions({ stream: true })
    const bytes = encodeEvents(replyEvents(reply), options)
    expect(checkOpenaiChatStream(Buffer.from(bytes), { includeUsage: false })).toEqual([])
    const deltas = (dataOf(bytes) as { choices?: { delta: { reasoning_details?: object[] } }[] }[]).flatMap(({ choices }) => choices?.[0]?.delta ?? [])
    expect(deltas.flatMap(({ reasoning_details }) => reasoning_details ?? [])).toEqual(entries)
    expect(options.losses.losses).toEqual([])
  })

  it('come back to the blocks that they stood on, as far as the message tells, and are written as they were', () => {
    const message = messageOf(reply)
    const [turn] = decodeRequest({ model: 'm', messages: [message] }).turns
    expect(turn?.blocks).toMatchObject([
      { type: 'reasoning', text: 'Hm.', sealed: { value: 'tkl1.thought' } },
      { type: 'reasoning', redacted: true, sealed: { value: 'tkl1.hidden' } },
      { type: 'reasoning', redacted: true, sealed: { value: 'tkl1.text' } },
      { type: 'text', text: 'Look.' },
      { type: 'tool-call', id: 'call_1', sealed: { value: 'tkl1.call' } },
      { type: 'tool-call', id: 'call_2' },
    ])
    expect(roundTrip({ model: 'm', messages: [message] })).toEqual({ again: { model: 'm', messages: [message] }, losses: [] })
  })
})

describe('opaque values of a host of this protocol', () => {
  const details = [
    { type: 'reasoning.text', text: 'Hm. So.', index: 0, signature: 'sig' },
    { type: 'reasoning.encrypted', data: 'enc', index: 1 },
  ]
  const message = {
    role: 'assistant',
    content: 'Hi',
    reasoning: 'Hm. So.',
    reasoning_details: details,
    tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content: { google: { thought_signature: 'g' } } }],
  }

  it('are sealed where other protocols look for them, and go back into the fields that they came from', () => {
    const body = { model: 'm', messages: [message] }
    expect(decodeRequest(body).turns[0]?.blocks).toMatchObject([
      { type: 'reasoning', text: 'Hm. So.', sealed: { issuer: 'openai-chat', value: JSON.stringify(details) } },
      { type: 'text' },
      { type: 'tool-call', sealed: { issuer: 'openai-chat', value: 'g' } },
    ])
    expect(roundTrip(body)).toEqual({ again: body, losses: [] })
  })

  it('are whole at the end of the thoughts when they come in pieces', () => {
    const events = decodeStream(
      delta({ role: 'assistant', reasoning: 'Hm.', reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', index: 0 }] }),
      delta({ reasoning: ' So.', reasoning_details: [{ type: 'reasoning.text', text: ' So.', index: 0 }] }),
      delta({
        reasoning_details: [
          { type: 'reasoning.text', signature: 'sig', index: 0 },
          { type: 'reasoning.encrypted', data: 'enc', index: 1 },
        ],
      }),
      delta({ content: 'Hi' }, 'stop'),
      '[DONE]',
    )
    expect(accumulate(events).candidates[0]?.blocks).toMatchObject([
      { type: 'reasoning', text: 'Hm. So.', sealed: { issuer: 'openai-chat', value: JSON.stringify(details) } },
      { type: 'text', text: 'Hi' },
    ])
    const written = dataOf(encodeEvents(events, replyOptions({ stream: true })))
    expect(JSON.stringify(written)).toContain(JSON.stringify({ reasoning_details: details }))
  })

  it('do not hide thoughts that are shown behind them', () => {
    const events = decodeStream(
      delta({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'enc', index: 0 }] }),
      delta({ reasoning: 'Hm.' }),
      delta({ content: 'Hi' }, 'stop'),
      '[DONE]',
    )
    expect(accumulate(events).candidates[0]?.blocks).toMatchObject([
      { type: 'reasoning', text: '', redacted: true, sealed: { issuer: 'openai-chat' } },
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Hi' },
    ])
  })
})
