import { EventFramer } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { recordings } from '../../../support/recordings.ts'
import { accumulate, eventsOf, protocol, stream } from './subject.ts'

const whole = recordings('anthropic-messages').filter(({ stream, status, body }) => stream && status === 200 && body.includes('event: message_stop'))
const start = { type: 'message_start', message: { id: 'msg_1', model: 'm', content: [], usage: { input_tokens: 5, output_tokens: 1 } } }
const text = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'event: message_stop "usage" "error"\n\nevent: message_stop' } }
const delta = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }
const stop = { type: 'message_stop' }

/** Pushes whole events in the pieces that the given size makes of the stream. */
function relayed(bytes: Buffer, size: number) {
  const framer = new EventFramer()
  const relay = protocol.createRelay({ stripUsage: false })
  const passed: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) {
    const events = framer.push(bytes.subarray(at, at + size))
    if (events) passed.push(relay.push(events))
  }
  return { relay, passed: Buffer.concat(passed), withheld: Buffer.concat(relay.withheld) }
}

describe('a stream on its way to a caller of the same protocol', () => {
  it.each(whole)('keeps the bytes of $id, withholds its end, and reads what the decoder reads', ({ body }) => {
    const reply = accumulate(eventsOf([body]))
    for (const bytes of [body, Buffer.from(body.toString('utf8').replaceAll('\n', '\r\n'))]) {
      for (const size of [bytes.length, 700, 64]) {
        const { relay, passed, withheld } = relayed(bytes, size)
        expect(Buffer.concat([passed, withheld]).equals(bytes)).toBe(true)
        expect(withheld.toString()).toMatch(/^event: message_stop\r?\n/)
        expect(passed.toString()).not.toContain('event: message_stop')
        const { finish, usage, id, model, complete, contentEvents } = relay.summary()
        expect({ finish, usage, id, model, complete }).toEqual({
          finish: reply.candidates[0]?.finish.raw,
          usage: reply.usage,
          id: reply.id,
          model: reply.model,
          complete: true,
        })
        expect(contentEvents).toBe(body.toString('utf8').split('event: content_block_delta').length - 1)
      }
    }
  })

  it('passes a piece on as the same buffer when nothing is withheld', () => {
    const relay = protocol.createRelay({ stripUsage: false })
    for (const piece of [stream(start), stream(text, delta), stream(text)]) expect(relay.push(piece)).toBe(piece)
    expect(relay.withheld).toEqual([])
    expect(relay.summary()).toMatchObject({ complete: false, contentEvents: 2, usage: { inputUncached: 5, output: 9 } })
  })

  it('is not deceived by a model that writes about the protocol', () => {
    const { passed, withheld, relay } = relayed(stream(start, text, delta, stop), 10_000)
    expect(withheld.toString()).toBe(stream(stop).toString())
    expect(passed.toString()).toBe(stream(start, text, delta).toString())
    expect(relay.summary().error).toBeUndefined()
  })

  it('finds the end of a host that sends no event lines, and withholds what follows it', () => {
    const bytes = Buffer.from(
      [start, text, delta, stop, { type: 'ping' }].map((event) => `data: ${JSON.stringify(event, null, 1).replaceAll('\n', '')}\n\n`).join(''),
    )
    const { withheld, relay } = relayed(bytes, 50)
    expect(withheld.toString()).toMatch(/^data: \{ "type": "message_stop"\}\n\ndata: \{ "type": "ping"\}/)
    expect(relay.summary()).toMatchObject({ complete: true, usage: { output: 9 } })
  })

  it('reports an error in the stream, and no end', () => {
    const { relay, withheld } = relayed(stream(start, text, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }), 40)
    expect(relay.summary()).toMatchObject({
      complete: false,
      error: { status: 529, kind: 'overloaded', message: 'Overloaded', vendorType: 'overloaded_error' },
    })
    expect(withheld).toHaveLength(0)
  })

  it('does not throw at events that cannot be read', () => {
    const relay = protocol.createRelay({ stripUsage: false })
    const piece = Buffer.from('event: message_delta\ndata: {"usage":\n\ndata: "message_stop"\n\n')
    expect(relay.push(piece)).toBe(piece)
    expect(relay.summary()).toEqual({ complete: false, contentEvents: 0 })
  })
})
