import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkAnthropicMessagesStream } from '../support/check-anthropic-messages-stream.ts'
import { checkOpenaiChatStream } from '../support/check-openai-chat-stream.ts'
import { ownRecordings, type RecordedProtocol } from '../support/recordings.ts'
import { smallestRequest } from '../support/sdk-readings.ts'
import { post, startTwoVendors, type TwoVendors, translatedPaths } from './two-vendors.ts'

let gateway: TwoVendors

beforeAll(async () => {
  gateway = await startTwoVendors()
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

/** What a garbled provider says is passed on as it is: half arguments, a call without a name, calls that overlap, no usage. The grammar around it must hold. */
const passedOn = /input is no JSON object|without a name|one is written after the other|has no usage/

function violations(protocol: RecordedProtocol, bytes: Buffer, ending: 'complete' | 'error'): string[] {
  const all = protocol === 'anthropic-messages' ? checkAnthropicMessagesStream(bytes, { ending }) : checkOpenaiChatStream(bytes, { includeUsage: true, ending })
  return all.filter((violation) => !passedOn.test(violation))
}

describe.each(translatedPaths)('$name', (path) => {
  const streams = ownRecordings(path.upstream).filter(({ stream, status }) => stream && status === 200)
  const body = JSON.stringify({
    ...smallestRequest(path.caller, path.model),
    stream: true,
    ...(path.caller === 'openai-chat' && { stream_options: { include_usage: true } }),
  })

  it('is answered in the caller’s grammar, whole or with an error, whatever the provider sends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...streams), edits, async (recording, changes) => {
        let events = recording.body.toString().trimEnd().split('\n\n')
        for (const change of changes) events = events.length > 0 ? change(events) : events
        gateway.upstream.reply({ headers: { 'content-type': 'text/event-stream' }, body: events.map((event) => `${event}\n\n`).join('') })
        const reply = await post(gateway.url, path.caller, body)
        const bytes = Buffer.from(await reply.arrayBuffer())
        const text = bytes.toString()
        if (reply.status !== 200) {
          expect(JSON.parse(text)).toMatchObject({ error: { message: expect.any(String) } })
          expect(text).not.toContain('TKL_INTERNAL')
          expect(reply.status).toBeGreaterThanOrEqual(502)
          return
        }
        const whole = violations(path.caller, bytes, 'complete')
        if (whole.length > 0) expect({ whole, failed: violations(path.caller, bytes, 'error'), text }).toMatchObject({ failed: [] })
      }),
      { numRuns: 250 },
    )
  })
})
