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

afterAll(async () => { console.log([...counts]); const want = process.env.WANT; for (const [k, v] of samples) if (want && k.includes(want)) console.log(k, '\n=== in\n', v[0], '\n=== out\n', v[1]); await gateway.close() })

const counts = new Map<string, number>(); const samples = new Map<string, string[]>()
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
  return protocol === 'anthropic-messages' ? checkAnthropicMessagesStream(bytes, { ending }) : checkOpenaiChatStream(bytes, { includeUsage: true, ending })
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
        if (whole.length > 0 && violations(path.caller, bytes, 'error').length > 0) for (const w of new Set(whole.map((v) => v.replace(/event \d+/, 'event').slice(0, 110)))) { counts.set(w, (counts.get(w) ?? 0) + 1); samples.set(w, [events.join('\n\n'), text]) }
      }),
      { numRuns: 600 },
    )
  })
})
