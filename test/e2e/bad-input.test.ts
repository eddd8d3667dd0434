import { request } from 'node:http'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { anthropic, gemini, modelRoutes, openai, translations } from 'tokligence/plugins'
import { createHarness } from 'tokligence/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fields, isObject } from '../support/json-fields.ts'
import { ownRecording, type RecordedProtocol } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { smallestRequest } from '../support/sdk-readings.ts'
import { ambiguous, unreadable, unroutable } from './bad-requests.ts'
import { dialects } from './dialects/index.ts'
import { callers, pathBetween, paths, post, protocolPlugins, startVendors, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeAll(async () => {
  gateway = await startVendors()
})

afterAll(async () => {
  // Nothing of all this has reached a vendor.
  expect(gateway.upstream.requests.filter(({ method }) => method === 'POST')).toEqual([])
  await gateway.close()
})

const mebibyte = 1024 * 1024

interface Refused {
  readonly status: number
  readonly type: unknown
  readonly message: string
}

/** Reads an error in a protocol's envelope and fails when it is in another one. */
function readEnvelope(protocol: RecordedProtocol, status: number, text: string): Refused {
  const value: unknown = JSON.parse(text)
  expect(dialects[protocol].envelopeFaults(value)).toEqual([])
  return { status, type: dialects[protocol].errorType(value), message: String(isObject(value) && isObject(value.error) ? value.error.message : '') }
}

/** The model that callers of a protocol have natively. */
const ownModel = (protocol: RecordedProtocol) => pathBetween(protocol, protocol).model

async function send(
  protocol: RecordedProtocol,
  body: string | Buffer,
  { headers = {}, model = ownModel(protocol) }: { readonly headers?: Readonly<Record<string, string>>; readonly model?: string } = {},
): Promise<Refused> {
  const reply = await post(gateway.url, { protocol, model }, body, headers)
  return readEnvelope(protocol, reply.status, await reply.text())
}

function body(protocol: RecordedProtocol, more: Fields = {}): string {
  return JSON.stringify(dialects[protocol].body({ ...smallestRequest(protocol, ownModel(protocol)), ...more }))
}

const addressOf = (protocol: RecordedProtocol) => dialects[protocol].endpoint(ownModel(protocol), false)

/** A request whose headers fetch would not let us write. */
function raw(
  protocol: RecordedProtocol,
  headers: Readonly<Record<string, string>>,
  { method = 'POST', path = addressOf(protocol), text = body(protocol) } = {},
) {
  return new Promise<{ status: number; headers: Readonly<Record<string, unknown>>; text: string }>((resolve, reject) => {
    const call = request(gateway.url + path, { method, headers, agent: false }, (answer) => {
      const pieces: Buffer[] = []
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(pieces).toString() }))
    })
    call.on('error', reject)
    call.end(text)
  })
}

const json = { 'content-type': 'application/json', authorization: 'Bearer sk-caller', 'anthropic-version': '2023-06-01' }

describe.each(callers)('a bad request in %s', (protocol) => {
  const { errorTypes } = dialects[protocol]

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['half an object', '{"model":"m","messages":['],
    ['a list', '[]'],
    ['null', 'null'],
    ['single quotes', "{'model':'m'}"],
    ['something behind the object', '{"model":"m"} x'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x01])],
    ['nesting without end', `{"model":"m","messages":${'['.repeat(100_000)}`],
  ])('is refused as malformed: %s', async (_what, text) => {
    expect(await send(protocol, text)).toMatchObject({ status: 400, type: errorTypes.invalid, message: expect.stringMatching(/JSON/) })
  })

  it.each(protocol === 'gemini' ? [] : unroutable)('is refused and the field named: %s', async (_what, more, named) => {
    const refused = await send(protocol, body(protocol, more))
    expect(refused).toMatchObject({ status: 400, type: errorTypes.invalid, message: expect.stringMatching(named) })
  })

  it.each(unreadable[protocol])('is refused before it is translated: %s', async (_what, more, named) => {
    for (const { model } of paths.filter(({ caller, upstream }) => caller === protocol && upstream !== protocol)) {
      const refused = await send(protocol, body(protocol, { ...more, model }), { model })
      expect(refused, model).toMatchObject({ status: 400, type: errorTypes.invalid, message: expect.stringMatching(named) })
    }
  })

  it.each(ambiguous[protocol])('is refused when two readers could read two requests: %s', async (text) => {
    expect(await send(protocol, text)).toMatchObject({ status: 400, message: expect.stringMatching(/twice|escape/) })
  })

  it('is refused with near names, never an echo, for a model that nobody has', async () => {
    const refused = await send(protocol, body(protocol, { model: 'smrt' }), { model: 'smrt' })
    expect(refused).toMatchObject({ status: 404, type: errorTypes.notFound })
    expect(refused.message).toContain('smart')
    const endless = 'x'.repeat(10_000)
    expect((await send(protocol, body(protocol, { model: endless }), { model: endless })).message.length).toBeLessThan(1000)
  })

  it('is refused over 32 MiB, with and without a length, and as a bomb', async () => {
    const large = Buffer.alloc(32 * mebibyte + 1, 0x20)
    expect(await send(protocol, large)).toMatchObject({ status: 413, message: expect.stringMatching(/larger/) })
    expect(await raw(protocol, { ...json, 'transfer-encoding': 'chunked' }, { text: large.toString() })).toMatchObject({ status: 413 })
    for (const [encoding, bomb] of [
      ['gzip', gzipSync(Buffer.alloc(100 * mebibyte))],
      ['br', brotliCompressSync(Buffer.alloc(100 * mebibyte), { params: { 1: 1 } })],
    ] as const)
      expect(await send(protocol, bomb, { headers: { 'content-encoding': encoding } })).toMatchObject({ status: 413 })
  })

  it('is refused in an encoding that nobody knows, or that is broken', async () => {
    expect(await send(protocol, body(protocol), { headers: { 'content-encoding': 'rot13' } })).toMatchObject({ status: 415 })
    expect(await send(protocol, body(protocol), { headers: { 'content-encoding': 'gzip' } })).toMatchObject({ status: 400 })
  })

  it('is refused when it is not JSON by its content-type', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
      expect(await send(protocol, body(protocol), { headers: { 'content-type': type } })).toMatchObject({
        status: 415,
        message: expect.stringContaining('application/json'),
      })
  })

  it('is refused from a web page of another origin, and under a host name that is not this machine’s', async () => {
    expect(await send(protocol, body(protocol), { headers: { origin: 'https://evil.example' } })).toMatchObject({
      status: 403,
      message: expect.stringContaining('evil.example'),
    })
    const rebound = await raw(protocol, { ...json, host: 'rebound.example:8081' })
    expect(readEnvelope(protocol, rebound.status, rebound.text)).toMatchObject({ status: 403, message: expect.stringContaining('rebound.example') })
  })

  it('is refused with a wrong method and told which there are', async () => {
    const answer = await raw(protocol, json, { method: 'DELETE', text: '' })
    expect(readEnvelope(protocol, answer.status, answer.text)).toMatchObject({ status: 405 })
    expect(answer.headers.allow).toContain('POST')
  })

  it('leaves the gateway able to serve the next one', async () => {
    const other = await startVendors()
    other.upstream.reply(playRecording(ownRecording(protocol, 'text-unary')))
    const address = { protocol, model: ownModel(protocol) }
    expect((await post(other.url, address, '{')).status).toBe(400)
    expect((await post(other.url, address, body(protocol))).status).toBe(200)
    await other.close()
  })
})

describe('a request that no endpoint takes', () => {
  it('is answered with 404 in plain JSON, whatever it asks', async () => {
    for (const path of ['/', '/v1/nothing', '/v1/chat/completions/x', '/%ff', '/v1/models/../../etc/passwd']) {
      const answer = await raw('openai-chat', json, { path, method: 'GET', text: '' })
      expect(answer.status, path).toBe(404)
      expect(JSON.parse(answer.text), path).toMatchObject({ error: { message: expect.any(String), code: expect.anything() } })
    }
  })
})

describe('a path without a model', () => {
  it.each(['models/:generateContent', 'models/:streamGenerateContent?alt=sse'])('is refused in Gemini’s envelope (%s)', async (path) => {
    const answer = await raw('gemini', json, { path: `/v1beta/${path}` })
    expect(readEnvelope('gemini', answer.status, answer.text)).toMatchObject({ status: 400, message: expect.stringContaining('model') })
  })

  it.each(['gemini-recorded:predict', 'gemini-recorded'])('or without an action that is known is not found (%s)', async (path) => {
    const answer = await raw('gemini', json, { path: `/v1beta/models/${path}` })
    expect([404, 405]).toContain(answer.status)
    expect(answer.text).not.toContain('TKL_INTERNAL')
  })
})

describe('a provider without a key', () => {
  it.each(paths)('is said to have none, in the caller’s envelope ($name)', async ({ caller, upstream }) => {
    const login = { apiKey: { env: 'TOKLIGENCE_TEST_UNSET', optional: true } } as const
    const providers = {
      'openai-chat': openai({ id: 'asked', ...login, baseUrl: 'http://127.0.0.1:9/v1', protocols: ['openai-chat'] }),
      'openai-responses': openai({ id: 'asked', ...login, baseUrl: 'http://127.0.0.1:9/v1', protocols: ['openai-responses'] }),
      'anthropic-messages': anthropic({ id: 'asked', ...login, baseUrl: 'http://127.0.0.1:9' }),
      gemini: gemini({ id: 'asked', ...login, baseUrl: 'http://127.0.0.1:9' }),
    }
    const harness = await createHarness({ plugins: [protocolPlugins(), translations(), providers[upstream], modelRoutes({ '*-recorded': 'asked' })] })
    const reply = await post(harness.url, { protocol: caller, model: ownModel(caller) }, body(caller))
    expect(readEnvelope(caller, reply.status, await reply.text())).toMatchObject({
      status: 401,
      type: dialects[caller].errorTypes.unauthorized,
      message: expect.stringContaining('apiKey'),
    })
    await harness.close()
  })
})
