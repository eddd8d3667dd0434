import fc from 'fast-check'
import { isJsonObject, type Json, type JsonObject } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { checkOpenaiResponsesStream } from '../../../support/check-openai-responses-stream.ts'
import { checkOpenaiResponse } from '../../../support/openai-response-rules.ts'
import { recordings } from '../../../support/recordings.ts'
import { accumulate, dataOf, decodePieces, encodeEvents, lastResponse, plain, protocol, replyOptions } from './subject.ts'

const all = recordings('openai-responses')
const answered = all.filter(({ status }) => status === 200)
const streams = answered.filter(({ stream }) => stream)
const whole = streams.filter(({ body }) => /event: response\.(completed|incomplete)/.test(body.toString('utf8')))
const unary = answered.filter(({ stream }) => !stream)

const withCarriageReturns = (body: Buffer) => Buffer.from(body.toString('utf8').replaceAll('\r\n', '\n').replaceAll('\n', '\r\n'))

/** The vendor encrypts the same reasoning anew for every event that holds it. */
function withoutEncryption(value: unknown): Json {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
    key === 'encrypted_content' && typeof inner === 'string' ? 'encrypted' : isSealed(inner) ? { ...inner, value: 'encrypted' } : inner,
  ) as Json
}

function isSealed(value: unknown): value is JsonObject {
  return isJsonObject(value) && value.issuer === 'openai-responses' && typeof value.value === 'string'
}

describe('every recorded whole reply', () => {
  it.each(unary)('$id is written back as it was', ({ body }) => {
    const reply = JSON.parse(body.toString('utf8')) as JsonObject
    const options = replyOptions()
    expect(protocol.encodeReply(protocol.decodeReply(reply), options)).toEqual(reply)
    expect(options.losses.losses).toEqual([])
  })

  it.each(unary)('$id is summed up as it is decoded', ({ body }) => {
    const reply = JSON.parse(body.toString('utf8')) as JsonObject
    const { usage, id, model, candidates } = protocol.decodeReply(reply)
    expect(protocol.summarize(reply)).toMatchObject({ usage, id, model, finish: candidates[0]?.finish.raw, complete: true })
  })
})

describe('every recorded stream', () => {
  it.each(streams.filter(({ body }) => body.length < 5_000))('$id gives the same events wherever it is cut', ({ body }) => {
    for (const bytes of [body, withCarriageReturns(body)]) {
      const expected = JSON.stringify(decodePieces([bytes]))
      const different = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1).filter(
        (at) => JSON.stringify(decodePieces([bytes.subarray(0, at), bytes.subarray(at)])) !== expected,
      )
      expect(different).toEqual([])
    }
  })

  it.each(streams.filter(({ body }) => body.length >= 5_000))('$id gives the same events in any pieces', ({ body }) => {
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

  it.each(whole)('$id is the reply that its last event holds', ({ body }) => {
    expect(withoutEncryption(accumulate(decodePieces([body])))).toEqual(withoutEncryption(protocol.decodeReply(lastResponse(body))))
  })

  it.each(whole)('$id is the same reply when hosts leave out all that is not needed', ({ body }) => {
    const events = body.toString('utf8').split(/(?<=\n\n)/)
    const needed = events.filter((event) => /^event: response\.(created|output_item\.done|completed|incomplete)/.test(event))
    const expected = plain(accumulate(decodePieces([body])))
    expect(plain(accumulate(decodePieces([Buffer.from(needed.join(''))])))).toEqual(expected)
    const last = decodePieces([Buffer.from(events.at(-1) ?? '')])
    expect(withoutEncryption(accumulate(last))).toEqual(withoutEncryption(expected))
  })

  it.each(whole)('$id is written again as the vendor wrote it', ({ body }) => {
    const options = replyOptions({ stream: true })
    const events = decodePieces([body])
    const bytes = Buffer.from(encodeEvents(events, options))
    expect(plain(accumulate(decodePieces([bytes])))).toEqual(plain(accumulate(events)))
    expect(checkOpenaiResponsesStream(bytes)).toEqual([])
    expect(withoutEncryption(lastResponse(bytes))).toEqual(withoutEncryption(lastResponse(body)))
    expect(options.losses.losses).toEqual([])
    const types = (stream: Buffer) => dataOf(stream).map(({ type }) => type)
    expect(types(bytes)).toEqual(types(body))
  })

  it.each(whole)('$id ends in an error when it is cut, and never as a whole reply', ({ body }) => {
    const events = body.toString('utf8').split(/(?<=\n\n)/)
    const last = events.length - 1
    for (let count = 0; count <= last; count += last > 60 ? 7 : 1) {
      const decoded = decodePieces([Buffer.from(events.slice(0, count).join(''))])
      expect(decoded.at(-1)).toMatchObject({ type: 'error', error: { code: 'TKL_UPSTREAM_CUT', status: 502, kind: 'upstream' } })
      const bytes = Buffer.from(encodeEvents(decoded))
      expect(checkOpenaiResponsesStream(bytes, { ending: 'error' })).toEqual([])
    }
  })
})

describe('every recording, relayed', () => {
  it.each(whole)('$id goes through byte for byte, and tells what its events tell', ({ body }) => {
    const relay = protocol.createRelay({ stripUsage: false })
    const passed = relay.push(body)
    expect(Buffer.concat([passed, ...relay.withheld])).toEqual(body)
    expect(Buffer.concat([...relay.withheld]).toString('utf8')).toMatch(/^event: response\.(completed|incomplete)\n/)
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

describe('every recorded reply', () => {
  it.each(unary)('$id would pass as the answer of another vendor', ({ body }) => {
    const { ext: _, ...reply } = protocol.decodeReply(JSON.parse(body.toString('utf8')) as Json)
    expect(checkOpenaiResponse(protocol.encodeReply(reply, replyOptions()))).toEqual([])
  })
})
