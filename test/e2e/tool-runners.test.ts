import Anthropic from '@anthropic-ai/sdk'
import OlderAnthropic from 'anthropic-sdk-2023'
import { GoogleGenAI as OlderGenAI } from 'google-genai-v1'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { geminiClient } from '../support/gemini-reading.ts'
import { type Fields, isObject, objects } from '../support/json-fields.ts'
import { ownRecording, type RecordedProtocol } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { anthropicClient, openaiClient, readRecording } from '../support/sdk-readings.ts'
import { dialects } from './dialects/index.ts'
import { readRequest } from './request-meaning/index.ts'
import type { Said } from './request-meaning/request-meaning.ts'
import { type Path, paths, startVendors, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeEach(async () => {
  gateway = await startVendors()
})

afterEach(async () => {
  expect(gateway.upstream.refusals).toEqual([])
  await gateway.close()
})

const final = 'Grüße aus Zürich, 你好 👋🏽 — done.'
const question = 'Weather and files?'
const schema = { type: 'object' as const, properties: { city: { type: 'string' as const } } }
const nothing = { type: 'object' as const, properties: {} }
const cases = (caller: RecordedProtocol) => paths.filter((path) => path.caller === caller).flatMap((path) => [false, true].map((stream) => ({ path, stream })))

/** Two parallel calls first, words then. */
function script(upstream: RecordedProtocol, stream: boolean): void {
  const twin = stream ? '' : '-unary'
  gateway.upstream.reply(playRecording(ownRecording(upstream, `parallel-tools${twin}`)), playRecording(ownRecording(upstream, `text${twin}`)))
}

/** The ids of the calls as the vendor gave them. */
const ids: Readonly<Record<RecordedProtocol, readonly string[]>> = {
  'openai-chat': ['call_par_1', 'call_par_2'],
  'openai-responses': ['call_parallel_1', 'call_parallel_2'],
  'anthropic-messages': ['toolu_par_1', 'toolu_par_2'],
  gemini: ['fn_1', 'fn_2'],
}

/** What the second request carried back to the upstream: the calls under their own ids, and each one's result. */
async function expectResults({ upstream }: Path): Promise<void> {
  const { lastRequest } = gateway.upstream
  const { said } = readRequest[upstream](dialects[upstream].sent(lastRequest))
  const isWord = (one: Said) => one.type === 'text' && one.by === 'assistant'
  expect(said.filter((one) => !isWord(one))).toEqual([
    { type: 'text', by: 'user', text: question },
    { type: 'call', name: 'get_weather', arguments: { city: 'Bern' } },
    { type: 'call', name: 'list_files', arguments: {} },
    { type: 'result', of: 0, text: 'Sunny in Bern', media: [] },
    { type: 'result', of: 1, text: 'a.txt', media: [] },
  ])
  const words = said.flatMap((one) => (one.type === 'text' && isWord(one) ? one.text.replace(/\s/g, '') : [])).join('')
  expect(words).toBe((await readRecording(ownRecording(upstream, 'parallel-tools'))).text.replace(/\s/g, ''))
  for (const id of ids[upstream]) expect(lastRequest.body.toString().split(`"${id}"`), id).toHaveLength(3)
  expect(gateway.ledger.records().map(({ ending }) => ending)).toEqual(['complete', 'complete'])
}

function textOf(content: unknown): string {
  return typeof content === 'string'
    ? content
    : objects(content)
        .map(({ text }) => String(text))
        .join('')
}

function run(name: unknown, input: unknown): string {
  return name === 'get_weather' ? `Sunny in ${isObject(input) ? String(input.city) : ''}` : 'a.txt'
}

describe('the OpenAI client’s own tool runner', () => {
  it.each(cases('openai-chat'))('runs a whole round ($path.name, streamed: $stream)', async ({ path, stream }) => {
    script(path.upstream, stream)
    const parse = (text: string) => JSON.parse(text) as { city: string }
    const runner = openaiClient(gateway.url).chat.completions.runTools({
      model: path.model,
      stream,
      messages: [{ role: 'user', content: question }],
      tools: [
        {
          type: 'function',
          function: { name: 'get_weather', description: 'Weather', parameters: schema, parse, function: (input: unknown) => run('get_weather', input) },
        },
        { type: 'function', function: { name: 'list_files', description: 'Files', parameters: nothing, function: () => run('list_files', {}) } },
      ],
    } as never) as { finalContent(): Promise<string | null> }
    expect(await runner.finalContent()).toBe(final)
    await expectResults(path)
  })
})

describe('the OpenAI client with responses', () => {
  it.each(cases('openai-responses'))('runs a whole round, with the output as the next input ($path.name, streamed: $stream)', async ({ path, stream }) => {
    script(path.upstream, stream)
    const { responses } = openaiClient(gateway.url)
    const tools = [
      { type: 'function', name: 'get_weather', description: 'Weather', parameters: schema, strict: false },
      { type: 'function', name: 'list_files', description: 'Files', parameters: nothing, strict: false },
    ]
    const ask = async (input: readonly unknown[]) => {
      const body = { model: path.model, tools, input, store: false, include: ['reasoning.encrypted_content'] } as never
      return (stream ? await responses.stream(body).finalResponse() : await responses.create(body)) as { output: unknown[]; output_text: string }
    }
    const first = await ask([{ role: 'user', content: question }])
    const calls = objects(first.output).filter(({ type }) => type === 'function_call')
    const outputs = calls.map(({ call_id, name, arguments: text }) => ({ type: 'function_call_output', call_id, output: run(name, JSON.parse(String(text))) }))
    // The client adds what the vendor does not take back.
    const history = objects(first.output).map(({ parsed_arguments: _, ...item }) => item)
    const second = await ask([{ role: 'user', content: question }, ...history, ...outputs])
    expect(second.output_text).toBe(final)
    await expectResults(path)
  })
})

describe('the Anthropic client’s own tool runner', () => {
  const parse = (input: unknown) => input
  const tools = [
    { name: 'get_weather', description: 'Weather', input_schema: schema, run: (input: unknown) => run('get_weather', input), parse },
    { name: 'list_files', description: 'Files', input_schema: nothing, run: () => run('list_files', {}), parse },
  ]
  const body = ({ model }: Path, stream: boolean) => ({ model, max_tokens: 500, stream, messages: [{ role: 'user', content: question }], tools }) as never

  it.each(cases('anthropic-messages'))('runs a whole round with the older version ($path.name, streamed: $stream)', async ({ path, stream }) => {
    script(path.upstream, stream)
    const client = new OlderAnthropic({ apiKey: 'sk-caller', baseURL: gateway.url, maxRetries: 0 })
    const message = (await client.beta.messages.toolRunner(body(path, stream)).runUntilDone()) as unknown as Fields
    expect(textOf(message.content)).toBe(final)
    await expectResults(path)
  })

  it.each(cases('anthropic-messages').filter(({ path }) => path.upstream !== 'anthropic-messages'))(
    'falls back to whole histories where the provider keeps no threads ($path.name, streamed: $stream)',
    async ({ path, stream }) => {
      script(path.upstream, stream)
      const message = (await anthropicClient(gateway.url).beta.messages.toolRunner(body(path, stream)).runUntilDone()) as unknown as Fields
      expect(textOf(message.content)).toBe(final)
      const { said } = readRequest[path.upstream](dialects[path.upstream].sent(gateway.upstream.lastRequest))
      expect(said.slice(-2)).toMatchObject([
        { of: 0, text: 'Sunny in Bern' },
        { of: 1, text: 'a.txt' },
      ])
    },
  )

  it.each(paths.filter(({ caller, upstream }) => caller === 'anthropic-messages' && upstream !== 'anthropic-messages'))(
    'is told that there are no threads in the words it knows ($name)',
    async ({ model }) => {
      const asked = anthropicClient(gateway.url).messages.create({
        model,
        max_tokens: 9,
        messages: [{ role: 'user', content: 'Hi' }],
        thread: { type: 'create' },
      } as never)
      const thrown = await asked.catch((error: unknown) => error)
      expect(thrown).toBeInstanceOf(Anthropic.BadRequestError)
      expect((thrown as { error: unknown }).error).toMatchObject({
        error: { type: 'invalid_request_error', details: { error_code: 'thread_unsupported_request' } },
      })
    },
  )
})

describe('the Google client’s automatic function calling', () => {
  const tool = {
    tool: async () => ({
      functionDeclarations: [
        { name: 'get_weather', description: 'Weather', parametersJsonSchema: schema },
        { name: 'list_files', description: 'Files', parametersJsonSchema: nothing },
      ],
    }),
    callTool: async (calls: readonly { id?: string; name?: string; args?: unknown }[]) =>
      calls.map(({ id, name, args }) => ({ functionResponse: { ...(id !== undefined && { id }), name, response: { output: run(name, args) } } })),
  }
  const clients = [
    ['the newest version', () => geminiClient(gateway.url)],
    ['the older version', () => new OlderGenAI({ apiKey: 'caller', httpOptions: { baseUrl: gateway.url } })],
  ] as const
  const everyCase = cases('gemini').flatMap((one) => clients.map(([version, client]) => ({ ...one, version, client })))

  it.each(everyCase)('runs a whole round with $version ($path.name, streamed: $stream)', async ({ path, stream, client }) => {
    script(path.upstream, stream)
    const { models } = client()
    const request = { model: path.model, contents: question, config: { tools: [tool] } } as never
    let text = ''
    if (!stream) text = (await models.generateContent(request)).text ?? ''
    else for await (const chunk of await models.generateContentStream(request)) text += chunk.text ?? ''
    expect(text.endsWith(final), text).toBe(true)
    await expectResults(path)
  })
})
