import { createHash } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { definePlugin, type Plugin, type Protocol } from 'tokligence'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ownRecording, type RecordedProtocol, recordings } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { readRecording, smallestRequest } from '../support/sdk-readings.ts'
import { isWhole } from './cut-places.ts'
import { dialects } from './dialects/index.ts'
import { ask, identityPaths, type Path, pathBetween, post, protocolPlugins, requestOn, startVendors, translatedPaths, type Vendors } from './vendors.ts'

let gateway: Vendors
let decoded: string[]

/** A protocol plugin that notes every call of a method that an identity route must not need. */
function watched(plugin: Plugin) {
  return definePlugin({
    kind: 'protocol',
    name: plugin.name,
    apiVersion: 1,
    options: z.strictObject({}),
    async setup(api) {
      const protocol = (await plugin.setup(api)) as Protocol
      const watch = <Name extends 'decodeRequest' | 'encodeRequest' | 'decodeReply' | 'encodeReply' | 'createStreamDecoder' | 'createStreamEncoder'>(
        name: Name,
      ) =>
        ((...input: Parameters<Protocol[Name]>) => {
          decoded.push(name)
          return (protocol[name] as (...given: Parameters<Protocol[Name]>) => unknown)(...input)
        }) as Protocol[Name]
      return {
        ...protocol,
        decodeRequest: watch('decodeRequest'),
        encodeRequest: watch('encodeRequest'),
        decodeReply: watch('decodeReply'),
        encodeReply: watch('encodeReply'),
        createStreamDecoder: watch('createStreamDecoder'),
        createStreamEncoder: watch('createStreamEncoder'),
      }
    },
  })()
}

beforeEach(async () => {
  decoded = []
  gateway = await startVendors({ protocols: protocolPlugins().map(watched) })
})

afterEach(async () => {
  expect(decoded).toEqual([])
  await gateway.close()
})

const ownLogin: Readonly<Record<RecordedProtocol, object>> = {
  'openai-chat': { authorization: 'Bearer sk-openai-own' },
  'openai-responses': { authorization: 'Bearer sk-openai-own' },
  'anthropic-messages': { 'x-api-key': 'sk-anthropic-own', 'anthropic-version': '2026-10-21' },
  gemini: { 'x-goog-api-key': 'gemini-own' },
}

const odd = ({ caller, model: own }: Path, stream: boolean, model = own) => dialects[caller].oddBody(model, stream)

function send(path: Path, stream: boolean, model = path.model): Promise<Response> {
  return post(gateway.url, { protocol: path.caller, model, stream }, odd(path, stream, model))
}

describe.each(identityPaths)('$name', (path) => {
  it.each([false, true])('sends the caller’s bytes and gives back the vendor’s (streamed: %s)', async (stream) => {
    const recording = ownRecording(path.upstream, stream ? 'parallel-tools' : 'parallel-tools-unary')
    gateway.upstream.reply(playRecording(recording))
    const reply = await send(path, stream)
    const received = Buffer.from(await reply.arrayBuffer())
    expect(gateway.upstream.lastRequest.body.toString()).toBe(odd(path, stream))
    expect(received.toString()).toBe(recording.body.toString())
    expect(gateway.ledger.records()).toMatchObject([{ path: 'identity', ending: 'complete', usage: { source: 'measured', output: 33 } }])
  })

  it.each([false, true])('patches an alias in place and leaves every other byte (streamed: %s)', async (stream) => {
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, stream ? 'text' : 'text-unary')))
    const reply = await send(path, stream, path.alias)
    await reply.arrayBuffer()
    expect(gateway.upstream.lastRequest.body.toString()).toBe(odd(path, stream, path.alias).replace(`"${path.alias}"`, `"${path.upstreamModel}"`))
    expect(dialects[path.upstream].sent(gateway.upstream.lastRequest)).toMatchObject({ model: path.upstreamModel, stream })
  })

  it('gives back every recorded reply byte for byte, in pieces of 7 bytes too', async () => {
    for (const recording of recordings(path.upstream).filter((one) => one.format !== 'json-array' && isWhole(one))) {
      for (const pieceBytes of [undefined, 7]) {
        gateway.upstream.reply(playRecording(recording, pieceBytes ? { pieceBytes } : {}))
        // Asked with usage, so that no event has to be taken out again.
        const reply = await send(path, recording.stream)
        const received = Buffer.from(await reply.arrayBuffer())
        expect({ status: reply.status, digest: digest(received) }, recording.id).toEqual({ status: recording.status, digest: digest(recording.body) })
        // What a reply does not tell is estimated from what it says.
        const isSilent = !recording.stream && recording.status === 200 && (await readRecording(recording)).usage === undefined
        if (isSilent) expect(decoded.splice(0), recording.id).toEqual(['decodeReply'])
      }
    }
  })

  it('decodes a compressed request once and sends it plain', async () => {
    const body = odd(path, false)
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'text-unary')))
    const reply = await post(gateway.url, { protocol: path.caller, model: path.model }, gzipSync(body), { 'content-encoding': 'gzip' })
    await reply.arrayBuffer()
    const { headers, body: sent } = gateway.upstream.lastRequest
    expect(sent.toString()).toBe(body)
    expect(headers['content-encoding']).toBeUndefined()
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)))
  })

  it('passes the vendor’s own headers and query on, and keeps credentials and hop-by-hop headers back', async () => {
    const kept = { 'x-vendor-beta': 'one', 'anthropic-beta': 'two', 'user-agent': 'odd/1.0', 'idempotency-key': 'k' }
    const dropped = { cookie: 'a=b', 'x-forwarded-for': '10.0.0.1', 'x-tokligence-key': 'secret', 'x-hop': '1' }
    // Written by hand: fetch does not let a caller send `connection`.
    const upstream = gateway.upstream
    upstream.reply(
      playRecording(ownRecording(path.upstream, 'text-unary'), {
        headers: { 'x-ratelimit-remaining': '9', 'set-cookie': 'c=d', 'x-vendor': 'v', 'retry-after': '3' },
      }),
    )
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const { endpoint, login } = dialects[path.caller]
      const version = path.caller === 'anthropic-messages' && { 'anthropic-version': '2026-10-21' }
      const headers = { 'content-type': 'application/json', connection: 'x-hop', ...login, ...version, ...kept, ...dropped }
      request(`${gateway.url}${endpoint(path.model, false)}?beta=true&key=abc`, { method: 'POST', headers, agent: false }, resolve)
        .on('error', reject)
        .end(odd(path, false))
    })
    answer.resume()
    const { headers, path: sentPath } = upstream.lastRequest
    expect(headers).toMatchObject(kept)
    for (const name of Object.keys(dropped)) expect(headers[name], name).toBeUndefined()
    expect(JSON.stringify(headers)).not.toMatch(/sk-caller|secret/)
    expect(sentPath).toMatch(/\?beta=true$/)
    expect(headers).toMatchObject(ownLogin[path.caller])
    expect(answer.headers).toMatchObject({ 'x-ratelimit-remaining': '9', 'x-vendor': 'v', 'retry-after': '3' })
    expect(answer.headers['set-cookie']).toBeUndefined()
  })
})

describe('a stream of Gemini’s as an array of JSON', () => {
  const arrays = recordings('gemini').filter(({ format }) => format === 'json-array')

  it.each(arrays)('holds the vendor’s chunks for a caller that asks for no events: $id', async (recording) => {
    for (const pieceBytes of [undefined, 7]) {
      gateway.upstream.reply(playRecording(recording, pieceBytes ? { pieceBytes } : {}))
      const address = `${gateway.url}/v1beta/models/gemini-recorded:streamGenerateContent`
      const reply = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: odd(pathBetween('gemini', 'gemini'), true),
      })
      expect(reply.headers.get('content-type')).toMatch(/^application\/json/)
      expect(await reply.json()).toEqual(JSON.parse(recording.body.toString()))
    }
  })
})

describe('usage that the caller did not ask for', () => {
  it('is asked for, read, and taken out of the stream again, exactly that event', async () => {
    const body = '{"model":"chat-recorded","stream":true,"messages":[{"role":"user","content":"Hi"}]}'
    for (const recording of recordings('openai-chat').filter(({ stream, status, id }) => stream && status === 200 && !id.includes('error'))) {
      gateway.upstream.reply(playRecording(recording, { pieceBytes: 50 }))
      const reply = await post(gateway.url, { protocol: 'openai-chat', model: 'chat-recorded', stream: true }, body)
      const received = await reply.text()
      expect(gateway.upstream.lastRequest.json()).toMatchObject({ stream_options: { include_usage: true } })
      const events = recording.body.toString().split('\n\n')
      const expected = events.filter((event) => !(event.includes('"choices":[]') && event.includes('"usage":{'))).join('\n\n')
      expect(digest(Buffer.from(received)), recording.id).toBe(digest(Buffer.from(expected)))
      if (events.length !== expected.split('\n\n').length) expect(gateway.ledger.records().at(-1)?.usage, recording.id).toMatchObject({ source: 'measured' })
    }
  })
})

describe('an upstream that compresses although it was asked not to', () => {
  it('is decoded on the way', async () => {
    const recording = ownRecording('openai-chat', 'text-unary')
    gateway.upstream.reply({ headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' }, body: gzipSync(recording.body) })
    const reply = await send(pathBetween('openai-chat', 'openai-chat'), false)
    expect(await reply.text()).toBe(recording.body.toString())
    expect(reply.headers.get('content-encoding')).toBeNull()
    expect(gateway.upstream.lastRequest.headers['accept-encoding'] ?? 'identity').toBe('identity')
  })
})

describe('the watch over the codecs', () => {
  it.each(translatedPaths)('sees them at work where they are needed ($name)', async (path) => {
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'text')))
    await (await ask(gateway.url, path.caller, requestOn(path, true, smallestRequest(path.caller)))).text()
    expect(decoded.splice(0).sort()).toEqual(['createStreamDecoder', 'createStreamEncoder', 'decodeRequest', 'encodeRequest'])
  })
})

function digest(bytes: Buffer): string {
  return `${bytes.length}:${createHash('sha256').update(bytes).digest('hex')}`
}
