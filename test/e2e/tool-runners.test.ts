import Anthropic from '@anthropic-ai/sdk'
import OlderAnthropic from 'anthropic-sdk-2023'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Fields, isObject, objects } from '../support/json-fields.ts'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { anthropicClient, openaiClient } from '../support/sdk-readings.ts'
import { type PathProtocol, paths, startTwoVendors, type TwoVendors } from './two-vendors.ts'

let gateway: TwoVendors

beforeEach(async () => {
  gateway = await startTwoVendors()
})

afterEach(async () => {
  expect(gateway.upstream.refusals).toEqual([])
  await gateway.close()
})

const final = 'Grüße aus Zürich, 你好 👋🏽 — done.'
const schema = { type: 'object' as const, properties: { city: { type: 'string' as const } } }
const cases = (caller: PathProtocol) => paths.filter((path) => path.caller === caller).flatMap((path) => [false, true].map((stream) => ({ path, stream })))

/** Two parallel calls first, words then. */
function script(upstream: PathProtocol, stream: boolean): void {
  const twin = stream ? '' : '-unary'
  gateway.upstream.reply(playRecording(ownRecording(upstream, `parallel-tools${twin}`)), playRecording(ownRecording(upstream, `text${twin}`)))
}

/** What the second request carried back to the upstream: each call's id and its result. */
function resultsSent(upstream: PathProtocol): (readonly [unknown, string])[] {
  const { messages } = gateway.upstream.lastRequest.json() as Fields
  if (upstream === 'openai-chat')
    return objects(messages).flatMap((message) => (message.role === 'tool' ? [[message.tool_call_id, textOf(message.content)] as const] : []))
  const blocks = objects(messages).flatMap((message) => objects(message.content))
  return blocks.flatMap((block) => (block.type === 'tool_result' ? [[block.tool_use_id, textOf(block.content)] as const] : []))
}

function textOf(content: unknown): string {
  return typeof content === 'string'
    ? content
    : objects(content)
        .map(({ text }) => String(text))
        .join('')
}

const expectedResults: Readonly<Record<PathProtocol, unknown>> = {
  'openai-chat': [
    ['call_par_1', 'Sunny in Bern'],
    ['call_par_2', 'a.txt'],
  ],
  'anthropic-messages': [
    ['toolu_par_1', 'Sunny in Bern'],
    ['toolu_par_2', 'a.txt'],
  ],
}

describe('the OpenAI client’s own tool runner', () => {
  it.each(cases('openai-chat'))('runs a whole round ($path.name, streamed: $stream)', async ({ path, stream }) => {
    script(path.upstream, stream)
    const parse = (text: string) => JSON.parse(text) as { city: string }
    const runner = openaiClient(gateway.url).chat.completions.runTools({
      model: path.model,
      stream,
      messages: [{ role: 'user', content: 'Weather and files?' }],
      tools: [
        {
          type: 'function',
          function: { name: 'get_weather', description: 'Weather', parameters: schema, parse, function: ({ city }: { city: string }) => `Sunny in ${city}` },
        },
        { type: 'function', function: { name: 'list_files', description: 'Files', parameters: { type: 'object', properties: {} }, function: () => 'a.txt' } },
      ],
    } as never) as { finalContent(): Promise<string | null> }
    expect(await runner.finalContent()).toBe(final)
    expect(resultsSent(path.upstream)).toEqual(expectedResults[path.upstream])
    expect(gateway.ledger.records().map(({ ending }) => ending)).toEqual(['complete', 'complete'])
  })
})

describe('the Anthropic client’s own tool runner', () => {
  const tools = [
    {
      name: 'get_weather',
      description: 'Weather',
      input_schema: schema,
      run: (input: unknown) => `Sunny in ${isObject(input) ? String(input.city) : ''}`,
      parse: (input: unknown) => input,
    },
    {
      name: 'list_files',
      description: 'Files',
      input_schema: { type: 'object' as const, properties: {} },
      run: () => 'a.txt',
      parse: (input: unknown) => input,
    },
  ]

  it.each(cases('anthropic-messages'))('runs a whole round with the older version ($path.name, streamed: $stream)', async ({ path, stream }) => {
    script(path.upstream, stream)
    const client = new OlderAnthropic({ apiKey: 'sk-caller', baseURL: gateway.url, maxRetries: 0 })
    const runner = client.beta.messages.toolRunner({
      model: path.model,
      max_tokens: 500,
      stream,
      messages: [{ role: 'user', content: 'Weather and files?' }],
      tools,
    } as never)
    const message = (await runner.runUntilDone()) as unknown as Fields
    expect(textOf(message.content)).toBe(final)
    expect(resultsSent(path.upstream)).toEqual(expectedResults[path.upstream])
  })

  it.each(cases('anthropic-messages').filter(({ path }) => path.upstream === 'openai-chat'))(
    'falls back to whole histories where the provider keeps no threads ($path.name, streamed: $stream)',
    async ({ path, stream }) => {
      script(path.upstream, stream)
      const runner = anthropicClient(gateway.url).beta.messages.toolRunner({
        model: path.model,
        max_tokens: 500,
        stream,
        messages: [{ role: 'user', content: 'Weather and files?' }],
        tools,
      } as never)
      const message = (await runner.runUntilDone()) as unknown as Fields
      expect(textOf(message.content)).toBe(final)
      expect(resultsSent(path.upstream)).toEqual(expectedResults[path.upstream])
    },
  )

  it('is told that there are no threads in the words it knows', async () => {
    const thread = { type: 'create' }
    const asked = anthropicClient(gateway.url).messages.create({
      model: 'gpt-recorded',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'Hi' }],
      thread,
    } as never)
    const thrown = await asked.catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(Anthropic.BadRequestError)
    expect((thrown as { error: unknown }).error).toMatchObject({
      error: { type: 'invalid_request_error', details: { error_code: 'thread_unsupported_request' } },
    })
  })
})
