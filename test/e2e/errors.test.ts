import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fields } from '../support/json-fields.ts'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { read } from '../support/sdk-readings.ts'
import { plainText } from './conversations.ts'
import { dialects } from './dialects/index.ts'
import { ask, type Path, paths, startVendors, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeEach(async () => {
  gateway = await startVendors()
})

afterEach(() => gateway.close())

function request({ caller, model }: Path, stream: boolean): Fields {
  return { ...plainText[caller], model, stream }
}

const refusals = [
  { status: 400, type: 'invalid_request_error' },
  { status: 401, type: 'authentication_error' },
  { status: 403, type: 'permission_error' },
  { status: 404, type: 'not_found_error' },
  { status: 413, type: 'request_too_large' },
  { status: 429, type: 'rate_limit_error' },
  { status: 500, type: 'api_error' },
  { status: 503, type: 'server_error' },
  { status: 529, type: 'overloaded_error' },
]

describe.each(paths)('$name', (path) => {
  const dialect = dialects[path.caller]
  const vendor = dialects[path.upstream]

  it.each(refusals)('keeps the vendor’s status $status and message in the caller’s own envelope, streamed or not', async ({ status, type }) => {
    const refusal = { status, body: vendor.vendorError(status, type, `Vendor says ${status}.`) }
    for (const stream of [false, true]) {
      gateway.upstream.reply(refusal, refusal)
      const reply = await ask(gateway.url, path.caller, request(path, stream))
      const answer = (await reply.json()) as Fields
      expect(reply.status).toBe(status)
      expect(reply.headers.get('content-type')).toMatch(/^application\/json/)
      expect(dialect.envelopeFaults(answer)).toEqual([])
      expect(JSON.stringify(answer)).toContain(`Vendor says ${status}.`)
      const thrown = await read(path.caller, gateway.url, request(path, stream)).catch((error: unknown) => error)
      expect(dialect.isToldError(thrown), String(thrown)).toBe(true)
      expect(thrown).toMatchObject({ status, message: expect.stringContaining(`Vendor says ${status}.`) })
    }
    expect(gateway.ledger.records().map(({ ending, status: written }) => ({ ending, written }))).toEqual(
      Array(4).fill({ ending: 'upstream-error', written: status }),
    )
  })

  it('passes retry-after on', async () => {
    gateway.upstream.reply({ status: 429, headers: { 'retry-after': '7' }, body: vendor.vendorError(429, 'rate_limit_error', 'Slow down.') })
    const reply = await ask(gateway.url, path.caller, request(path, true))
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([429, '7'])
  })

  it.each([
    ['an HTML page', { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad gateway</html>' }, 502],
    ['nothing', { status: 500 }, 500],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1/' } }, 502],
    ['a reply that is no JSON', { status: 200, headers: { 'content-type': 'application/json' }, body: '{"id":' }, 502],
  ] as const)('answers clearly when the vendor sends %s', async (_what, script, status) => {
    gateway.upstream.reply(script)
    const reply = await ask(gateway.url, path.caller, request(path, false))
    const answer = await reply.text()
    expect(reply.status, answer).toBe(status)
    // A refusal in the caller's own protocol goes on as it is, whatever it is.
    if (path.caller !== path.upstream || script.status < 400) expect(dialect.envelopeFaults(JSON.parse(answer))).toEqual([])
  })

  it('refuses to translate a reply that is JSON but no reply', async () => {
    gateway.upstream.reply({ body: ['nothing'] })
    const reply = await ask(gateway.url, path.caller, request(path, false))
    const answer: unknown = await reply.json()
    if (path.caller === path.upstream) expect([reply.status, answer]).toEqual([200, ['nothing']])
    else expect([reply.status, dialect.envelopeFaults(answer)]).toEqual([502, []])
  })

  it('passes an error in the middle of a stream on, and the caller’s client throws it', async () => {
    for (const pieceBytes of [undefined, 7]) {
      gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'error-mid-stream'), pieceBytes ? { pieceBytes } : {}))
      await expect(read(path.caller, gateway.url, request(path, true))).rejects.toThrow(/had an error|[Oo]verloaded/)
    }
    const [row] = gateway.ledger.records()
    expect(row).toMatchObject({ ending: 'upstream-error', status: 200, stream: true })
    expect(row?.usage?.output).toBeGreaterThan(0)
  })

  it.each(['end', 'reset'] as const)('never ends a stream cleanly that was cut with a %s, wherever it was cut', async (ending) => {
    const recording = ownRecording(path.upstream, 'parallel-tools')
    const whole = recording.body.toString('latin1').search(vendor.whole)
    const cuts = [...Array.from({ length: 12 }, (_, index) => Math.floor((whole * (index + 1)) / 13)), whole - 2, whole + 10]
    for (const cutAfter of cuts) {
      gateway.upstream.reply(playRecording(recording, { cutAfter, ending }))
      const thrown = await read(path.caller, gateway.url, request(path, true)).catch((error: unknown) => error)
      // The clients' own class for errors that the server told of, not one for a body that cannot be read.
      expect(dialect.isToldError(thrown), `cut after ${cutAfter} bytes: ${thrown}`).toBe(true)
    }
    expect(gateway.ledger.records().map((row) => row.ending)).toEqual(cuts.map(() => 'upstream-error'))
  })

  it('answers 502 when the vendor cannot be reached', async () => {
    await gateway.upstream.close()
    const reply = await ask(gateway.url, path.caller, request(path, true))
    expect(reply.status).toBe(502)
    expect(dialect.envelopeFaults(await reply.json())).toEqual([])
    expect(gateway.ledger.records()).toMatchObject([{ ending: 'upstream-error', status: 502, errorCode: 'TKL_UPSTREAM_UNREACHABLE' }])
  })
})
