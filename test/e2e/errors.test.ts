import { APIError as AnthropicError } from '@anthropic-ai/sdk'
import { APIError as OpenaiError } from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Fields, isObject } from '../support/json-fields.ts'
import { ownRecording, type RecordedProtocol } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { read } from '../support/sdk-readings.ts'
import { plainText } from './conversations.ts'
import { type Path, paths, post, startTwoVendors, type TwoVendors } from './two-vendors.ts'

let gateway: TwoVendors

beforeEach(async () => {
  gateway = await startTwoVendors()
})

afterEach(() => gateway.close())

function body(path: Path, stream: boolean): Fields {
  return { ...plainText[path.caller], model: path.model, stream }
}

/** The vendor's envelope of an error. */
function vendorError(protocol: RecordedProtocol, type: string, message: string): object {
  return protocol === 'openai-chat'
    ? { error: { message, type, param: null, code: null } }
    : { type: 'error', error: { type, message }, request_id: 'req_vendor_9' }
}

/** What is wrong with an error's envelope in a protocol; nothing when it is whole. */
function envelopeFaults(protocol: RecordedProtocol, value: unknown): string[] {
  const error = isObject(value) && isObject(value.error) ? value.error : {}
  const faults = typeof error.message === 'string' && error.message !== '' && typeof error.type === 'string' ? [] : ['no error with message and type']
  if (protocol === 'openai-chat') return 'param' in error && 'code' in error ? faults : [...faults, 'no param or no code']
  return isObject(value) && value.type === 'error' ? faults : [...faults, 'the type is not error']
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
  it.each(refusals)('keeps the vendor’s status $status and message in the caller’s own envelope, streamed or not', async ({ status, type }) => {
    for (const stream of [false, true]) {
      gateway.upstream.reply({ status, body: vendorError(path.upstream, type, `Vendor says ${status}.`) })
      const reply = await post(gateway.url, path.caller, JSON.stringify(body(path, stream)))
      const answer = (await reply.json()) as Fields
      expect(reply.status).toBe(status)
      expect(reply.headers.get('content-type')).toMatch(/^application\/json/)
      expect(envelopeFaults(path.caller, answer)).toEqual([])
      expect(JSON.stringify(answer)).toContain(`Vendor says ${status}.`)
      gateway.upstream.reply({ status, body: vendorError(path.upstream, type, `Vendor says ${status}.`) })
      const thrown = await read(path.caller, gateway.url, body(path, stream)).catch((error: unknown) => error)
      expect(thrown).toBeInstanceOf(path.caller === 'openai-chat' ? OpenaiError : AnthropicError)
      expect(thrown).toMatchObject({ status, message: expect.stringContaining(`Vendor says ${status}.`) })
    }
    expect(gateway.ledger.records().map(({ ending, status: written }) => ({ ending, written }))).toEqual(
      Array(4).fill({ ending: 'upstream-error', written: status }),
    )
  })

  it('passes retry-after on', async () => {
    gateway.upstream.reply({ status: 429, headers: { 'retry-after': '7' }, body: vendorError(path.upstream, 'rate_limit_error', 'Slow down.') })
    const reply = await post(gateway.url, path.caller, JSON.stringify(body(path, true)))
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([429, '7'])
  })

  it.each([
    ['an HTML page', { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad gateway</html>' }, 502],
    ['nothing', { status: 500 }, 500],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1/' } }, 502],
    ['a reply that is no JSON', { status: 200, headers: { 'content-type': 'application/json' }, body: '{"id":' }, 502],
  ] as const)('answers clearly when the vendor sends %s', async (_what, script, status) => {
    gateway.upstream.reply(script)
    const reply = await post(gateway.url, path.caller, JSON.stringify(body(path, false)))
    const answer = await reply.text()
    expect(reply.status, answer).toBe(status)
    // A refusal in the caller's own protocol goes on as it is, whatever it is.
    if (path.caller !== path.upstream || script.status < 400) expect(envelopeFaults(path.caller, JSON.parse(answer))).toEqual([])
  })

  it('refuses to translate a reply that is JSON but no reply', async () => {
    gateway.upstream.reply({ body: ['nothing'] })
    const reply = await post(gateway.url, path.caller, JSON.stringify(body(path, false)))
    const answer: unknown = await reply.json()
    if (path.caller === path.upstream) expect([reply.status, answer]).toEqual([200, ['nothing']])
    else expect([reply.status, envelopeFaults(path.caller, answer)]).toEqual([502, []])
  })

  it('passes an error in the middle of a stream on, and the caller’s client throws it', async () => {
    for (const pieceBytes of [undefined, 7]) {
      gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'error-mid-stream'), pieceBytes ? { pieceBytes } : {}))
      await expect(read(path.caller, gateway.url, body(path, true))).rejects.toThrow(/had an error|[Oo]verloaded/)
    }
    const [row] = gateway.ledger.records()
    expect(row).toMatchObject({ ending: 'upstream-error', status: 200, stream: true })
    expect(row?.usage?.output).toBeGreaterThan(0)
  })

  it.each(['end', 'reset'] as const)('never ends a stream cleanly that was cut with a %s, wherever it was cut', async (ending) => {
    const recording = ownRecording(path.upstream, 'parallel-tools')
    const finish = recording.body.indexOf(path.upstream === 'openai-chat' ? '"finish_reason":"tool_calls"' : '"type":"message_stop"')
    const cuts = [...Array.from({ length: 12 }, (_, index) => Math.floor((finish * (index + 1)) / 13)), finish - 2, finish + 10]
    for (const cutAfter of cuts) {
      gateway.upstream.reply(playRecording(recording, { cutAfter, ending }))
      const thrown = await read(path.caller, gateway.url, body(path, true)).catch((error: unknown) => error)
      // The clients' own class for errors that the server told of, not one for a body that cannot be read.
      expect(thrown, `cut after ${cutAfter} bytes`).toBeInstanceOf(path.caller === 'openai-chat' ? OpenaiError : AnthropicError)
    }
    expect(gateway.ledger.records().map((row) => row.ending)).toEqual(cuts.map(() => 'upstream-error'))
  })

  it('answers 502 when the vendor cannot be reached', async () => {
    await gateway.upstream.close()
    const reply = await post(gateway.url, path.caller, JSON.stringify(body(path, true)))
    expect(reply.status).toBe(502)
    expect(envelopeFaults(path.caller, await reply.json())).toEqual([])
    expect(gateway.ledger.records()).toMatchObject([{ ending: 'upstream-error', status: 502, errorCode: 'TKL_UPSTREAM_UNREACHABLE' }])
  })
})
