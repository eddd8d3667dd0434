import type { GatewaySettings, PluginEntry } from 'tokligence'
import {
  anthropic,
  anthropicMessages,
  anthropicMessagesToOpenaiChat,
  modelRoutes,
  models,
  openai,
  openaiChat,
  openaiChatToAnthropicMessages,
} from 'tokligence/plugins'
import { createHarness, type Harness, type MemoryLedgerPlugin, memoryLedger } from 'tokligence/testing'
import { startVendorUpstream, type VendorUpstream } from '../support/scripted-upstream.ts'

/** The protocols that the paths here begin and end with. */
export type PathProtocol = 'openai-chat' | 'anthropic-messages'

/** One of the four ways through the gateway. */
export interface Path {
  readonly name: string
  readonly caller: PathProtocol
  readonly upstream: PathProtocol
  /** A model that is routed to the upstream under its own name. */
  readonly model: string
  /** A model that is routed to the upstream under another name, `upstreamModel`. */
  readonly alias: string
  readonly upstreamModel: string
}

const toOpenai = { upstream: 'openai-chat', model: 'gpt-recorded', alias: 'fast', upstreamModel: 'gpt-aliased' } as const
const toAnthropic = { upstream: 'anthropic-messages', model: 'claude-recorded', alias: 'smart', upstreamModel: 'claude-aliased' } as const

export const paths: readonly Path[] = [
  { name: 'chat → OpenAI', caller: 'openai-chat', ...toOpenai },
  { name: 'messages → Anthropic', caller: 'anthropic-messages', ...toAnthropic },
  { name: 'chat → Anthropic', caller: 'openai-chat', ...toAnthropic },
  { name: 'messages → OpenAI', caller: 'anthropic-messages', ...toOpenai },
]

export const identityPaths = paths.filter(({ caller, upstream }) => caller === upstream)
export const translatedPaths = paths.filter(({ caller, upstream }) => caller !== upstream)

export interface TwoVendors extends Harness {
  readonly upstream: VendorUpstream
  readonly ledger: MemoryLedgerPlugin
}

export interface TwoVendorsOptions {
  readonly settings?: GatewaySettings
  readonly extra?: readonly PluginEntry[]
  /** In place of the memory ledger, whose rows then stay empty. */
  readonly ledger?: PluginEntry
  /** In place of the two protocol plugins. */
  readonly protocols?: readonly PluginEntry[]
  /** Milliseconds. */
  readonly timeouts?: { readonly connect?: number; readonly firstByte?: number; readonly idle?: number }
}

/** A gateway with both protocols, both vendors and both translations, in front of one scripted upstream that plays both vendors. */
export async function startTwoVendors(options: TwoVendorsOptions = {}): Promise<TwoVendors> {
  const upstream = await startVendorUpstream()
  const ledger = memoryLedger()
  const { timeouts, protocols = [openaiChat(), anthropicMessages()] } = options
  const harness = await createHarness({
    settings: options.settings ?? {},
    plugins: [
      protocols,
      openaiChatToAnthropicMessages(),
      anthropicMessagesToOpenaiChat(),
      openai({ apiKey: 'sk-openai-own', baseUrl: `${upstream.url}/v1`, ...(timeouts && { timeouts }) }),
      anthropic({ apiKey: 'sk-anthropic-own', baseUrl: upstream.url, ...(timeouts && { timeouts }) }),
      modelRoutes({ 'gpt-*': 'openai', 'claude-*': 'anthropic', fast: 'openai/gpt-aliased', smart: 'anthropic/claude-aliased' }),
      models(),
      options.ledger ?? ledger,
      ...(options.extra ?? []),
    ],
  })
  return {
    ...harness,
    upstream,
    ledger,
    async close() {
      await harness.close()
      await upstream.close()
    },
  }
}

/** The path of the endpoint that a protocol's callers use. */
export function endpointOf(protocol: PathProtocol): string {
  return protocol === 'openai-chat' ? '/v1/chat/completions' : '/v1/messages'
}

/** Sends bytes to the gateway as a caller without a client library would. */
export function post(url: string, protocol: PathProtocol, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const login: Record<string, string> =
    protocol === 'openai-chat' ? { authorization: 'Bearer sk-caller' } : { 'x-api-key': 'sk-caller', 'anthropic-version': '2023-06-01' }
  return fetch(url + endpointOf(protocol), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...login, ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
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
