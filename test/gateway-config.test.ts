import { readdirSync } from 'node:fs'
import pino from 'pino'
import * as tokligence from 'tokligence'
import { createGateway, type Gateway, type GatewayConfig } from 'tokligence'
import * as plugins from 'tokligence/plugins'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../core/config/load.ts'
import { resolveConfig } from '../core/config/resolve.ts'
import { root } from './source-files.ts'

/** Nothing listens there: a request that gets as far as a provider is answered with 502. */
const nowhere = 'http://127.0.0.1:9'

const variables = {
  OPENAI_API_KEY: 'one',
  ANTHROPIC_API_KEY: 'two',
  OPENAI_COMPATIBLE_BASE_URL: `${nowhere}/v1`,
  TOKLIGENCE_OPENAI_BASE_URL: `${nowhere}/v1`,
  TOKLIGENCE_ANTHROPIC_BASE_URL: nowhere,
  TOKLIGENCE_LEDGER_PATH: ':memory:',
}

const before = { ...process.env }
let config: GatewayConfig

beforeAll(async () => {
  Object.assign(process.env, variables)
  const modules: Readonly<Record<string, object>> = { tokligence, 'tokligence/plugins': plugins }
  config = (await loadConfig(`${root}gateway.config.ts`, { hostModules: (specifier) => modules[specifier] })).config
})

afterAll(() => {
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

async function statusOf(url: string, body?: object): Promise<number> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(url, body ? post : {})
  await answer.arrayBuffer()
  return answer.status
}

async function modelsAt(url: string): Promise<string> {
  const { data = [] } = (await (await fetch(url)).json()) as { readonly data?: readonly { readonly id: string }[] }
  return data.some(({ id }) => id === 'loopback') ? 'loopback and others' : 'none'
}

/** What a caller and an operator see of a gateway. */
async function observe(entries: GatewayConfig['plugins']): Promise<Readonly<Record<string, unknown>>> {
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line) => void lines.push(line) })
  const gateway: Gateway = await createGateway({ ...config, listen: { port: 0 }, plugins: entries }, { logger })
  try {
    const { url } = await gateway.listen()
    const messages = [{ role: 'user', content: 'Hello' }]
    const chat = (model: string) => statusOf(`${url}/v1/chat/completions`, { model, messages })
    const message = (model: string) => statusOf(`${url}/v1/messages`, { model, messages, max_tokens: 5 })
    return {
      'chat, loopback': await chat('loopback'),
      'chat, gpt': await chat('gpt-5'),
      'chat, claude': await chat('claude-opus-5'),
      'chat, compatible': await chat('compatible/anything'),
      'messages, loopback': await message('loopback'),
      'messages, gpt': await message('gpt-5'),
      'messages, claude': await message('claude-opus-5'),
      'listed models': await modelsAt(`${url}/v1/models`),
      health: await statusOf(`${url}/health`),
      'log lines': lines.filter((line) => line.includes('POST /v1/')).length > 0,
      recorded: (await gateway.registry.all('ledger')[0]?.[1].requests({}))?.length !== undefined,
    }
  } finally {
    await gateway.close()
  }
}

const whole = {
  'chat, loopback': 200,
  'chat, gpt': 502,
  'chat, claude': 502,
  'chat, compatible': 502,
  'messages, loopback': 200,
  'messages, gpt': 502,
  'messages, claude': 502,
  'listed models': 'loopback and others',
  health: 200,
  'log lines': true,
  recorded: true,
}

/** By the entry's first plugin: what is different without it, and nothing else. */
const withoutIt: Readonly<Record<string, Partial<Record<keyof typeof whole, unknown>>>> = {
  'protocol/openai-chat': {
    'chat, loopback': 404,
    'chat, gpt': 404,
    'chat, claude': 404,
    'chat, compatible': 404,
    'messages, gpt': 400,
    'listed models': 'none',
  },
  'protocol/anthropic-messages': { 'messages, loopback': 404, 'messages, gpt': 404, 'messages, claude': 404, 'chat, claude': 400 },
  'translation/openai-chat-to-anthropic-messages': { 'chat, claude': 400 },
  'translation/anthropic-messages-to-openai-chat': { 'messages, gpt': 400 },
  'provider/openai': { 'chat, gpt': 404, 'messages, gpt': 404 },
  'provider/anthropic': { 'chat, claude': 404, 'messages, claude': 404 },
  'provider/compatible': { 'chat, compatible': 404 },
  'provider/loopback': { 'chat, loopback': 404, 'messages, loopback': 404, 'listed models': 'none' },
  'models/directory': { 'listed models': 'none' },
  'ledger/sqlite': { recorded: false },
  'admin/health': { health: 404 },
  'telemetry/request-log': { 'log lines': false },
}

describe('the configuration at the root', () => {
  it('lists every built-in plugin', () => {
    const listed = new Set(resolveConfig(config).plugins.map(({ kind, name }) => `${kind}/${name}`))
    const kinds = readdirSync(`${root}plugins`, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'preset')
    const builtIn = kinds.flatMap(({ name: kind }) => readdirSync(`${root}plugins/${kind}`).map((name) => `${kind}/${name}`))
    expect([...listed].toSorted()).toEqual(builtIn.toSorted())
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
