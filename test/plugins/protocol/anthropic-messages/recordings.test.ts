import fc from 'fast-check'
import type { Json, JsonObject } from 'tokligence'
import { afterAll, describe, expect, it } from 'vitest'
import { checkAnthropicMessagesStream } from '../../../support/check-anthropic-messages-stream.ts'
import { recordings } from '../../../support/recordings.ts'
import { openSdkReader } from './sdk-reader.ts'
import { accumulate, decodeRequest, encodeRequest, encodeStream, eventsOf, protocol, replyOptions } from './subject.ts'

const all = recordings('anthropic-messages')
const streams = all.filter(({ stream, status }) => stream && status === 200)
const whole = streams.filter(({ body }) => body.includes('event: message_stop'))
const replies = all.filter(({ stream, status }) => !stream && status === 200)
const errors = all.filter(({ status }) => status >= 400)
/** Files up to this size are cut at every byte. */
const everyCut = 2_500

describe('recorded requests', () => {
  it.each(all.filter(({ request }) => request !== undefined))('writes the request of $id back as it stood, without a loss', ({ request }) => {
    const { body, losses } = encodeRequest(decodeRequest(request))
    expect(body).toEqual(request)
    expect(losses).toEqual([])
  })
})

describe('recorded replies', () => {
  it.each(replies)('writes the reply of $id back as it stood, without a loss', ({ body }) => {
    const reply = JSON.parse(body.toString('utf8')) as Json
    const options = replyOptions()
    expect(protocol.encodeReply(protocol.decodeReply(reply), options)).toEqual(reply)
    expect(options.losses.losses).toEqual([])
  })

  it.each(errors)('renders the error of $id in the envelope that it came in', ({ status, body }) => {
    const { request_id, ...envelope } = JSON.parse(body.toString('utf8')) as JsonObject
    const error = protocol.decodeError(status, body, {})
    expect(error.status).toBe(status)
    expect(protocol.encodeError(error, String(request_id))).toEqual({ ...envelope, request_id: String(request_id) })
  })
})

describe('recorded streams', () => {
  it.each(streams)('gives the same events for $id whatever pieces it comes in', ({ body }) => {
    const expected = eventsOf([body])
    if (body.length <= everyCut) for (let at = 1; at < body.length; at++) expect(eventsOf([body.subarray(0, at), body.subarray(at)])).toEqual(expected)
    const crlf = Buffer.from(body.toString('utf8').replaceAll('\n', '\r\n'))
    const property = fc.property(fc.array(fc.nat({ max: crlf.length - 1 }), { maxLength: 12 }), fc.constantFrom(body, crlf), (cuts, bytes) => {
      expect(eventsOf(cutAt(bytes, cuts))).toEqual(expected)
    })
    fc.assert(property, { numRuns: 40 })
  })

  it.each(streams)('writes $id again as a stream that reads the same', ({ body }) => {
    const events = eventsOf([body])
    const options = replyOptions()
    const bytes = Buffer.from(encodeStream(events, options))
    const again = eventsOf([bytes])
    expect(accumulate(again)).toEqual(accumulate(events))
    expect(again.at(-1)).toEqual(events.at(-1))
    expect(options.losses.losses).toEqual([])
    const ending = events.at(-1)?.type === 'reply-end' ? 'complete' : 'error'
    expect(checkAnthropicMessagesStream(bytes, { ending })).toEqual([])
  })

  it.each(streams)('ends $id in an error wherever it is cut, and never as a whole reply', ({ body }) => {
    const events = eventsOf([body])
    const pieces = body.toString('utf8').split(/(?<=\n\n)/)
    for (let kept = 0; kept < pieces.length - 1; kept++) {
      const cut = eventsOf([Buffer.from(pieces.slice(0, kept).join(''))])
      expect(cut.at(-1)?.type).toBe('error')
      expect(cut.map(({ type }) => type)).not.toContain('reply-end')
    }
    expect(events.filter(({ type }) => type === 'reply-end' || type === 'error')).toHaveLength(1)
  })
})

describe('recorded streams, beside the official client', async () => {
  const sdk = await openSdkReader()
  afterAll(() => sdk.close())

  it.each(whole)('reads $id as the official client does', async ({ body }) => {
    const message = await sdk.read(body)
    const reply = protocol.encodeReply(accumulate(eventsOf([body])), replyOptions()) as JsonObject
    expect(reply.content).toEqual(plain(message.content))
    expect(reply.usage).toEqual(plain(message.usage))
    expect(reply).toMatchObject({ id: message.id, model: message.model, stop_reason: message.stop_reason, stop_sequence: message.stop_sequence })
  })

  it.each(whole)('writes $id so that the official client reads the same message', async ({ body }) => {
    const original = await sdk.read(body)
    const rewritten = await sdk.read(encodeStream(eventsOf([body])))
    expect(plain(rewritten)).toEqual(plain(original))
  })
})

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const borders = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
  return borders.slice(1).map((border, index) => bytes.subarray(borders[index], border))
}

/** As JSON; the client leaves an empty list of citations where text was announced as cited and is not. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || !('citations' in inner)) return inner
    const { citations, ...rest } = inner
    return Array.isArray(citations) && citations.length === 0 ? rest : inner
  })
}
