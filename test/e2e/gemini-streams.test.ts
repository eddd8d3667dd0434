import { GoogleGenAI as OlderGenAI } from 'google-genai-v1'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkGeminiStream } from '../support/check-gemini-stream.ts'
import { geminiClient } from '../support/gemini-reading.ts'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { bordersBeforeTheEnd } from './cut-places.ts'
import { paths, startVendors, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeAll(async () => {
  gateway = await startVendors()
})

afterAll(() => gateway.close())

const clients = [
  ['the newest client', () => geminiClient(gateway.url)],
  // As in the vendor's own CLI.
  ['an older client', () => new OlderGenAI({ apiKey: 'caller', httpOptions: { baseUrl: gateway.url } })],
] as const

async function readAll(client: (typeof clients)[number][1], model: string): Promise<unknown> {
  try {
    for await (const chunk of await client().models.generateContentStream({ model, contents: 'Hi' } as never)) expect(chunk).toBeDefined()
    return 'a clean end'
  } catch (error) {
    return error
  }
}

describe.each(clients)('%s', (_, client) => {
  it.each(paths.filter(({ caller }) => caller === 'gemini'))('never takes a stream for whole that was cut ($name)', async ({ model, upstream }) => {
    const recording = ownRecording(upstream, 'text')
    for (const ending of ['end', 'reset'] as const) {
      for (const cutAfter of bordersBeforeTheEnd(recording)) {
        gateway.upstream.reply(playRecording(recording, { cutAfter, ending }))
        expect(await readAll(client, model), `${ending} after ${cutAfter} bytes`).toBeInstanceOf(Error)
      }
    }
  })

  const broken = { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }
  it.each([
    ['with a blank line behind it', `${JSON.stringify(broken)}\n\n`],
    ['over several lines', `${JSON.stringify(broken, null, 2)}\n`],
    ['with nothing behind it', JSON.stringify(broken)],
    ['in a list', `[${JSON.stringify(broken)}]`],
  ])('is told of an error with which its vendor breaks off, %s', async (_, error) => {
    const chunk = { candidates: [{ content: { parts: [{ text: 'Hi' }], role: 'model' }, index: 0 }], modelVersion: 'm', responseId: 'r' }
    const body = `data: ${JSON.stringify(chunk)}\n\n${error}`
    gateway.upstream.reply({ headers: { 'content-type': 'text/event-stream' }, body })
    expect(await readAll(client, 'gemini-recorded')).toBeInstanceOf(Error)
    expect(gateway.ledger.records().at(-1)).toMatchObject({ ending: 'upstream-error' })
  })
})

it.each(paths.filter(({ caller }) => caller === 'gemini'))('an array ends with the error once ($name)', async ({ model, upstream }) => {
  const recording = ownRecording(upstream, 'text')
  const cutAfter = bordersBeforeTheEnd(recording).at(-1)
  gateway.upstream.reply(playRecording(recording, { ...(cutAfter !== undefined && { cutAfter }), ending: 'reset' }))
  const reply = await fetch(`${gateway.url}/v1beta/models/${model}:streamGenerateContent`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': 'caller' },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }),
  })
  const bytes = Buffer.from(await reply.arrayBuffer())
  expect(checkGeminiStream(bytes, { form: 'json-array', ending: 'error', contentType: reply.headers.get('content-type') })).toEqual([])
})

it.each(['key=secret&alt=sse&foo=1', 'foo=1&alt=json&k%65y=secret', '%24alt=json%3Benum-encoding%3Dint&foo=1'])(
  'a query keeps its key to the gateway, and its form to the caller (%s)',
  async (query) => {
    gateway.upstream.reply(playRecording(ownRecording('gemini', 'text')))
    const reply = await fetch(`${gateway.url}/v1beta/models/gemini-recorded:streamGenerateContent?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-goog-api-key': 'theirs' },
      body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }),
    })
    expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining('STOP')])
    const { path, rawHeaders } = gateway.upstream.lastRequest
    expect(path).toBe('/v1beta/models/gemini-recorded:streamGenerateContent?alt=sse&foo=1')
    expect(rawHeaders.join()).not.toMatch(/theirs|secret/)
  },
)
