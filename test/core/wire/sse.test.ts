import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventFramer, formatEvent, maximumEventBytes, parseEvents } from '../../../core/wire/sse.ts'
import { referenceEvents } from '../../support/reference-events.ts'

/** Frames the pieces and parses what comes out, piece by piece. */
function read(pieces: readonly Buffer[]) {
  const framer = new EventFramer()
  const outputs: Buffer[] = []
  for (const piece of pieces) {
    const whole = framer.push(piece)
    if (whole) outputs.push(whole)
  }
  return { events: outputs.flatMap((output) => parseEvents(output.toString('utf8'))), outputs, rest: framer.rest() }
}

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index] ?? bytes.length))
}

function everyPiece(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}

const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
const words = fc.constantFrom('', 'a', ' b', ' {"type":"ping"}', ' é✓😀', ':', ' data: no', '\u2028', '\t')
const field = fc.constantFrom('data:', 'data', 'event:', 'id:', 'retry:', ':', ': ping', 'other:', 'Data:', ' data:', 'dataX')
const line = fc.oneof({ weight: 3, arbitrary: fc.tuple(field, words).map(([name, value]) => name + value) }, { weight: 2, arbitrary: fc.constant('') })
/** Lines of all kinds with mixed line ends, with or without a byte order mark, and often with an unfinished last line. */
const stream = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(line, lineEnd), { maxLength: 24 }), fc.constantFrom('', 'data: unfinished', 'data: é'))
  .map(([mark, lines, tail]) => Buffer.from((mark ? '\uFEFF' : '') + lines.map(([text, end]) => text + end).join('') + tail))

const cuts = fc.array(fc.nat(), { maxLength: 12 })

describe('EventFramer and parseEvents', () => {
  it('read the same events as the standard’s algorithm, whatever pieces the stream comes in', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, places) => {
        const expected = referenceEvents(bytes)
        expect(parseEvents(bytes.toString('utf8'))).toEqual(expected)
        for (const pieces of [split(bytes, places), everyPiece(bytes, 1), everyPiece(bytes, 3), [bytes]]) expect(read(pieces).events).toEqual(expected)
      }),
      { numRuns: 1000 },
    )
  })

  it('give every byte on, in order', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, places) => {
        const { outputs, rest } = read(split(bytes, places))
        expect(Buffer.concat([...outputs, rest])).toEqual(bytes)
      }),
    )
  })

  it('end every output behind a blank line, and never hold back a whole event', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, places) => {
        const { outputs, rest } = read(split(bytes, places))
        let seen = Buffer.alloc(0)
        for (const output of outputs) {
          seen = Buffer.concat([seen, output])
          expect(seen.toString('latin1')).toMatch(/(\n|\r)(\r\n|\n|\r)$/)
        }
        expect(referenceEvents(Buffer.concat([Buffer.from('\n\n'), rest]))).toEqual([])
      }),
    )
  })
})

describe('EventFramer', () => {
  it('gives a slice of the input, not a copy, when a piece holds whole events', () => {
    const piece = Buffer.from('data: 1\n\ndata: 2\n\ndata: 3')
    const framer = new EventFramer()
    const whole = framer.push(piece)
    expect(whole?.toString()).toBe('data: 1\n\ndata: 2\n\n')
    expect(whole?.buffer).toBe(piece.buffer)
    expect(framer.rest().toString()).toBe('data: 3')
  })

  it('passes on an event that ended with CR without waiting for an LF that may never come', () => {
    const framer = new EventFramer()
    expect(framer.push(Buffer.from('data: 1\r\n\r'))?.toString()).toBe('data: 1\r\n\r')
    expect(framer.push(Buffer.from('\n'))?.toString()).toBe('\n')
    expect(framer.rest()).toHaveLength(0)
    expect(read(everyPiece(Buffer.from('data: 1\r\n\r\n'), 1)).rest).toHaveLength(0)
  })

  it('finds a border that straddles pieces inside CR LF CR LF', () => {
    for (const cut of [8, 9, 10, 11]) {
      const text = 'data: 12\r\n\r\ndata: 3'
      expect(read([Buffer.from(text.slice(0, cut)), Buffer.from(text.slice(cut))]).events, `cut at ${cut}`).toEqual([{ event: '', data: '12' }])
    }
  })

  it('takes an empty piece as nothing', () => {
    const framer = new EventFramer()
    expect(framer.push(Buffer.alloc(0))).toBeUndefined()
    framer.push(Buffer.from('data: 1\n'))
    expect(framer.push(Buffer.alloc(0))).toBeUndefined()
    expect(framer.push(Buffer.from('\n'))?.toString()).toBe('data: 1\n\n')
  })

  it('refuses an event that never ends before it fills the memory', () => {
    const framer = new EventFramer()
    const piece = Buffer.alloc(maximumEventBytes / 4, 0x61)
    for (let times = 0; times < 4; times++) expect(framer.push(piece)).toBeUndefined()
    expect(() => framer.push(Buffer.from('a'))).toThrow(RangeError)
  })

  it('frames many lines without a border in time that grows with their number only', () => {
    const framer = new EventFramer()
    const started = performance.now()
    for (let times = 0; times < 200_000; times++) framer.push(Buffer.from('\ndata'))
    expect(framer.push(Buffer.from('\n\n'))).toHaveLength(200_000 * 5 + 2)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('parseEvents', () => {
  it('joins data lines by newlines and keeps the last event field', () => {
    expect(parseEvents('event: a\nevent:b\ndata: 1\ndata:\ndata:  3\n\n')).toEqual([{ event: 'b', data: '1\n\n 3' }])
  })

  it('drops events without data and forgets their type', () => {
    expect(parseEvents('event: lost\n\n: comment\n\ndata\n\n')).toEqual([{ event: '', data: '' }])
  })

  it('drops an event whose blank line is missing', () => {
    expect(parseEvents('data: 1\n\ndata: 2\n')).toEqual([{ event: '', data: '1' }])
    expect(parseEvents('data: 1\n\ndata: 2')).toEqual([{ event: '', data: '1' }])
  })

  it('reads a byte order mark alike at the start of the stream and of a later piece', () => {
    const later = Buffer.from('data: 1\n\n\uFEFFdata: 2\n\n')
    const expected = [
      { event: '', data: '1' },
      { event: '', data: '2' },
    ]
    expect(read([later]).events).toEqual(expected)
    expect(read(everyPiece(later, 9)).events).toEqual(expected)
    expect(parseEvents('data: a\uFEFFb\n\n')).toEqual([{ event: '', data: 'a\uFEFFb' }])
  })

  it('gives bare JSON, which some providers end a stream with, as one event in any pieces', () => {
    const error = JSON.stringify({ error: { code: 503, message: 'event: none', details: [{ data: 'x' }] } }, null, 2)
    for (const [json, end] of [
      [error, '\n'],
      [`[${error}\n]`, '\r\n'],
      [error, '\r'],
    ] as const) {
      const lines = json.replaceAll('\n', end)
      const bytes = Buffer.from(`event: a${end}data: 1${end}${end}${lines}${end}${end}data: 2${end}${end}`)
      const expected = [
        { event: 'a', data: '1' },
        { event: '', data: json },
        { event: '', data: '2' },
      ]
      for (let at = 1; at < bytes.length; at++) expect(read([bytes.subarray(0, at), bytes.subarray(at)]).events).toEqual(expected)
    }
  })

  it('takes JSON within an event of another form for a line of no meaning, as the standard says', () => {
    expect(parseEvents('data: 1\n{"a":1}\n\n: comment\n[2]\n\n')).toEqual([{ event: '', data: '1' }])
  })

  it('reads what formatEvent writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.option(fc.constantFrom('message_start', 'x'), { nil: undefined }), (text, event) => {
        const data = JSON.stringify({ text })
        expect(parseEvents(formatEvent(data, event))).toEqual([{ event: event ?? '', data }])
      }),
    )
  })
})
