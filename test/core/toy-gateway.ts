import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createGateway,
  definePlugin,
  type Gateway,
  type GatewaySettings,
  httpProvider,
  type Ledger,
  type Plugin,
  type PluginApi,
  type RequestRecord,
  type RouteTarget,
  Secret,
  viaConversation,
} from 'tokligence'
import { z } from 'zod'
import { createLogger } from '../../core/logger.ts'
import { toyProtocolPlugin } from './toy-protocol.ts'

/** A ledger in memory that can be told to hold its answer back, or to fail. */
export class ToyLedger implements Ledger {
  readonly records: RequestRecord[] = []
  readonly opened: string[] = []
  readonly closed: string[] = []
  gate: Promise<void> = Promise.resolve()
  failure: Error | undefined

  openAttempt(attempt: { id: string }) {
    this.opened.push(attempt.id)
  }

  closeAttempt(attempt: { id: string }) {
    this.closed.push(attempt.id)
  }

  async record(record: RequestRecord) {
    await this.gate
    if (this.failure) throw this.failure
    this.records.push(record)
  }

  recover = async () => 0
  usage = async () => []
  requests = async () => this.records
  flush = async () => undefined
}

export type Play = (request: IncomingMessage, body: string, response: ServerResponse) => void

/** An HTTP server that answers as the test says, and remembers what it was sent. */
export async function startUpstream(play: Play) {
  const seen: { url: string; headers: IncomingMessage['headers']; body: string }[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece) => pieces.push(piece))
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString()
      seen.push({ url: request.url ?? '', headers: request.headers, body })
      play(request, body, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

export interface ToyOptions {
  readonly upstream: string
  /** The protocol that the provider speaks; callers may use `a` and `b`. */
  readonly speaks?: 'a' | 'b'
  readonly targets?: readonly RouteTarget[]
  readonly setup?: (api: PluginApi) => void
  readonly settings?: GatewaySettings
  readonly ledger?: ToyLedger
  readonly onLog?: (line: string) => void
}

/** A gateway with two toy protocols, the translation from `a` to `b`, one provider and one router. */
export async function startToyGateway(options: ToyOptions) {
  const ledger = options.ledger ?? new ToyLedger()
  const gateway = await createGateway(
    { ...options.settings, listen: { port: 0, ...options.settings?.listen }, plugins: toyPlugins(options, ledger) },
    { logger: createLogger({ level: options.onLog ? 'info' : 'silent', format: 'json', destination: { write: (line) => options.onLog?.(line) } }) },
  )
  const { url } = await gateway.listen()
  return { gateway, url, ledger, close: () => gateway.close() } satisfies { gateway: Gateway } & Record<string, unknown>
}

export function toyPlugins(options: ToyOptions, ledger: Ledger): Plugin[] {
  const { upstream, speaks = 'a', targets, setup } = options
  const empty = z.strictObject({})
  const provider = definePlugin({
    kind: 'provider',
    name: 'toy',
    apiVersion: 1,
    options: empty,
    setup: () =>
      httpProvider({
        id: 'toy',
        baseUrl: upstream,
        protocols: [speaks],
        endpoints: { [speaks]: { generate: '/reply', 'count-tokens': '/count' } },
        key: new Secret('upstream-key-0123456789'),
        authorize: (key) => ({ authorization: `Bearer ${key}` }),
        forwardable: ['authorization'],
        timeouts: { connect: 1_000, firstByte: 500, idle: 300 },
      }),
  })
  const translation = definePlugin({
    kind: 'translation',
    name: 'a-to-b',
    apiVersion: 1,
    options: empty,
    setup: (api) => ({ from: 'a', to: 'b', open: () => viaConversation(api.registry.get('protocol', 'a'), api.registry.get('protocol', 'b')).open() }),
  })
  const router = definePlugin({
    kind: 'router',
    name: 'toy',
    apiVersion: 1,
    options: empty,
    setup: () => ({
      resolve: ({ model }) =>
        model.startsWith('m') ? { targets: targets ?? [{ provider: 'toy', model: model === 'm-alias' ? 'm-real' : model }] } : undefined,
      names: () => ['m-alias'],
      providers: () => ['toy'],
    }),
  })
  const memory = definePlugin({ kind: 'ledger', name: 'toy', apiVersion: 1, options: empty, setup: () => ledger })
  const probe = definePlugin({ kind: 'detector', name: 'probe', apiVersion: 1, options: empty, setup: (api) => setup?.(api) })
  return [toyProtocolPlugin({ id: 'a', protocol: 'a' }), toyProtocolPlugin({ id: 'b', protocol: 'b' }), provider(), translation(), router(), memory(), probe()]
}

export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

export function sse(response: ServerResponse, ...events: string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of events) response.write(`data: ${event}\n\n`)
}
