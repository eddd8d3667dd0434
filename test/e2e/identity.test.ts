import { createHash } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { definePlugin, type Protocol } from 'tokligence'
import { anthropicMessages, openaiChat } from 'tokligence/plugins'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ownRecording, recordings } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { endpointOf, identityPaths, post, startTwoVendors, type TwoVendors, translatedPaths } from './two-vendors.ts'

let gateway: TwoVendors
let decoded: string[]

/** A protocol plugin that notes every call of a method that an identity route must not need. */
function watched(plugin: ReturnType<typeof openaiChat | typeof anthropicMessages>) {
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
  gateway = await startTwoVendors({ protocols: [watched(openaiChat()), watched(anthropicMessages())] })
})

afterEach(async () => {
  expect(decoded).toEqual([])
  await gateway.close()
})

/** JSON text with everything that a parse and a write would change: spaces, escapes, number forms, unknown members, order. */
function oddBody(model: string, protocol: string, stream: boolean): string {
  const limit = protocol === 'openai-chat' ? '"max_completion_tokens" : 1e2' : '"max_tokens" : 1e2'
  const usage = stream && protocol === 'openai-chat' ? ', "stream_options": { "include_usage" : true }' : ''
  return `\n{ "messages" :[ {"role":"user" , "content":"Gr\\u00fc\\u00dfe \\/ \u{1f44b} {\\"model\\":\\"x\\"}"} ],\t${limit}, "temperature": 1.0,\r\n "model" : "${model}", "metadata":{"user_id" : "1"}, "stream":${stream}${usage} }  `
}

describe.each(identityPaths)('$name', (path) => {
  it.each([false, true])('sends the caller’s bytes and gives back the vendor’s (streamed: %s)', async (stream) => {
    const body = oddBody(path.model, path.caller, stream)
    const recording = ownRecording(path.upstream, stream ? 'parallel-tools' : 'parallel-tools-unary')
    gateway.upstream.reply(playRecording(recording))
    const reply = await post(gateway.url, path.caller, body)
    const received = Buffer.from(await reply.arrayBuffer())
    expect(gateway.upstream.lastRequest.body.toString()).toBe(body)
    expect(received.toString()).toBe(recording.body.toString())
    expect(gateway.ledger.records()).toMatchObject([{ path: 'identity', ending: 'complete', usage: { source: 'measured', output: 33 } }])
  })

  it.each([false, true])('patches an alias in place and leaves every other byte (streamed: %s)', async (stream) => {
    const body = oddBody(path.alias, path.caller, stream)
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, stream ? 'text' : 'text-unary')))
    const reply = await post(gateway.url, path.caller, body)
    await reply.arrayBuffer()
    expect(gateway.upstream.lastRequest.body.toString()).toBe(body.replace(`"${path.alias}"`, `"${path.upstreamModel}"`))
  })

  it('gives back every recorded reply byte for byte, in pieces of 7 bytes too', async () => {
    for (const recording of recordings(path.upstream)) {
      for (const pieceBytes of [undefined, 7]) {
        gateway.upstream.reply(playRecording(recording, pieceBytes ? { pieceBytes } : {}))
        // Asked with usage, so that no event has to be taken out again.
        const reply = await post(gateway.url, path.caller, oddBody(path.model, path.caller, recording.stream))
        const received = Buffer.from(await reply.arrayBuffer())
        expect({ status: reply.status, digest: digest(received) }, recording.id).toEqual({ status: recording.status, digest: digest(recording.body) })
      }
    }
  })

  it('decodes a compressed request once and sends it plain', async () => {
    const body = oddBody(path.model, path.caller, false)
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'text-unary')))
    const reply = await post(gateway.url, path.caller, gzipSync(body), { 'content-encoding': 'gzip' })
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
      const login: Record<string, string> =
        path.caller === 'openai-chat' ? { authorization: 'Bearer sk-caller' } : { 'x-api-key': 'sk-caller', 'anthropic-version': '2026-10-21' }
      const headers = { 'content-type': 'application/json', connection: 'x-hop', ...login, ...kept, ...dropped }
      request(`${gateway.url}${endpointOf(path.caller)}?beta=true&key=abc`, { method: 'POST', headers, agent: false }, resolve)
        .on('error', reject)
        .end(oddBody(path.model, path.caller, false))
    })
    answer.resume()
    const { headers, path: sentPath } = upstream.lastRequest
    expect(headers).toMatchObject(kept)
    for (const name of Object.keys(dropped)) expect(headers[name], name).toBeUndefined()
    expect(JSON.stringify(headers)).not.toMatch(/sk-caller|secret/)
    expect(sentPath).toMatch(/\?beta=true$/)
    if (path.caller === 'anthropic-messages') expect(headers).toMatchObject({ 'x-api-key': 'sk-anthropic-own', 'anthropic-version': '2026-10-21' })
    else expect(headers.authorization).toBe('Bearer sk-openai-own')
    expect(answer.headers).toMatchObject({ 'x-ratelimit-remaining': '9', 'x-vendor': 'v', 'retry-after': '3' })
    expect(answer.headers['set-cookie']).toBeUndefined()
  })
})

describe('usage that the caller did not ask for', () => {
  it('is asked for, read, and taken out of the stream again, exactly that event', async () => {
    const body = '{"model":"gpt-recorded","stream":true,"messages":[{"role":"user","content":"Hi"}]}'
    for (const recording of recordings('openai-chat').filter(({ stream, status, id }) => stream && status === 200 && !id.includes('error'))) {
      gateway.upstream.reply(playRecording(recording, { pieceBytes: 50 }))
      const reply = await post(gateway.url, 'openai-chat', body)
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
    const reply = await post(gateway.url, 'openai-chat', oddBody('gpt-recorded', 'openai-chat', false))
    expect(await reply.text()).toBe(recording.body.toString())
    expect(reply.headers.get('content-encoding')).toBeNull()
    expect(gateway.upstream.lastRequest.headers['accept-encoding'] ?? 'identity').toBe('identity')
  })
})

describe('the watch over the codecs', () => {
  it.each(translatedPaths)('sees them at work where they are needed ($name)', async (path) => {
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'text')))
    const body = { model: path.model, stream: true, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }
    await (await post(gateway.url, path.caller, JSON.stringify(body))).text()
    expect(decoded.splice(0).sort()).toEqual(['createStreamDecoder', 'createStreamEncoder', 'decodeRequest', 'encodeRequest'])
  })
})

function digest(bytes: Buffer): string {
  return `${bytes.length}:${createHash('sha256').update(bytes).digest('hex')}`
}
