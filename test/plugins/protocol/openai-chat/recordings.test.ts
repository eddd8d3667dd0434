import fc from 'fast-check'
import { LossSink, type ReplyEvent } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { checkOpenaiChatStream } from '../../../support/check-openai-chat-stream.ts'
import { recordings } from '../../../support/recordings.ts'
import { openaiClient } from '../../../support/sdk-readings.ts'
import { meaningOfReply, readBySdk } from './sdk-meaning.ts'
import { accumulate, decodePieces, encodeEvents, protocol, replyOptions, roundTrip } from './subject.ts'

const all = recordings('openai-chat')
const answered = all.filter(({ status }) => status === 200)
const streams = answered.filter(({ stream }) => stream)
const whole = streams.filter(({ body }) => body.includes('[DONE]'))
const unary = answered.filter(({ stream }) => !stream)

const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown

const withCarriageReturns = (body: Buffer) => Buffer.from(body.toString('utf8').replaceAll('\r\n', '\n').replaceAll('\n', '\r\n'))

describe('every recorded request', () => {
  it.each(all.filter(({ request }) => request).map(({ id, request }) => ({ id, request })))('$id is written back as it was', ({ request }) => {
    const { again, losses } = roundTrip(request)
    expect(again).toEqual(request)
    expect(losses).toEqual([])
  })
})

describe('every recorded whole reply', () => {
  it.each(unary)('$id is written back as it was', ({ body }) => {
    const reply = JSON.parse(body.toString('utf8'))
    const options = replyOptions()
    expect(protocol.encodeReply(protocol.decodeReply(reply), options)).toEqual(reply)
    expect(options.losses.losses).toEqual([])
  })

  it.each(unary)('$id means what the vendor’s own client reads', async (recording) => {
    const reply = protocol.decodeReply(JSON.parse(recording.body.toString('utf8')))
    expect(meaningOfReply(reply)).toEqual(await readBySdk(recording.body, false))
  })
})

describe('every recorded stream', () => {
  it.each(streams.filter(({ body }) => body.length < 4_000))('$id gives the same events wherever it is cut', ({ body }) => {
    for (const bytes of [body, withCarriageReturns(body)]) {
      const expected = JSON.stringify(decodePieces([bytes]))
      const different = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1).filter(
        (at) => JSON.stringify(decodePieces([bytes.subarray(0, at), bytes.subarray(at)])) !== expected,
      )
      expect(different).toEqual([])
    }
  })

  it.each(streams.filter(({ body }) => body.length >= 4_000))('$id gives the same events in any pieces', ({ body }) => {
    for (const bytes of [body, withCarriageReturns(body)]) {
      const expected = plain(decodePieces([bytes]))
      fc.assert(
        fc.property(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 }), (cuts) => {
          const ordered = [0, ...cuts.sort((a, b) => a - b), bytes.length]
          const pieces = ordered.slice(1).map((end, index) => bytes.subarray(ordered[index], end))
          expect(plain(decodePieces(pieces))).toEqual(expected)
        }),
        { numRuns: 8 },
      )
    }
  })

  it.each(whole)('$id means what the vendor’s own client reads', async ({ body }) => {
    expect(meaningOfReply(accumulate(decodePieces([body])))).toEqual(await readBySdk(body, true))
  })

  it.each(whole)('$id keeps its meaning when it is written again, in an order that the vendor itself keeps', ({ body, request }) => {
    const options = replyOptions({ stream: true, ...(request?.stream_options ? { stream_options: request.stream_options as never } : {}) })
    const events = decodePieces([body])
    const bytes = encodeEvents(events, options)
    expect(plain(accumulate(decodePieces([Buffer.from(bytes)])))).toEqual(plain(accumulate(events)))
    expect(checkOpenaiChatStream(Buffer.from(bytes), { includeUsage: options.conversation.includeUsage === true })).toEqual([])
    expect(options.losses.losses).toEqual([])
  })

  it.each(whole)('$id ends in an error when it is cut before its finish, and never in [DONE]', ({ body }) => {
    const events = body.toString('utf8').split(/(?<=\n\n)/)
    const finish = events.findIndex((event) => /"finish_reason":\s*"/.test(event))
    for (let count = 0; count <= finish; count += finish > 60 ? 7 : 1) {
      const decoded = decodePieces([Buffer.from(events.slice(0, count).join(''))])
      expect(decoded.at(-1)).toMatchObject({ type: 'error', error: { code: 'TKL_UPSTREAM_CUT', status: 502, kind: 'upstream' } })
      const bytes = encodeEvents(decoded, replyOptions())
      expect(checkOpenaiChatStream(Buffer.from(bytes), { includeUsage: false, ending: 'error' })).toEqual([])
    }
  })
})

describe('every recording, relayed', () => {
  it.each(whole)('$id goes through byte for byte, and tells what its events tell', ({ body }) => {
    const relay = protocol.createRelay({ stripUsage: false })
    const passed = relay.push(body)
    expect(Buffer.concat([passed, ...relay.withheld])).toEqual(body)
    expect(Buffer.concat(relay.withheld).toString('utf8').trim()).toBe('data: [DONE]')
    const reply = accumulate(decodePieces([body]))
    const { usage, finish, id, model, complete, error } = relay.summary()
    expect({ usage, finish, id, model, complete, error }).toEqual({
      usage: reply.usage,
      finish: reply.candidates.at(-1)?.finish.raw,
      id: reply.id,
      model: reply.model,
      complete: true,
      error: undefined,
    })
  })
})

describe('every recorded refusal of the vendor', () => {
  it.each(all.filter(({ status }) => status >= 400))('$id keeps its status and says something', ({ status, body }) => {
    const error = protocol.decodeError(status, body, {})
    expect(error.status).toBe(status)
    expect(error.message).not.toBe('')
    expect(protocol.encodeError(error, 'request-1')).toMatchObject({ error: { message: error.message } })
  })
})

it('writes an error in a stream so that the vendor’s own client throws it', async () => {
  const start: ReplyEvent = { type: 'reply-start', id: 'msg_1', model: 'other' }
  const error: ReplyEvent = { type: 'error', error: { status: 503, kind: 'overloaded', message: 'Too much to do.', code: 'busy' } }
  const bytes = encodeEvents([start, error, { type: 'reply-end' }], replyOptions({}, new LossSink()))
  const client = openaiClient('http://127.0.0.1', () => Promise.resolve(new Response(bytes, { headers: { 'content-type': 'text/event-stream' } })))
  const stream = await client.chat.completions.create({ model: 'm', messages: [], stream: true })
  const read = async () => {
    for await (const _ of stream);
  }
  await expect(read()).rejects.toMatchObject({ message: 'Too much to do.', type: 'server_error', code: 'busy' })
  expect(bytes).not.toContain('[DONE]')
})
