import Anthropic, { BadRequestError } from '@anthropic-ai/sdk'
import { anthropicMessages, modelRoutes, openai, openaiChat, openaiResponses } from 'tokligence/plugins'
import { createHarness } from 'tokligence/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fields } from '../../support/json-fields.ts'
import { ownRecording, type RecordedProtocol } from '../../support/recordings.ts'
import { playRecording } from '../../support/scripted-upstream.ts'
import { pixel, plainText } from '../conversations.ts'
import { ask, pathBetween, paths, post, requestOn, startVendors, type Vendors } from '../vendors.ts'

let gateway: Vendors

beforeAll(async () => {
  gateway = await startVendors()
})

afterAll(() => gateway.close())

function answer(upstream: RecordedProtocol): void {
  gateway.upstream.reply(playRecording(ownRecording(upstream, 'text-unary')))
}

describe('case 11: a thinking budget below what the provider takes', () => {
  it('becomes the least one, and says so in a header', async () => {
    const path = pathBetween('gemini', 'anthropic-messages')
    answer('anthropic-messages')
    const reply = await ask(gateway.url, 'gemini', {
      ...plainText.gemini,
      model: 'anthropic/claude-sonnet-4-5',
      generationConfig: { maxOutputTokens: 8_000, thinkingConfig: { thinkingBudget: 100 } },
    })
    expect([path.upstream, reply.status]).toEqual(['anthropic-messages', 200])
    expect(gateway.upstream.lastRequest.json()).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 1_024 } })
    expect(Number(reply.headers.get('x-tokligence-losses'))).toBeGreaterThan(0)
  })

  it('is left out where even the least one has no room, and the request goes on', async () => {
    answer('anthropic-messages')
    const reply = await ask(gateway.url, 'gemini', {
      ...plainText.gemini,
      model: 'anthropic/claude-sonnet-4-5',
      generationConfig: { maxOutputTokens: 500, thinkingConfig: { thinkingBudget: 100 } },
    })
    expect([reply.status, gateway.upstream.refusals]).toEqual([200, []])
    expect(gateway.upstream.lastRequest.json()).not.toHaveProperty('thinking')
  })
})

describe('case 14: a pair that nothing can translate', () => {
  it('is refused at once with an error of the caller’s own kind that names what is missing', async () => {
    const harness = await createHarness({
      plugins: [
        anthropicMessages(),
        openaiChat(),
        openaiResponses(),
        openai({ apiKey: 'sk-own', baseUrl: 'http://127.0.0.1:9/v1' }),
        modelRoutes({ 'gpt-*': 'openai' }),
      ],
    })
    try {
      const client = new Anthropic({ apiKey: 'sk-caller', baseURL: harness.url, maxRetries: 0 })
      const begun = performance.now()
      const thrown: unknown = await client.messages
        .stream({ model: 'gpt-5', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] })
        .finalMessage()
        .catch((error: unknown) => error)
      expect(thrown).toBeInstanceOf(BadRequestError)
      expect(thrown).toMatchObject({
        status: 400,
        error: { type: 'error', error: { type: 'invalid_request_error', message: expect.stringContaining('no translation') } },
      })
      expect(performance.now() - begun).toBeLessThan(2_000)
    } finally {
      await harness.close()
    }
  })
})

describe('case 16: counting tokens', () => {
  const counters: readonly {
    readonly protocol: RecordedProtocol
    readonly path: (model: string) => string
    readonly body: (model: string) => Fields
    readonly figure: string
  }[] = [
    {
      protocol: 'anthropic-messages',
      path: () => '/v1/messages/count_tokens',
      body: (model) => ({ model, messages: [{ role: 'user', content: 'Count these words.' }] }),
      figure: 'input_tokens',
    },
    {
      protocol: 'openai-responses',
      path: () => '/v1/responses/input_tokens',
      body: (model) => ({ model, input: 'Count these words.' }),
      figure: 'input_tokens',
    },
    {
      protocol: 'gemini',
      path: (model) => `/v1beta/models/${model}:countTokens`,
      body: () => ({ contents: [{ role: 'user', parts: [{ text: 'Count these words.' }] }] }),
      figure: 'totalTokens',
    },
  ]
  const cases = counters.flatMap((counter) => paths.filter(({ caller }) => caller === counter.protocol).map((path) => ({ ...counter, upstream: path })))

  it.each(cases)('always answers, and says who counted ($upstream.name)', async ({ path, body, figure, upstream }) => {
    const reply = await fetch(gateway.url + path(upstream.model), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify(body(upstream.model)),
    })
    const answered = (await reply.json()) as Fields
    expect([reply.status, typeof answered[figure]]).toEqual([200, 'number'])
    expect(Number(answered[figure])).toBeGreaterThan(0)
    const counter = reply.headers.get('x-tokligence-token-count')
    expect(counter).toBe(upstream.upstream === 'openai-chat' ? 'tokenizer' : 'provider')
  })

  it('that fails hurts no later request to the same provider', async () => {
    const { model } = pathBetween('gemini', 'anthropic-messages')
    for (let count = 0; count < 5; count++) {
      // The small endpoints of the scripted vendor always answer; this model is refused by it.
      const reply = await post(gateway.url, { protocol: 'gemini', model: 'anthropic/missing' }, JSON.stringify({ contents: [] }))
      expect(reply.status).toBeGreaterThanOrEqual(400)
    }
    answer('anthropic-messages')
    expect((await ask(gateway.url, 'gemini', { ...plainText.gemini, model })).status).toBe(200)
  })
})

describe('case 17: pictures and documents in tool results', () => {
  const pdf = Buffer.from('%PDF-1.4 case 17').toString('base64')
  const messages: Fields = {
    max_tokens: 500,
    tools: [{ name: 'view', input_schema: { type: 'object', properties: {} } }],
    messages: [
      { role: 'user', content: 'Look' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'view', input: {} }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'call_1',
            content: [
              { type: 'text', text: 'Both are here.' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
              { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf } },
            ],
          },
        ],
      },
    ],
  }
  const responses: Fields = {
    tools: [{ type: 'function', name: 'view', parameters: { type: 'object', properties: {} }, strict: false }],
    input: [
      { role: 'user', content: 'Look' },
      { type: 'function_call', call_id: 'call_1', name: 'view', arguments: '{}' },
      {
        type: 'function_call_output',
        call_id: 'call_1',
        output: [
          { type: 'input_text', text: 'Both are here.' },
          { type: 'input_image', image_url: `data:image/png;base64,${pixel}`, detail: 'auto' },
          { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` },
        ],
      },
    ],
  }
  const cases = paths.filter(({ caller, upstream }) => caller !== upstream && (caller === 'anthropic-messages' || caller === 'openai-responses'))

  it.each(cases)('reach the provider, in the result or right behind it ($name)', async (path) => {
    answer(path.upstream)
    const reply = await ask(gateway.url, path.caller, requestOn(path, false, path.caller === 'anthropic-messages' ? messages : responses))
    expect([reply.status, gateway.upstream.refusals]).toEqual([200, []])
    const sent = gateway.upstream.lastRequest.body.toString()
    expect([sent.includes(pixel), sent.includes(pdf), sent.includes('Both are here.')]).toEqual([true, true, true])
  })
})
