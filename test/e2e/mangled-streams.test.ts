import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownRecordings, type RecordedProtocol } from '../support/recordings.ts'
import { smallestRequest } from '../support/sdk-readings.ts'
import { dialects } from './dialects/index.ts'
import { ask, requestOn, startVendors, translatedPaths, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeAll(async () => {
  gateway = await startVendors()
})

afterAll(() => gateway.close())

type Edit = (events: string[]) => string[]

const place = fc.nat({ max: 40 })
const drop = place.map(
  (at): Edit =>
    (events) =>
      events.toSpliced(at % events.length, 1),
)
const double = place.map(
  (at): Edit =>
    (events) =>
      events.toSpliced(at % events.length, 0, events[at % events.length] as string),
)
const swap = fc.tuple(place, place).map(
  ([one, other]): Edit =>
    (events) => {
      const [from, to] = [one % events.length, other % events.length]
      return events.with(from, events[to] as string).with(to, events[from] as string)
    },
)
const garble = fc.tuple(place, fc.nat(), fc.constantFrom('', '"', '}', '\u0000', 'null', ',')).map(
  ([at, cut, text]): Edit =>
    (events) => {
      const event = events[at % events.length] as string
      const where = cut % (event.length + 1)
      return events.with(at % events.length, event.slice(0, where) + text + event.slice(where + 1))
    },
)
const edits = fc.array(fc.oneof(drop, double, swap, garble), { minLength: 1, maxLength: 4 })

function violations(protocol: RecordedProtocol, bytes: Buffer, ending: 'complete' | 'error'): string[] {
  const { violations: read, passedOn } = dialects[protocol]
  return read(bytes, { ending }).filter((violation) => !passedOn.test(violation))
}

describe.each(translatedPaths)('$name', (path) => {
  const streams = ownRecordings(path.upstream).filter(({ format, status }) => format === 'sse' && status === 200)
  const request = requestOn(path, true, smallestRequest(path.caller))

  it('is answered in the caller’s grammar, whole or with an error, whatever the provider sends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...streams), edits, async (recording, changes) => {
        let events = recording.body.toString().trimEnd().split('\n\n')
        for (const change of changes) events = events.length > 0 ? change(events) : events
        gateway.upstream.reply({ headers: { 'content-type': 'text/event-stream' }, body: Buffer.from(events.map((event) => `${event}\n\n`).join('')) })
        const reply = await ask(gateway.url, path.caller, request)
        const bytes = Buffer.from(await reply.arrayBuffer())
        const text = bytes.toString()
        if (reply.status !== 200) {
          expect(dialects[path.caller].envelopeFaults(JSON.parse(text))).toEqual([])
          expect(text).not.toContain('TKL_INTERNAL')
          expect(reply.status).toBeGreaterThanOrEqual(502)
          return
        }
        const whole = violations(path.caller, bytes, 'complete')
        if (whole.length > 0) expect({ whole, failed: violations(path.caller, bytes, 'error'), text }).toMatchObject({ failed: [] })
      }),
      { numRuns: 150 },
    )
  })
})
