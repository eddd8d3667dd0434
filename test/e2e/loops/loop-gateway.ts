import type { GatewaySettings, PluginEntry } from 'tokligence'
import { anthropic, gemini, modelRoutes, models, openai, translations } from 'tokligence/plugins'
import { createHarness, type Harness, type MemoryLedgerPlugin, memoryLedger, type ScriptedUpstream } from 'tokligence/testing'
import type { Fields } from '../../support/json-fields.ts'
import type { RecordedProtocol } from '../../support/recordings.ts'
import { protocolPlugins } from '../vendors.ts'
import type { ClientTurn, LoopClient } from './loop-clients.ts'

/** An account of a vendor. */
export interface Seat {
  readonly protocol: RecordedProtocol
  readonly account: 'first' | 'second'
}

/** The model by which callers reach an account. */
export function modelAt({ protocol, account }: Seat): string {
  return `${account}-${protocol}`
}

/** Models whose vendors are strict about what their thoughts were signed with. */
const upstreamModels: Readonly<Record<RecordedProtocol, string>> = {
  'openai-chat': 'host-thinker',
  'openai-responses': 'gpt-5.1',
  'anthropic-messages': 'claude-sonnet-4-5',
  gemini: 'gemini-3-pro-preview',
}

export interface LoopGatewayOptions {
  /** `none`: without the plugin that makes them. */
  readonly seals?: Parameters<typeof translations>[0] | 'none'
  readonly extra?: readonly PluginEntry[]
  readonly settings?: GatewaySettings
  /** Of the first account at every vendor. */
  readonly key?: string
}

export const sealKey = Buffer.alloc(32, 7).toString('base64')

export interface LoopGateway extends Harness {
  readonly ledger: MemoryLedgerPlugin
}

/** A gateway with two accounts at each of the four vendors. */
export async function startLoopGateway({ url }: Pick<ScriptedUpstream, 'url'>, options: LoopGatewayOptions = {}): Promise<LoopGateway> {
  const { seals = { seals: { key: sealKey } }, extra = [], settings = {}, key = 'key-first' } = options
  const ledger = memoryLedger()
  const accounts = [
    ['first', key],
    ['second', 'key-second'],
  ] as const
  const plugins = accounts.flatMap(([account, apiKey]) => [
    openai({ id: `${account}-openai-chat`, apiKey, baseUrl: `${url}/v1`, protocols: ['openai-chat'] }),
    openai({ id: `${account}-openai-responses`, apiKey, baseUrl: `${url}/v1`, protocols: ['openai-responses'] }),
    anthropic({ id: `${account}-anthropic-messages`, apiKey, baseUrl: url }),
    gemini({ id: `${account}-gemini`, apiKey, baseUrl: url }),
  ])
  const routes = Object.fromEntries(
    accounts.flatMap(([account]) =>
      Object.entries(upstreamModels).map(([protocol, model]) => [`${account}-${protocol}`, `${account}-${protocol}/${model}`] as const),
    ),
  )
  const directions = seals === 'none' ? translations().filter(({ kind }) => kind !== 'seal') : translations(seals)
  const harness = await createHarness({ settings, plugins: [protocolPlugins(), directions, ...plugins, modelRoutes(routes), models(), ledger, ...extra] })
  return { ...harness, ledger }
}

export interface LoopPlan {
  readonly client: LoopClient
  readonly stream: boolean
  /** How many replies make calls. */
  readonly turns?: number
  /** Where to ask, turn by turn. */
  url(turn: number): string | Promise<string>
  seat(turn: number): Seat
  /** What the client makes of what it was told; all of it when absent. */
  keep?(said: readonly Fields[]): readonly Fields[]
}

/** Runs a tool loop to its end, and gives every turn of it. Rejects as the client does. */
export async function runLoop({ client, stream, turns = 10, url, seat, keep = (said) => said }: LoopPlan): Promise<readonly ClientTurn[]> {
  const done: ClientTurn[] = []
  let history: readonly Fields[] = [client.question]
  for (let turn = 0; turn <= turns; turn++) {
    const answer = await client.ask(await url(turn), modelAt(seat(turn)), history, stream)
    done.push(answer)
    history = [...history, ...keep(answer.said), ...(answer.calls.length > 0 ? client.results(answer.calls) : [])]
    if (answer.calls.length === 0) break
  }
  return done
}
