import OlderAnthropic from 'anthropic-sdk-2023'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkAnthropicMessagesStream } from '../support/check-anthropic-messages-stream.ts'
import { checkOpenaiChatStream } from '../support/check-openai-chat-stream.ts'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { anthropicClient, openaiClient, read, readRecording, smallestRequest } from '../support/sdk-readings.ts'
import { paths, post, startTwoVendors, type TwoVendors } from './two-vendors.ts'

let gateway: TwoVendors

beforeEach(async () => {
  gateway = await startTwoVendors()
})

afterEach(() => gateway.close())

const toAnthropic = paths[1] as (typeof paths)[number]
const messagesToOpenai = paths[3] as (typeof paths)[number]

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

  it.each([toAnthropic, messagesToOpenai])('serve the older client, which sends its key and version in other headers ($name)', async (path) => {
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'parallel-tools')))
    const client = new OlderAnthropic({ apiKey: 'sk-caller', baseURL: gateway.url, maxRetries: 0 })
    const message = await client.messages.stream({ model: path.model, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }).finalMessage()
    expect(message.content.filter(({ type }) => type === 'tool_use')).toHaveLength(2)
    expect(message.stop_reason).toBe('tool_use')
  })

  it.each(['', '/anthropic'])('count tokens natively, or by our own estimate where the provider cannot (prefix "%s")', async (prefix) => {
    const client = anthropicClient(gateway.url + prefix)
    const ask = (model: string) =>
      client.messages.countTokens({ model, messages: [{ role: 'user', content: 'Count the tokens of these nine words, please, now.' }] })
    expect(await ask('claude-recorded')).toMatchObject({ input_tokens: 17 })
    const { input_tokens: estimated } = await ask('gpt-recorded')
    expect(estimated).toBeGreaterThan(5)
    expect(estimated).toBeLessThan(60)
    expect(gateway.upstream.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
    expect(gateway.ledger.records().map(({ operation }) => operation)).toEqual(['count-tokens', 'count-tokens'])
  })
})

describe('the list of models', () => {
  it('is given in the caller’s own shape, with everything that can be asked for', async () => {
    const chat = (await openaiClient(gateway.url).models.list()).data
    expect(chat.map(({ id }) => id)).toEqual(expect.arrayContaining(['gpt-recorded', 'claude-recorded', 'fast', 'smart']))
    expect(chat[0]).toMatchObject({ object: 'model', created: expect.any(Number), owned_by: expect.any(String) })
    expect(await openaiClient(gateway.url).models.retrieve('gpt-recorded')).toMatchObject({ id: 'gpt-recorded', object: 'model' })
    await expect(openaiClient(gateway.url).models.retrieve('nobody-has-this')).rejects.toMatchObject({ status: 404 })
  })
})

describe('time-outs', () => {
  it.each(paths)('answer 504 when the provider does not begin, and end a stream that stalls with an error ($name)', async (path) => {
    const hasty = await startTwoVendors({ timeouts: { firstByte: 200, idle: 200 } })
    const request = JSON.stringify({ ...smallestRequest(path.caller, path.model), stream: true })
    hasty.upstream.reply({ headDelay: Number.POSITIVE_INFINITY })
    const silent = await post(hasty.url, path.caller, request)
    expect([silent.status, await silent.text()]).toEqual([504, expect.stringContaining('did not begin to answer')])
    const recording = ownRecording(path.upstream, 'text')
    const half = recording.body.indexOf('\n\n', recording.body.length / 2) + 2
    hasty.upstream.reply(playRecording(recording, { cutAfter: half, ending: 'hang' }))
    const stalled = await post(hasty.url, path.caller, request)
    const bytes = Buffer.from(await stalled.arrayBuffer())
    const violations =
      path.caller === 'openai-chat'
        ? checkOpenaiChatStream(bytes, { includeUsage: false, ending: 'error' })
        : checkAnthropicMessagesStream(bytes, { ending: 'error' })
    expect([stalled.status, violations]).toEqual([200, []])
    expect(hasty.ledger.records().map(({ ending, errorCode }) => [ending, errorCode])).toEqual(Array(2).fill(['upstream-error', 'TKL_UPSTREAM_TIMEOUT']))
    await hasty.close()
  })
})

describe('an idle translated stream', () => {
  it.each(paths.filter(({ caller, upstream }) => caller !== upstream))('is kept alive in the caller’s own form ($name)', async (path) => {
    const pinging = await startTwoVendors({ settings: { pingInterval: 30 } })
    const recording = ownRecording(path.upstream, 'text')
    const half = recording.body.indexOf('\n\n', recording.body.length / 2) + 2
    pinging.upstream.reply({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [recording.body.subarray(0, half), recording.body.subarray(half)],
      delay: 200,
    })
    const usage = path.caller === 'openai-chat' ? { stream_options: { include_usage: true } } : {}
    const reply = await post(pinging.url, path.caller, JSON.stringify({ ...smallestRequest(path.caller, path.model), stream: true, ...usage }))
    const bytes = Buffer.from(await reply.arrayBuffer())
    expect(bytes.toString()).toMatch(path.caller === 'openai-chat' ? /^:/m : /^event: ping$/m)
    expect(path.caller === 'openai-chat' ? checkOpenaiChatStream(bytes, { includeUsage: true }) : checkAnthropicMessagesStream(bytes)).toEqual([])
    await pinging.close()
  })
})
