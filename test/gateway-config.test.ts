import { readdirSync } from 'node:fs'
import pino from 'pino'
import * as tokligence from 'tokligence'
import { createGateway, type Gateway, type GatewayConfig, noOpaqueValue, sealPrefix } from 'tokligence'
import * as plugins from 'tokligence/plugins'
import { type ScriptedReply, type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../core/config/load.ts'
import { resolveConfig } from '../core/config/resolve.ts'
import { root } from './source-files.ts'

const before = { ...process.env }
let config: GatewayConfig
let upstream: ScriptedUpstream
let variables: Readonly<Record<string, string>> = {}

/** Stands for every vendor, and says what it was asked for; a model of the one gives a thought with its signature too. */
function answer(path: string): ScriptedReply {
  const text = `asked ${path} here`
  if (path !== '/v1/messages') return { status: 503, body: { error: { message: text } } }
  const content = [
    { type: 'thinking', thinking: 'Hm.', signature: 'c2lnbmF0dXJl' },
    { type: 'text', text },
  ]
  const usage = { input_tokens: 5_000, output_tokens: 1 }
  return { status: 200, body: { id: 'm', type: 'message', role: 'assistant', model: 'm', content, stop_reason: 'end_turn', stop_sequence: null, usage } }
}

beforeAll(async () => {
  upstream = await startScriptedUpstream(({ path }) => answer(path))
  variables = {
    OPENAI_API_KEY: 'one',
    ANTHROPIC_API_KEY: 'two',
    GEMINI_API_KEY: 'three',
    OPENAI_COMPATIBLE_BASE_URL: `${upstream.url}/compatible`,
    TOKLIGENCE_OPENAI_BASE_URL: `${upstream.url}/v1`,
    TOKLIGENCE_ANTHROPIC_BASE_URL: upstream.url,
    TOKLIGENCE_GEMINI_BASE_URL: upstream.url,
    TOKLIGENCE_LEDGER_PATH: ':memory:',
    TOKLIGENCE_PREFIX_WATCH: 'true',
  }
  Object.assign(process.env, variables)
  const modules: Readonly<Record<string, object>> = { tokligence, 'tokligence/plugins': plugins }
  config = (await loadConfig(`${root}gateway.config.ts`, { hostModules: (specifier) => modules[specifier] })).config
})

afterAll(async () => {
  await upstream.close()
  for (const name of Object.keys(variables)) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }
})

/** The name of an entry's first plugin: a provider stands together with its routes. */
function firstNameOf(entry: GatewayConfig['plugins'][number]): string {
  const [first] = resolveConfig({ plugins: [entry] }).plugins
  return `${first?.kind}/${first?.id}`
}

async function read(url: string, body?: object): Promise<{ readonly status: number; readonly text: string }> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const reply = await fetch(url, body ? post : {})
  return { status: reply.status, text: await reply.text() }
}

async function modelsAt(url: string): Promise<string> {
  const { data = [] } = JSON.parse((await read(url)).text) as { readonly data?: readonly { readonly id: string }[] }
  return data.some(({ id }) => id === 'loopback') ? 'loopback and others' : 'none'
}

const messages = [{ role: 'user', content: 'Hello' }]

/** How callers of each protocol ask a model. */
const callers = {
  chat: (url: string, model: string) => read(`${url}/v1/chat/completions`, { model, messages }),
  responses: (url: string, model: string) => read(`${url}/v1/responses`, { model, input: messages }),
  messages: (url: string, model: string) => read(`${url}/v1/messages`, { model, messages, max_tokens: 5 }),
  gemini: (url: string, model: string) => read(`${url}/v1beta/models/${model}:generateContent`, { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }),
}
type Caller = keyof typeof callers
const all = Object.keys(callers) as Caller[]

/** Models of each provider of the configuration, and of one that speaks a single protocol which no other provider speaks alone. */
const models = {
  loopback: 'loopback',
  gpt: 'gpt-5',
  claude: 'claude-opus-5',
  google: 'gemini-3-pro',
  compatible: 'compatible/anything',
  responder: 'responder/anything',
} as const
type Model = keyof typeof models

/** What was asked of a vendor, else the status that the gateway answered with. */
async function ask(url: string, caller: Caller, model: Model): Promise<readonly [string, string | number]> {
  const { status, text } = await callers[caller](url, models[model])
  return [`${caller}, ${model}`, /asked (\/\S+) here/.exec(text)?.[1] ?? status]
}

/** What a caller gets who goes on from a reply of another vendor's model. */
async function statusOfContinuation(url: string): Promise<number> {
  const { text } = await callers.responses(url, models.claude)
  const { id = 'resp_none' } = JSON.parse(text) as { readonly id?: string }
  return (await read(`${url}/v1/responses`, { model: models.claude, input: 'And?', previous_response_id: id })).status
}

/** A client whose system text is another one each time goes on with a conversation. */
async function changeSystemText(url: string): Promise<void> {
  const first = { role: 'user', content: 'What is there to be said of this? '.repeat(10) }
  const turns = [first, { role: 'assistant', content: 'Much.' }, { role: 'user', content: 'Such as?' }]
  for (const [time, count] of [1, 3].entries())
    await read(`${url}/v1/messages`, { model: models.claude, system: `It is ${time} o'clock.`, messages: turns.slice(0, count), max_tokens: 5 })
}

/** What a caller and an operator see of a gateway. */
async function observe(entries: GatewayConfig['plugins']): Promise<Readonly<Record<string, unknown>>> {
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line) => void lines.push(line) })
  const responder = plugins.openai({ id: 'responder', protocols: ['openai-responses'] })
  const gateway: Gateway = await createGateway({ ...config, listen: { port: 0 }, plugins: [...entries, responder] }, { logger })
  try {
    const { url } = await gateway.listen()
    await changeSystemText(url)
    const asked = await Promise.all(all.flatMap((caller) => (Object.keys(models) as Model[]).map((model) => ask(url, caller, model))))
    return {
      ...Object.fromEntries(asked),
      'sealed thoughts': (await callers.chat(url, models.claude)).text.replaceAll(noOpaqueValue, '').includes(sealPrefix),
      'continued reply': await statusOfContinuation(url),
      'listed models': await modelsAt(`${url}/v1/models`),
      health: (await read(`${url}/health`)).status,
      'broken prefix': lines.some((line) => line.includes('"brokenBy":"client"')),
      'log lines': lines.filter((line) => line.includes('POST /v1/')).length > 0,
      recorded: (await gateway.registry.all('ledger')[0]?.[1].requests({}))?.length !== undefined,
    }
  } finally {
    await gateway.close()
  }
}

/** The same for several callers and models. */
function cells<Value>(from: readonly Caller[], to: readonly Model[], value: Value): Readonly<Record<string, Value>> {
  return Object.fromEntries(from.flatMap((caller) => to.map((model) => [`${caller}, ${model}`, value])))
}

const everyModel = Object.keys(models) as Model[]
const others = (caller: Caller) => all.filter((other) => other !== caller)
const noThoughts = { 'sealed thoughts': false }

const whole: Readonly<Record<string, unknown>> = {
  ...cells(all, ['loopback'], 200),
  ...cells(all, ['gpt', 'responder'], '/v1/responses'),
  ...cells(['chat'], ['gpt'], '/v1/chat/completions'),
  ...cells(all, ['claude'], '/v1/messages'),
  ...cells(all, ['google'], '/v1beta/models/gemini-3-pro:generateContent'),
  ...cells(all, ['compatible'], '/compatible/chat/completions'),
  'sealed thoughts': true,
  'continued reply': 200,
  'listed models': 'loopback and others',
  health: 200,
  'broken prefix': true,
  'log lines': true,
  recorded: true,
}

/** By the entry's first plugin: what is different without it, and nothing else. */
const withoutIt: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'protocol/openai-chat': {
    ...cells(['chat'], everyModel, 404),
    ...cells(others('chat'), ['compatible'], 400),
    ...noThoughts,
    'listed models': 'none',
  },
  'protocol/openai-responses': {
    ...cells(['responses'], everyModel, 404),
    'continued reply': 404,
    ...cells(others('responses'), ['responder'], 400),
    ...cells(['messages', 'gemini'], ['gpt'], '/v1/chat/completions'),
  },
  'protocol/anthropic-messages': {
    ...cells(['messages'], everyModel, 404),
    ...cells(others('messages'), ['claude'], 400),
    ...noThoughts,
    'continued reply': 400,
    'broken prefix': false,
  },
  'protocol/gemini': { ...cells(['gemini'], everyModel, 404), ...cells(others('gemini'), ['google'], 400) },
  'translation/openai-chat-to-openai-responses': cells(['chat'], ['responder'], 400),
  'translation/openai-chat-to-anthropic-messages': { ...cells(['chat'], ['claude'], 400), ...noThoughts },
  'translation/openai-chat-to-gemini': cells(['chat'], ['google'], 400),
  'translation/openai-responses-to-openai-chat': cells(['responses'], ['compatible'], 400),
  'translation/openai-responses-to-anthropic-messages': { ...cells(['responses'], ['claude'], 400), 'continued reply': 400 },
  'translation/openai-responses-to-gemini': cells(['responses'], ['google'], 400),
  'translation/anthropic-messages-to-openai-chat': cells(['messages'], ['compatible'], 400),
  'translation/anthropic-messages-to-openai-responses': {
    ...cells(['messages'], ['gpt'], '/v1/chat/completions'),
    ...cells(['messages'], ['responder'], 400),
  },
  'translation/anthropic-messages-to-gemini': cells(['messages'], ['google'], 400),
  'translation/gemini-to-openai-chat': cells(['gemini'], ['compatible'], 400),
  'translation/gemini-to-openai-responses': { ...cells(['gemini'], ['gpt'], '/v1/chat/completions'), ...cells(['gemini'], ['responder'], 400) },
  'translation/gemini-to-anthropic-messages': cells(['gemini'], ['claude'], 400),
  'seal/signed-seals': noThoughts,
  'provider/openai': cells(all, ['gpt'], 404),
  'provider/anthropic': { ...cells(all, ['claude'], 404), ...noThoughts, 'continued reply': 404, 'broken prefix': false },
  'provider/gemini': cells(all, ['google'], 404),
  'provider/compatible': cells(all, ['compatible'], 404),
  'provider/loopback': { ...cells(all, ['loopback'], 404), 'listed models': 'none' },
  'models/directory': { 'listed models': 'none' },
  'ledger/sqlite': { recorded: false },
  'session/memory': { 'continued reply': 400 },
  'detector/prefix-watch': { 'broken prefix': false },
  'admin/health': { health: 404 },
  'telemetry/request-log': { 'log lines': false },
}

describe('the configuration at the root', () => {
  it('lists every built-in plugin', () => {
    const listed = new Set(resolveConfig(config).plugins.map(({ kind, name }) => `${kind}/${name}`))
    const kinds = readdirSync(`${root}plugins`, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'preset')
    const builtIn = kinds.flatMap(({ name: kind }) => readdirSync(`${root}plugins/${kind}`).map((name) => `${kind}/${name}`))
    // It stands where the ledger is in a file.
    expect([...listed, 'session/sqlite'].toSorted()).toEqual(builtIn.toSorted())
  })

  it('serves everything there is', async () => {
    expect(await observe(config.plugins)).toEqual(whole)
  })

  it.each(Object.entries(withoutIt))('loses exactly that feature without %s', async (name, difference) => {
    const left = config.plugins.filter((entry) => firstNameOf(entry) !== name)
    expect(left).toHaveLength(config.plugins.length - 1)
    expect(await observe(left)).toEqual({ ...whole, ...difference })
  })

  it('has no entry that this test does not know', () => {
    expect(config.plugins.map(firstNameOf)).toEqual(Object.keys(withoutIt))
  })
})
