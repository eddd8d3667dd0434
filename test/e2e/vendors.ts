import type { Logger } from 'pino'
import type { GatewaySettings, Plugin, PluginEntry } from 'tokligence'
import {
  anthropic,
  anthropicMessages,
  gemini,
  geminiContents,
  modelRoutes,
  models,
  openai,
  openaiChat,
  openaiResponses,
  translations,
} from 'tokligence/plugins'
import { createHarness, type Harness, type MemoryLedgerPlugin, memoryLedger } from 'tokligence/testing'
import type { Fields } from '../support/json-fields.ts'
import type { RecordedProtocol } from '../support/recordings.ts'
import { startVendorUpstream, type VendorUpstream } from '../support/scripted-upstream.ts'
import { dialects } from './dialects/index.ts'

/** One of the sixteen ways through the gateway. */
export interface Path {
  readonly name: string
  readonly caller: RecordedProtocol
  readonly upstream: RecordedProtocol
  /** The provider's id in the configuration. */
  readonly provider: string
  /** A model that is routed to the upstream under its own name. */
  readonly model: string
  /** A model that is routed to the upstream under another name, `upstreamModel`. */
  readonly alias: string
  readonly upstreamModel: string
}

type Vendor = Omit<Path, 'name' | 'caller'>

const vendors: readonly Vendor[] = [
  { upstream: 'openai-chat', provider: 'chat', model: 'chat-recorded', alias: 'plain', upstreamModel: 'chat-aliased' },
  { upstream: 'openai-responses', provider: 'openai', model: 'gpt-recorded', alias: 'fast', upstreamModel: 'gpt-aliased' },
  { upstream: 'anthropic-messages', provider: 'anthropic', model: 'claude-recorded', alias: 'smart', upstreamModel: 'claude-aliased' },
  { upstream: 'gemini', provider: 'gemini', model: 'gemini-recorded', alias: 'large', upstreamModel: 'gemini-aliased' },
]

const names: Readonly<Record<RecordedProtocol, readonly [caller: string, upstream: string]>> = {
  'openai-chat': ['chat', 'chat'],
  'openai-responses': ['responses', 'OpenAI'],
  'anthropic-messages': ['messages', 'Anthropic'],
  gemini: ['gemini', 'Gemini'],
}

/** The protocols that callers speak. */
export const callers: readonly RecordedProtocol[] = vendors.map(({ upstream }) => upstream)
export const paths: readonly Path[] = callers.flatMap((caller) =>
  vendors.map((vendor) => ({ name: `${names[caller][0]} → ${names[vendor.upstream][1]}`, caller, ...vendor })),
)
export const identityPaths = paths.filter(({ caller, upstream }) => caller === upstream)
export const translatedPaths = paths.filter(({ caller, upstream }) => caller !== upstream)

/** Throws Error when there is none. */
export function pathBetween(caller: RecordedProtocol, upstream: RecordedProtocol): Path {
  const found = paths.find((path) => path.caller === caller && path.upstream === upstream)
  if (!found) throw new Error(`There is no path from ${caller} to ${upstream}.`)
  return found
}

export interface Vendors extends Harness {
  readonly upstream: VendorUpstream
  readonly ledger: MemoryLedgerPlugin
}

export interface VendorsOptions {
  readonly settings?: GatewaySettings
  /** By the address of the upstream, where they need it. */
  readonly extra?: readonly PluginEntry[] | ((upstream: string) => readonly PluginEntry[])
  /** In place of one of its own; whoever started it closes it. */
  readonly upstream?: VendorUpstream
  /** In place of the memory ledger, whose rows then stay empty. */
  readonly ledger?: PluginEntry
  /** In place of the protocol plugins. */
  readonly protocols?: readonly PluginEntry[]
  /** Silent when absent. */
  readonly logger?: Logger
  /** Milliseconds. */
  readonly timeouts?: { readonly connect?: number; readonly firstByte?: number; readonly idle?: number }
}

export function protocolPlugins(): readonly Plugin[] {
  return [openaiChat(), openaiResponses(), anthropicMessages(), geminiContents()]
}

/** A gateway with all protocols, all vendors and all translations, in front of one scripted upstream that plays every vendor. */
export async function startVendors(options: VendorsOptions = {}): Promise<Vendors> {
  const upstream = options.upstream ?? (await startVendorUpstream())
  const ledger = memoryLedger()
  const { timeouts, protocols = protocolPlugins(), extra = [] } = options
  const waits = timeouts && { timeouts }
  const harness = await createHarness({
    settings: options.settings ?? {},
    ...(options.logger && { logger: options.logger }),
    plugins: [
      protocols,
      translations(),
      openai({ apiKey: 'sk-openai-own', baseUrl: `${upstream.url}/v1`, protocols: ['openai-responses'], ...waits }),
      openai({ id: 'chat', apiKey: 'sk-openai-own', baseUrl: `${upstream.url}/v1`, protocols: ['openai-chat'], ...waits }),
      anthropic({ apiKey: 'sk-anthropic-own', baseUrl: upstream.url, ...waits }),
      gemini({ apiKey: 'gemini-own', baseUrl: upstream.url, ...waits }),
      modelRoutes(
        Object.fromEntries(
          vendors.flatMap(({ provider, model, alias, upstreamModel }) => [
            [model, provider],
            [alias, `${provider}/${upstreamModel}`],
          ]),
        ),
      ),
      models(),
      options.ledger ?? ledger,
      ...(typeof extra === 'function' ? extra(upstream.url) : extra),
    ],
  })
  return {
    ...harness,
    upstream,
    ledger,
    async close() {
      await harness.close()
      if (!options.upstream) await upstream.close()
    },
  }
}

/** Sends bytes to the gateway as a caller without a client library would. */
export function post(
  url: string,
  { protocol, model, stream = false }: { readonly protocol: RecordedProtocol; readonly model: string; readonly stream?: boolean },
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const { endpoint, login } = dialects[protocol]
  return fetch(url + endpoint(model, stream), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...login, ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
}

/** Sends a request that is given as its fields, `model` and `stream` among them. */
export function ask(url: string, protocol: RecordedProtocol, request: Fields, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const address = { protocol, model: String(request.model), stream: request.stream === true }
  return post(url, address, JSON.stringify(dialects[protocol].body(request)), headers)
}

/** A request along a path with the fields that are given: streamed ones ask to be told usage. */
export function requestOn({ caller, model }: Pick<Path, 'caller' | 'model'>, stream: boolean, fields: Fields): Fields {
  return { ...fields, model, stream, ...(stream && dialects[caller].asksUsage) }
}

/** Where the figures of a stream come from that broke off: Gemini tells those so far in every event, other vendors tell them at the end. */
export function sourceOfPart({ upstream }: Path): 'measured' | 'estimated' {
  return upstream === 'gemini' ? 'measured' : 'estimated'
}

/** Waits until something is there; what a caller does not wait for takes a moment. */
export async function eventually<T>(look: () => T | undefined, milliseconds = 2_000): Promise<T> {
  const deadline = performance.now() + milliseconds
  for (;;) {
    const found = look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`Nothing came within ${milliseconds} ms.`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
