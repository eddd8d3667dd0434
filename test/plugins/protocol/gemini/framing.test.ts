import fc from 'fast-check'
import { EventFramer, type IncomingCall, type StreamFraming, type WireError } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { encodeError, encodeStreamError } from '../../../../plugins/protocol/gemini/failure/encode-error.ts'
import { framing } from '../../../../plugins/protocol/gemini/framing.ts'
import { ping } from '../../../../plugins/protocol/gemini/stream/stream-encoder.ts'
import { checkGeminiStream } from '../../../support/check-gemini-stream.ts'
import { ownRecording } from '../../../support/recordings.ts'
import { sse } from './reply-subject.ts'

function call(path: string, query = ''): IncomingCall {
  return { operation: 'generate', body: Buffer.alloc(0), params: { '*': path }, query: new URLSearchParams(query), headers: {} }
}

const arrayFraming = () => framing(call('gemini-test:streamGenerateContent')) as StreamFraming

describe('an array in place of events', () => {
  it('is for callers that do not ask for events', () => {
    expect(arrayFraming().contentType).toMatch(/^application\/json\b/)
    expect(framing(call('gemini-test:streamGenerateContent', 'alt=json'))).toBeDefined()
    expect(framing(call('gemini-test:streamGenerateContent', 'alt=sse'))).toBeUndefined()
    expect(framing(call('gemini-test:generateContent'))).toBeUndefined()
  })

  it('holds the data of every event, in whatever pieces they come', () => {
    const { body } = ownRecording('gemini', 'text')
    const expected: unknown = JSON.parse(ownRecording('gemini', 'text-array').body.toString('utf8'))
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: body.length - 1 }), { maxLength: 20 }), fc.boolean(), (cuts, asText) => {
        const framer = new EventFramer()
        const target = arrayFraming()
        let text = ''
        const places = [0, ...cuts.sort((one, other) => one - other), body.length]
        for (const [index, end] of places.slice(1).entries()) {
          const events = framer.push(body.subarray(places[index], end))
          if (events) text += target.push(asText ? events.toString('utf8') : events)
        }
        text += target.push(framer.rest()) + target.end()
        expect(JSON.parse(text)).toEqual(expected)
        expect(checkGeminiStream(Buffer.from(text), { form: 'json-array', contentType: target.contentType })).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  it('is empty when nothing came, and has a lone error as its element', () => {
    expect(JSON.parse(arrayFraming().end())).toEqual([])
    const target = arrayFraming()
    const text = target.push('data: {"error":{"code":500}}\n\n') + target.end()
    expect(JSON.parse(text)).toEqual([{ error: { code: 500 } }])
  })

  it('has an error once, however often the events say it', () => {
    const target = arrayFraming()
    const error: WireError = { status: 503, kind: 'overloaded', message: 'Busy.' }
    const text = target.push('data: {"a":1}\n\n') + target.push(encodeStreamError(error)) + target.end()
    expect(JSON.parse(text)).toEqual([{ a: 1 }, encodeError(error)])
  })

  it('has white space for what says nothing, at any place', () => {
    const target = arrayFraming()
    const pieces = [ping, sse({ a: 1 }), ping, ping, sse({ a: 2 }, { a: 3 }), ping].map((piece) => target.push(piece))
    expect(pieces.map((piece) => piece !== '')).toEqual(pieces.map(() => true))
    expect(JSON.parse(pieces.join('') + target.end())).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }])
  })

  it('takes an error that the provider wrote without the form of an event, and a last event without its blank line', () => {
    const target = arrayFraming()
    const text = target.push('data: {"a":1}\n\n') + target.push('{\n "error": {\n  "code": 503\n }\n}\n') + target.end()
    expect(JSON.parse(text)).toEqual([{ a: 1 }, { error: { code: 503 } }])
  })
})
