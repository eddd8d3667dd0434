import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { totalInput } from 'tokligence'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownRecording } from '../../support/recordings.ts'
import { playRecording } from '../../support/scripted-upstream.ts'
import { plainText } from '../conversations.ts'
import { ask, pathBetween, requestOn, startVendors, type Vendors } from '../vendors.ts'
import { anthropicEvents } from './wire-streams.ts'

let gateway: Vendors

beforeAll(async () => {
  gateway = await startVendors()
})

afterAll(() => gateway.close())

describe('case 19: input tokens of a provider that tells them last', () => {
  it.each(['openai-chat', 'openai-responses', 'gemini'] as const)('are estimated in message_start and exact at the end (%s)', async (upstream) => {
    const path = pathBetween('anthropic-messages', upstream)
    gateway.upstream.reply(playRecording(ownRecording(upstream, 'text')), playRecording(ownRecording(upstream, 'text')))
    const reply = await ask(gateway.url, 'anthropic-messages', requestOn(path, true, plainText['anthropic-messages']))
    const events = anthropicEvents(await reply.text())
    expect(events[0]?.message?.usage.input_tokens).toBeGreaterThan(0)
    const client = new Anthropic({ apiKey: 'sk-caller', baseURL: gateway.url, maxRetries: 0 })
    const { usage } = await client.messages.stream({ model: path.model, max_tokens: 500, messages: [{ role: 'user', content: 'Greet me.' }] }).finalMessage()
    const row = gateway.ledger.records().at(-1)?.usage
    expect(row?.source).toBe('measured')
    expect({
      input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
      output: usage.output_tokens,
    }).toEqual({
      input: row && totalInput(row),
      output: row?.output,
    })
  })
})

describe('case 22: usage that the caller did not ask for', () => {
  const path = pathBetween('openai-chat', 'openai-chat')
  const recording = ownRecording('openai-chat', 'text')

  it('is asked for and metered, and the caller does not see it', async () => {
    gateway.upstream.reply(playRecording(recording))
    const reply = await ask(gateway.url, 'openai-chat', { model: path.model, stream: true, messages: [{ role: 'user', content: 'Hi' }] })
    const text = await reply.text()
    expect(gateway.upstream.lastRequest.json()).toMatchObject({ stream_options: { include_usage: true } })
    expect(text).not.toContain('"usage":{')
    expect(gateway.ledger.records().at(-1)?.usage).toMatchObject({ source: 'measured', output: expect.any(Number) })
  })

  it('is metered although the caller switched it off', async () => {
    gateway.upstream.reply(playRecording(recording))
    const client = new OpenAI({ apiKey: 'sk-caller', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
    const stream = await client.chat.completions.create({
      model: path.model,
      stream: true,
      stream_options: { include_usage: false },
      messages: [{ role: 'user', content: 'Hi' }],
    })
    for await (const chunk of stream) expect(chunk.usage ?? null).toBeNull()
    expect(gateway.ledger.records().at(-1)?.usage).toMatchObject({ source: 'measured', output: expect.any(Number) })
  })

  it('stays unknown, not 0, where the provider does not tell', async () => {
    gateway.upstream.reply({
      headers: { 'content-type': 'text/event-stream' },
      body: recording.body.toString().replace(/data: [^\n]*"choices":\[\][^\n]*\n\n/, ''),
    })
    await (await ask(gateway.url, 'openai-chat', { model: path.model, stream: true, messages: [{ role: 'user', content: 'Hi' }] })).text()
    expect(gateway.ledger.records().at(-1)?.usage).toMatchObject({ source: 'estimated' })
    expect(gateway.ledger.records().at(-1)?.usage?.cacheRead).toBeUndefined()
  })
})
