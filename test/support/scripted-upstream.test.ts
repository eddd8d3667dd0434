import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkGeminiStream } from './check-gemini-stream.ts'
import { ownRecording } from './recordings.ts'
import { playRecording, startVendorUpstream, type VendorUpstream } from './scripted-upstream.ts'
import { read, readRecording, smallestRequest } from './sdk-readings.ts'

const protocols = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const
const gemini = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }
let upstream: VendorUpstream

beforeEach(async () => {
  upstream = await startVendorUpstream()
})

afterEach(() => upstream.close())

function post(path: string, body: unknown, headers: Readonly<Record<string, string>> = { 'x-goog-api-key': 'k' }): Promise<Response> {
  return fetch(upstream.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })
}

describe('startVendorUpstream', () => {
  it.each(protocols)('plays a vendor to its own client, streamed and not (%s)', async (protocol) => {
    for (const name of ['text', 'tool', 'parallel-tools', 'length']) {
      const streamed = ownRecording(protocol, name)
      const whole = ownRecording(protocol, `${name}-unary`)
      upstream.reply(playRecording(streamed), playRecording(whole))
      expect(await read(protocol, upstream.url, { ...smallestRequest(protocol), stream: true })).toEqual(await readRecording(streamed))
      expect(await read(protocol, upstream.url, smallestRequest(protocol))).toEqual(await readRecording(whole))
    }
    expect(upstream.refusals).toEqual([])
  })

  it.each(protocols)('refuses what the vendor refuses, and its client rejects (%s)', async (protocol) => {
    // An empty tool is refused by all of them, each in its own words.
    const tools = protocol === 'gemini' ? [{ functionDeclarations: [{ name: '' }] }] : [{ type: 'function' }]
    await expect(read(protocol, upstream.url, { ...smallestRequest(protocol), tools })).rejects.toMatchObject({ status: 400 })
    await expect(read(protocol, upstream.url, { ...smallestRequest(protocol), tools, stream: true })).rejects.toMatchObject({ status: 400 })
    expect(upstream.refusals).toHaveLength(2)
  })

  it.each(['/v1', '/v1beta'])('is at %s for Gemini, and streams in the form that is asked for', async (version) => {
    const address = `${version}/models/gemini-recorded:streamGenerateContent`
    for (const name of ['text', 'text-array']) {
      upstream.reply(playRecording(ownRecording('gemini', name)), playRecording(ownRecording('gemini', name)))
      const events = await post(`${address}?alt=sse`, gemini)
      const array = await post(address, gemini)
      const contentType = (reply: Response) => reply.headers.get('content-type')
      expect(checkGeminiStream(Buffer.from(await events.arrayBuffer()), { contentType: contentType(events) })).toEqual([])
      expect(checkGeminiStream(Buffer.from(await array.arrayBuffer()), { form: 'json-array', contentType: contentType(array) })).toEqual([])
    }
    upstream.reply(playRecording(ownRecording('gemini', 'text')))
    const array = Buffer.from(await (await post(address, gemini)).arrayBuffer())
    expect(array.toString()).toBe(ownRecording('gemini', 'text-array').body.toString())
  })

  it("answers with the vendor's own envelope, and with an array of one where Gemini was asked for an array", async () => {
    const error = { code: 400, message: '* GenerateContentRequest.contents: contents is not specified', status: 'INVALID_ARGUMENT' }
    expect(await (await post('/v1beta/models/m:generateContent', {})).json()).toEqual({ error })
    expect(await (await post('/v1beta/models/m:streamGenerateContent?alt=sse', {})).json()).toEqual({ error })
    expect(await (await post('/v1beta/models/m:streamGenerateContent', {})).json()).toEqual([{ error }])
    const withoutKey = await post('/v1beta/models/m:generateContent', gemini, {})
    expect(withoutKey.status).toBe(403)
    const responses = await post('/v1/responses', { model: 'm' }, { authorization: 'Bearer k' })
    expect(await responses.json()).toMatchObject({ error: { type: 'invalid_request_error', message: expect.stringMatching(/must be provided/) } })
    expect((await post('/v1/responses', { model: 'm', input: 'Hi' }, {})).status).toBe(401)
  })

  it('keeps the rules of the model in the address', async () => {
    const contents = [...gemini.contents, { role: 'model', parts: [{ functionCall: { name: 'f' } }] }]
    const answered = [...contents, { role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] }]
    upstream.always(playRecording(ownRecording('gemini', 'text-unary')))
    expect((await post('/v1/models/gemini-2.5-flash:generateContent', { contents: answered })).status).toBe(200)
    expect((await post('/v1/models/gemini-3-pro:generateContent', { contents: answered })).status).toBe(400)
  })

  it('lists models and counts tokens for each vendor', async () => {
    const list = async (headers: Readonly<Record<string, string>>) => JSON.stringify(await (await fetch(`${upstream.url}/v1/models`, { headers })).json())
    expect(await list({ 'x-goog-api-key': 'k' })).toContain('models/gemini-recorded')
    expect(await list({ authorization: 'Bearer k' })).toContain('gpt-recorded')
    expect(await list({ 'anthropic-version': '2023-06-01' })).toContain('claude-recorded')
    expect(await (await post('/v1beta/models/m:countTokens', gemini)).json()).toMatchObject({ totalTokens: 17 })
  })
})
