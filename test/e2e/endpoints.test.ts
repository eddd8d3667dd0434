import { request } from 'node:http'
import OlderAnthropic from 'anthropic-sdk-2023'
import { GoogleGenAI as OlderGenAI } from 'google-genai-v1'
import type { CapturedRequest } from 'tokligence/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkGeminiStream } from '../support/check-gemini-stream.ts'
import { geminiClient } from '../support/gemini-reading.ts'
import type { Fields } from '../support/json-fields.ts'
import { ownRecording, type RecordedProtocol } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { anthropicClient, openaiClient, read, readRecording, smallestRequest } from '../support/sdk-readings.ts'
import { dialects } from './dialects/index.ts'
import { paths, startVendors, translatedPaths, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeEach(async () => {
  gateway = await startVendors()
})

afterEach(() => gateway.close())

describe('the endpoints of the messages protocol', () => {
  it('answer under /anthropic too, and with ?beta=true', async () => {
    const recording = ownRecording('anthropic-messages', 'text-unary')
    for (const base of [gateway.url, `${gateway.url}/anthropic`]) {
      gateway.upstream.reply(playRecording(recording), playRecording(recording))
      expect(await read('anthropic-messages', base, smallestRequest('anthropic-messages', 'claude-recorded'))).toEqual(await readRecording(recording))
      const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'anthropic-beta': 'some-beta-2026-01-01' }
      const body = JSON.stringify(smallestRequest('anthropic-messages', 'claude-recorded'))
      const reply = await fetch(`${base}/v1/messages?beta=true`, { method: 'POST', headers, body })
      expect(await reply.text()).toBe(recording.body.toString())
      expect(gateway.upstream.lastRequest.path).toBe('/v1/messages?beta=true')
      expect(gateway.upstream.lastRequest.headers['anthropic-beta']).toBe('some-beta-2026-01-01')
    }
  })

  it.each(paths.filter(({ caller }) => caller === 'anthropic-messages'))(
    'serve the older client, which sends its key and version in other headers ($name)',
    async (path) => {
      gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'parallel-tools')))
      const client = new OlderAnthropic({ apiKey: 'sk-caller', baseURL: gateway.url, maxRetries: 0 })
      const message = await client.messages.stream({ model: path.model, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }).finalMessage()
      expect(message.content.filter(({ type }) => type === 'tool_use')).toHaveLength(2)
      expect(message.stop_reason).toBe('tool_use')
    },
  )
})

describe('the endpoints of the responses protocol', () => {
  it('ask the provider that keeps a reply for it, and delete it there', async () => {
    const kept = ownRecording('openai-responses', 'text-unary')
    gateway.upstream.reply(playRecording(kept), playRecording(kept), { body: { id: 'resp_text', object: 'response', deleted: true } })
    const { responses } = openaiClient(gateway.url)
    const { id } = await responses.create({ model: 'gpt-recorded', input: 'Greet me.' })
    expect((await responses.retrieve(id)).output_text).toBe('Grüße aus Zürich, 你好 👋🏽 — done.')
    await responses.delete(id)
    const asked = gateway.upstream.requests.slice(1).map(({ method, path, headers }) => [method, path, headers.authorization])
    expect(asked).toEqual([
      ['GET', '/v1/responses/resp_text', 'Bearer sk-openai-own'],
      ['DELETE', '/v1/responses/resp_text', 'Bearer sk-openai-own'],
    ])
  })

  it.each(translatedPaths.filter(({ caller }) => caller === 'openai-responses'))('know no reply that nobody keeps ($name)', async ({ model, upstream }) => {
    gateway.upstream.reply(playRecording(ownRecording(upstream, 'text-unary')))
    const { responses } = openaiClient(gateway.url)
    const { id } = await responses.create({ model, input: 'Greet me.' })
    gateway.upstream.reply({ status: 404, body: dialects['openai-responses'].vendorError(404, 'invalid_request_error', 'Response not found.') })
    await expect(responses.retrieve(id)).rejects.toMatchObject({ status: 404 })
    const next = responses.create({ model, input: 'And now?', previous_response_id: id })
    await expect(next).rejects.toMatchObject({ status: 400, param: 'previous_response_id' })
  })

  it('tell at once that there is no WebSocket, so that clients go on over HTTP', async () => {
    const headers = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }
    const status = await new Promise((resolve, reject) => {
      const call = request(`${gateway.url}/v1/responses`, { headers, agent: false }, (answer) => resolve(answer.resume().statusCode))
      call.on('error', reject).end()
    })
    expect(status).toBe(426)
  })
})

describe('the endpoints of Gemini’s protocol', () => {
  it.each(paths.filter(({ caller }) => caller === 'gemini'))('serve the older client, which asks under /v1beta ($name)', async (path) => {
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'parallel-tools')))
    const client = new OlderGenAI({ apiKey: 'caller', httpOptions: { baseUrl: gateway.url } })
    const calls: unknown[] = []
    for await (const chunk of await client.models.generateContentStream({ model: path.model, contents: 'Hi' })) calls.push(...(chunk.functionCalls ?? []))
    expect(calls).toMatchObject([
      { name: 'get_weather', args: { city: 'Bern' } },
      { name: 'list_files', args: {} },
    ])
  })

  it.each(paths.filter(({ caller }) => caller === 'gemini'))('stream one array of JSON to those who ask for no events ($name)', async (path) => {
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'text')))
    const body = JSON.stringify(dialects.gemini.body(smallestRequest('gemini')))
    const address = `${gateway.url}/v1/models/${path.model}:streamGenerateContent`
    const reply = await fetch(address, { method: 'POST', headers: { 'content-type': 'application/json', 'x-goog-api-key': 'sk-caller' }, body })
    const bytes = Buffer.from(await reply.arrayBuffer())
    expect(checkGeminiStream(bytes, { form: 'json-array', contentType: reply.headers.get('content-type') })).toEqual([])
    expect(bytes.toString()).toContain('done.')
  })

  it('take the key in the query, and keep it from the vendor', async () => {
    gateway.upstream.reply(playRecording(ownRecording('gemini', 'text-unary')))
    const body = JSON.stringify(dialects.gemini.body(smallestRequest('gemini')))
    const address = `${gateway.url}/v1beta/models/gemini-recorded:generateContent?key=sk-caller`
    const reply = await fetch(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    expect(reply.status).toBe(200)
    expect(gateway.upstream.lastRequest.path).toBe('/v1beta/models/gemini-recorded:generateContent')
  })
})

const nineWords = 'Count the tokens of these nine words, please, now.'

describe('counts of tokens', () => {
  const models = paths.filter(({ caller }) => caller === 'anthropic-messages')

  it.each(models.flatMap((path) => ['', '/anthropic'].map((prefix) => ({ ...path, prefix }))))(
    'come from the provider, or are our own estimate where it cannot (messages, prefix "$prefix", for $upstream)',
    async ({ prefix, model, upstream }) => {
      const counted = await anthropicClient(gateway.url + prefix).messages.countTokens({ model, messages: [{ role: 'user', content: nineWords }] })
      expectCount(counted.input_tokens, upstream)
    },
  )

  it.each(models)('come from the provider, or are our own estimate where it cannot (responses, for $upstream)', async ({ model, upstream }) => {
    const counted = await openaiClient(gateway.url).responses.inputTokens.count({ model, input: nineWords })
    expect(counted.object).toBe('response.input_tokens')
    expectCount(counted.input_tokens, upstream)
  })

  it.each(models)('come from the provider, or are our own estimate where it cannot (gemini, for $upstream)', async ({ model, upstream }) => {
    const { totalTokens } = await geminiClient(gateway.url).models.countTokens({ model, contents: nineWords })
    expectCount(totalTokens, upstream)
  })

  /** The scripted vendors always count 17; one has no such endpoint. */
  function expectCount(count: number | undefined, upstream: RecordedProtocol): void {
    if (upstream === 'openai-chat') expect([count !== undefined && count > 5 && count < 60, count === 17]).toEqual([true, false])
    else expect(count).toBe(17)
    expect(gateway.upstream.requests.filter(({ method }) => method === 'POST')).toHaveLength(upstream === 'openai-chat' ? 0 : 1)
    expect(gateway.ledger.records().map(({ operation }) => operation)).toEqual(['count-tokens'])
  }
})

/** Both vendors' answers to one text, in the form of numbers that was asked for. */
const embedded = {
  'chat-recorded': (request: CapturedRequest) => {
    const numbers = new Float32Array([0.5, -0.25])
    const isText = (request.json() as Fields).encoding_format === 'base64'
    const embedding = isText ? Buffer.from(numbers.buffer).toString('base64') : [...numbers]
    return { body: { object: 'list', model: 'm', data: [{ object: 'embedding', index: 0, embedding }], usage: { prompt_tokens: 3, total_tokens: 3 } } }
  },
  'gemini-recorded': () => ({ body: { embeddings: [{ values: [0.5, -0.25] }] } }),
}

describe('embeddings', () => {
  it.each(['chat-recorded', 'gemini-recorded'] as const)('are asked of either vendor with either client (%s)', async (model) => {
    gateway.upstream.reply(embedded[model], embedded[model])
    const { data } = await openaiClient(gateway.url).embeddings.create({ model, input: ['Grüße'] })
    expect(data.map(({ embedding }) => embedding)).toEqual([[0.5, -0.25]])
    const { embeddings } = await geminiClient(gateway.url).models.embedContent({ model, contents: ['Grüße'] })
    expect(embeddings?.map(({ values }) => values)).toEqual([[0.5, -0.25]])
    for (const request of gateway.upstream.requests) expect(request.body.toString()).toContain('Grüße')
    expect(gateway.ledger.records().map(({ ending }) => ending)).toEqual(['complete', 'complete'])
  })

  it('are refused when the provider gives another number than there are inputs', async () => {
    gateway.upstream.reply(embedded['gemini-recorded'], embedded['chat-recorded'])
    const two = ['one', 'two']
    const told = 'holds 1 vectors for 2 inputs'
    await expect(openaiClient(gateway.url).embeddings.create({ model: 'gemini-recorded', input: two })).rejects.toThrow(told)
    await expect(geminiClient(gateway.url).models.embedContent({ model: 'chat-recorded', contents: two })).rejects.toThrow(told)
    expect(gateway.ledger.records().map(({ ending }) => ending)).toEqual(['upstream-error', 'upstream-error'])
  })
})

describe('the list of models', () => {
  const everyName = ['gpt-recorded', 'chat-recorded', 'claude-recorded', 'gemini-recorded', 'fast', 'plain', 'smart', 'large']

  it('is given in the shape of OpenAI’s clients, with everything that can be asked for', async () => {
    const listed = (await openaiClient(gateway.url).models.list()).data
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(everyName))
    expect(listed[0]).toMatchObject({ object: 'model', created: expect.any(Number), owned_by: expect.any(String) })
    expect(await openaiClient(gateway.url).models.retrieve('gpt-recorded')).toMatchObject({ id: 'gpt-recorded', object: 'model' })
    await expect(openaiClient(gateway.url).models.retrieve('nobody-has-this')).rejects.toMatchObject({ status: 404 })
  })

  it('is given in the shape of Anthropic’s clients', async () => {
    const listed = (await anthropicClient(gateway.url).models.list({ limit: 1000 })).data
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(everyName))
    expect(listed[0]).toMatchObject({ type: 'model', display_name: expect.any(String), created_at: expect.any(String) })
    expect(await anthropicClient(gateway.url).models.retrieve('claude-recorded')).toMatchObject({ id: 'claude-recorded', type: 'model' })
    await expect(anthropicClient(gateway.url).models.retrieve('nobody-has-this')).rejects.toMatchObject({ status: 404 })
  })

  it.each([
    ['the newest client, under /v1', () => geminiClient(gateway.url)],
    ['the older client, under /v1beta', () => new OlderGenAI({ apiKey: 'caller', httpOptions: { baseUrl: gateway.url } })],
  ] as const)('is given in the shape of Google’s clients (%s)', async (_what, client) => {
    const names: unknown[] = []
    for await (const { name } of await client().models.list()) names.push(name)
    expect(names).toEqual(expect.arrayContaining(everyName.map((name) => `models/${name}`)))
    expect(await client().models.get({ model: 'gemini-recorded' })).toMatchObject({ name: 'models/gemini-recorded' })
    await expect(client().models.get({ model: 'nobody-has-this' })).rejects.toMatchObject({ status: 404 })
  })
})
