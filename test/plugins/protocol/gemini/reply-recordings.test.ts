import fc from 'fast-check'
import { EventFramer, type Json } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { decodeError } from '../../../../plugins/protocol/gemini/failure/decode-error.ts'
import { encodeError } from '../../../../plugins/protocol/gemini/failure/encode-error.ts'
import { decodeReply } from '../../../../plugins/protocol/gemini/reply/decode-reply.ts'
import { encodeReply } from '../../../../plugins/protocol/gemini/reply/encode-reply.ts'
import { summarize } from '../../../../plugins/protocol/gemini/reply/summarize.ts'
import { ContentsRelay } from '../../../../plugins/protocol/gemini/stream/relay.ts'
import { checkGeminiStream } from '../../../support/check-gemini-stream.ts'
import { recordings } from '../../../support/recordings.ts'
import { accumulate, decodePieces, encodeEvents, plain, replyOptions, sse } from './reply-subject.ts'

const all = recordings('gemini')
const answered = all.filter(({ status }) => status === 200)
const unary = answered.filter(({ stream }) => !stream)
const streams = answered
  .filter(({ stream }) => stream)
  .map((each) => ({ ...each, body: each.format === 'sse' ? each.body : sse(...(JSON.parse(each.body.toString('utf8')) as Json[])) }))
const whole = streams.filter(({ body }) => /"finishReason"|"blockReason"/.test(body.toString('utf8')) && !body.includes('"error"'))

const withLineFeeds = (body: Buffer) => Buffer.from(body.toString('utf8').replaceAll('\r\n', '\n'))

describe('every recorded whole reply', () => {
  it.each(unary)('$id is written back as it was', ({ body }) => {
    const reply = JSON.parse(body.toString('utf8')) as Json
    const options = replyOptions()
    expect(encodeReply(decodeReply(reply), options)).toEqual(reply)
    expect(options.losses.losses).toEqual([])
  })

  it.each(unary)('$id is summed up as it is read', ({ body }) => {
    const value = JSON.parse(body.toString('utf8')) as Json
    const reply = decodeReply(value)
    const { usage, finish, id, model, complete } = summarize(value)
    expect({ usage, finish, id, model, complete }).toEqual({
      usage: reply.usage,
      finish: reply.candidates[0]?.finish.raw,
      id: reply.id,
      model: reply.model,
      complete: true,
    })
  })
})

describe('every recorded stream', () => {
  it.each(streams.filter(({ body }) => body.length < 4_000))('$id gives the same events wherever it is cut', ({ body }) => {
    for (const bytes of [body, withLineFeeds(body)]) {
      const expected = JSON.stringify(decodePieces([bytes]))
      const different = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1).filter(
        (at) => JSON.stringify(decodePieces([bytes.subarray(0, at), bytes.subarray(at)])) !== expected,
      )
      expect(different).toEqual([])
    }
  })

  it.each(streams.filter(({ body }) => body.length >= 4_000))('$id gives the same events in any pieces', ({ body }) => {
    for (const bytes of [body, withLineFeeds(body)]) {
      const expected = JSON.stringify(decodePieces([bytes]))
      fc.assert(
        fc.property(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 }), (cuts) => {
          const ordered = [0, ...cuts.sort((a, b) => a - b), bytes.length]
          const pieces = ordered.slice(1).map((end, index) => bytes.subarray(ordered[index], end))
          expect(JSON.stringify(decodePieces(pieces))).toBe(expected)
        }),
        { numRuns: 6 },
      )
    }
  })

  it.each(whole)('$id keeps its meaning when it is written again, as the vendor writes it', ({ body }) => {
    const options = replyOptions()
    const events = decodePieces([body])
    expect(events.at(-1)).toEqual({ type: 'reply-end' })
    const bytes = Buffer.from(encodeEvents(events, options))
    expect(plain(accumulate(decodePieces([bytes])))).toEqual(plain(accumulate(events)))
    expect(checkGeminiStream(bytes, { mayLack: ['responseId', 'modelVersion', 'usageMetadata'] }).filter((fault) => !isHosts(fault))).toEqual([])
    expect(options.losses.losses).toEqual([])
  })

  it.each(whole)('$id ends in an error when it is cut before its finish', ({ body }) => {
    const events = body.toString('utf8').split(/(?<=\r?\n\r?\n)(?=data)/)
    const finish = events.findIndex((event) => /"finishReason"|"blockReason"/.test(event))
    for (let count = 0; count <= finish; count += finish > 60 ? 7 : 1) {
      const decoded = decodePieces([Buffer.from(events.slice(0, count).join(''))])
      expect(decoded.at(-1)).toMatchObject({ type: 'error', error: { code: 'TKL_UPSTREAM_CUT', status: 502, kind: 'upstream' } })
      const bytes = Buffer.from(encodeEvents(decoded))
      expect(
        checkGeminiStream(bytes, { ending: 'error', mayLack: ['responseId', 'modelVersion', 'usageMetadata'] }).filter((fault) => !isHosts(fault)),
      ).toEqual([])
    }
  })
})

/** What hosts write that the API's reference does not have. */
function isHosts(fault: string): boolean {
  return /has the finishReason 1$/.test(fault)
}

describe('every recording, relayed', () => {
  it.each(whole)('$id goes through byte for byte, and tells what its events tell', ({ body }) => {
    const relay = new ContentsRelay()
    const framer = new EventFramer()
    const passed: Buffer[] = []
    for (let at = 0; at < body.length; at += 700) {
      const events = framer.push(body.subarray(at, at + 700))
      if (events) passed.push(relay.push(events))
    }
    if (framer.rest().length > 0) passed.push(relay.push(framer.rest()))
    expect(Buffer.concat([...passed, ...relay.withheld])).toEqual(body)
    expect(Buffer.concat(passed).toString('utf8')).not.toMatch(/"finishReason"|"blockReason"/)
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
    const error = decodeError(status, body, {})
    expect(error.status).toBe(status)
    expect(error.message).not.toBe('')
    const sent = JSON.parse(body.toString('utf8')) as { error: { status: string } } | [{ error: { status: string } }]
    const { message, status: word } = (Array.isArray(sent) ? sent[0] : sent).error as unknown as { message: string; status: string }
    expect(encodeError(error)).toMatchObject({ error: { code: status, message, status: word } })
  })
})
