import { request } from 'node:http'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { anthropic, anthropicMessages, modelRoutes, openai, openaiChat } from 'tokligence/plugins'
import { createHarness } from 'tokligence/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fields, isObject } from '../support/json-fields.ts'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { endpointOf, type PathProtocol, post, startTwoVendors, type TwoVendors } from './two-vendors.ts'

let gateway: TwoVendors

beforeAll(async () => {
  gateway = await startTwoVendors()
})

afterAll(async () => {
  // Nothing of all this has reached a vendor.
  expect(gateway.upstream.requests.filter(({ method }) => method === 'POST')).toEqual([])
  await gateway.close()
})

const protocols: readonly PathProtocol[] = ['openai-chat', 'anthropic-messages']
const mebibyte = 1024 * 1024

interface Refused {
  readonly status: number
  readonly type: unknown
  readonly code: unknown
  readonly message: string
}

/** Reads an error in a protocol's envelope and fails when it is in another one. */
function readEnvelope(protocol: PathProtocol, status: number, text: string): Refused {
  const value: unknown = JSON.parse(text)
  const error = isObject(value) && isObject(value.error) ? value.error : {}
  if (protocol === 'anthropic-messages') expect(value).toMatchObject({ type: 'error', error: { type: expect.any(String), message: expect.any(String) } })
  else expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type'])
  return { status, type: error.type, code: error.code, message: String(error.message) }
}

async function send(protocol: PathProtocol, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Refused> {
  const reply = await post(gateway.url, protocol, body, headers)
  return readEnvelope(protocol, reply.status, await reply.text())
}

function body(protocol: PathProtocol, more: Fields = {}): string {
  const model = protocol === 'openai-chat' ? 'gpt-recorded' : 'claude-recorded'
  return JSON.stringify({ model, max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }], ...more })
}

/** A request whose headers fetch would not let us write. */
function raw(protocol: PathProtocol, headers: Readonly<Record<string, string>>, { method = 'POST', path = endpointOf(protocol), text = body(protocol) } = {}) {
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

describe.each(protocols)('a bad request in %s', (protocol) => {
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
    expect(await send(protocol, text)).toMatchObject({ status: 400, type: 'invalid_request_error', message: expect.stringMatching(/JSON/) })
  })

  it.each<[string, Fields]>([
    ['no model', { model: undefined }],
    ['a model that is no text', { model: 7 }],
    ['an empty model', { model: '' }],
    ['a stream that is no boolean', { stream: 'yes' }],
  ])('is refused and the field named: %s', async (_what, more) => {
    const refused = await send(protocol, body(protocol, more))
    expect(refused).toMatchObject({ status: 400, type: 'invalid_request_error' })
    expect(refused.message).toMatch('stream' in more ? /stream/ : /model/)
  })

  it.each<[string, Fields, RegExp]>([
    ['messages that are no list', { messages: 'Hi' }, /messages/],
    ['a message that is no object', { messages: ['Hi'] }, /messages\[0\]/],
    ['a role that is not there', { messages: [{ role: 'robot', content: 'Hi' }] }, /messages\[0\]\.role/],
    ['content of a wrong type', { messages: [{ role: 'user', content: 7 }] }, /messages\[0\]\.content/],
    ['tools that are no list', { tools: {} }, /tools/],
    ['a tool that is no object', { tools: ['x'] }, /tools\[0\]/],
    ['a temperature that is no number', { temperature: 'hot' }, /temperature/],
  ])('is refused before it is translated: %s', async (_what, more, named) => {
    const model = protocol === 'openai-chat' ? 'claude-recorded' : 'gpt-recorded'
    const refused = await send(protocol, body(protocol, { ...more, model }))
    expect(refused).toMatchObject({ status: 400, type: 'invalid_request_error' })
    expect(refused.message).toMatch(named)
  })

  it.each([
    '{"model":"gpt-recorded","model":"claude-recorded","messages":[]}',
    '{"model":"m","stream":true,"stream":false}',
    '{"mod\\u0065l":"m","messages":[]}',
  ])('is refused when two readers could read two requests: %s', async (text) => {
    expect(await send(protocol, text)).toMatchObject({ status: 400, message: expect.stringMatching(/twice|escape/) })
  })

  it('is refused with near names, never an echo, for a model that nobody has', async () => {
    const refused = await send(protocol, body(protocol, { model: 'smrt' }))
    expect(refused).toMatchObject({ status: 404, type: expect.stringMatching(/not_found|invalid_request/) })
    expect(refused.message).toContain('smart')
    expect((await send(protocol, body(protocol, { model: 'x'.repeat(10_000) }))).message.length).toBeLessThan(1000)
  })

  it('is refused over 32 MiB, with and without a length, and as a bomb', async () => {
    const large = Buffer.alloc(32 * mebibyte + 1, 0x20)
    expect(await send(protocol, large)).toMatchObject({ status: 413, message: expect.stringMatching(/larger/) })
    expect(await raw(protocol, { ...json, 'transfer-encoding': 'chunked' }, { text: large.toString() })).toMatchObject({ status: 413 })
    for (const [encoding, bomb] of [
      ['gzip', gzipSync(Buffer.alloc(100 * mebibyte))],
      ['br', brotliCompressSync(Buffer.alloc(100 * mebibyte), { params: { 1: 1 } })],
    ] as const)
      expect(await send(protocol, bomb, { 'content-encoding': encoding })).toMatchObject({ status: 413 })
  })

  it('is refused in an encoding that nobody knows, or that is broken', async () => {
    expect(await send(protocol, body(protocol), { 'content-encoding': 'rot13' })).toMatchObject({ status: 415 })
    expect(await send(protocol, body(protocol), { 'content-encoding': 'gzip' })).toMatchObject({ status: 400 })
  })

  it('is refused when it is not JSON by its content-type', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
      expect(await send(protocol, body(protocol), { 'content-type': type })).toMatchObject({
        status: 415,
        message: expect.stringContaining('application/json'),
      })
  })

  it('is refused from a web page of another origin, and under a host name that is not this machine’s', async () => {
    expect(await send(protocol, body(protocol), { origin: 'https://evil.example' })).toMatchObject({
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
    const other = await startTwoVendors()
    const played = protocol === 'openai-chat' ? ownRecording('openai-chat', 'text-unary') : ownRecording('anthropic-messages', 'text-unary')
    other.upstream.reply(playRecording(played))
    expect((await post(other.url, protocol, '{')).status).toBe(400)
    expect((await post(other.url, protocol, body(protocol))).status).toBe(200)
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

describe('a provider without a key', () => {
  it.each(protocols)('is said to have none, in the caller’s envelope (%s)', async (protocol) => {
    const harness = await createHarness({
      plugins: [
        openaiChat(),
        anthropicMessages(),
        openai({ apiKey: { env: 'TOKLIGENCE_TEST_UNSET', optional: true }, baseUrl: 'http://127.0.0.1:9/v1' }),
        anthropic({ apiKey: { env: 'TOKLIGENCE_TEST_UNSET', optional: true }, baseUrl: 'http://127.0.0.1:9' }),
        modelRoutes({ 'gpt-*': 'openai', 'claude-*': 'anthropic' }),
      ],
    })
    const reply = await post(harness.url, protocol, body(protocol))
    expect(readEnvelope(protocol, reply.status, await reply.text())).toMatchObject({
      status: 401,
      type: protocol === 'openai-chat' ? expect.any(String) : 'authentication_error',
      message: expect.stringContaining('apiKey'),
    })
    await harness.close()
  })
})
