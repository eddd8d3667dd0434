import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import {
  type AttemptClosed,
  type AttemptOpened,
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
  readonly opened: AttemptOpened[] = []
  readonly closed: AttemptClosed[] = []
  gate: Promise<void> = Promise.resolve()
  failure: Error | undefined

  openAttempt(attempt: AttemptOpened) {
    this.opened.push(attempt)
  }

  closeAttempt(attempt: AttemptClosed) {
    this.closed.push(attempt)
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

const open: { close(): Promise<unknown> }[] = []

/** A scripted provider with a gateway before it. Give `closeToys` to `afterEach`. */
export async function bootToys(play: Play, options: Omit<ToyOptions, 'upstream'> = {}) {
  const upstream = await startUpstream(play)
  open.push(upstream)
  const toy = await startToyGateway({ upstream: upstream.url, ...options })
  open.push(toy)
  return { ...toy, upstream }
}

/** Closes all that `bootToys` has started, last started first. */
export async function closeToys(): Promise<void> {
  for (const thing of open.splice(0).reverse()) await thing.close()
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
        endpoints: {
          [speaks]: {
            generate: ({ model }) => (model === 'm-query' ? '/reply?form=own' : '/reply'),
            'count-tokens': '/count',
            embed: '/embed',
            other: '/other',
          },
        },
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

/** Answers every request with this body, as JSON. */
export function always(body: string | Buffer, status = 200, headers: Record<string, string> = {}): Play {
  return (_request, _body, response) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}

/** Answers in the way that is asked for: with one reply, or with a stream of these events. */
export function either(reply: string, ...events: string[]): Play {
  return (request, body, response) => {
    if (!body.includes('"stream":true')) return always(reply)(request, body, response)
    sse(response, ...events)
    response.end()
  }
}

export const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

/** Posts and leaves when `signal` says so; a caller that has left hears nothing more. */
export function postUntil(signal: AbortSignal, url: string, body: unknown): void {
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

/** Writes to a socket of the gateway and collects what comes back. */
export function speak(url: string, text: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const heard = { text: '' }
  socket.on('data', (piece) => {
    heard.text += piece.toString('latin1')
  })
  // A reset is one of the ways in which a connection may end here.
  socket.on('error', () => socket.destroy())
  socket.write(text)
  return { socket, heard }
}

/** An HTTP/1.1 request as it stands on the wire. */
export function rawPost(path: string, body: unknown, ...headers: string[]): string {
  const text = JSON.stringify(body)
  return [`POST ${path} HTTP/1.1`, 'host: localhost', 'content-type: application/json', `content-length: ${text.length}`, ...headers, '', text].join('\r\n')
}

export function sse(response: ServerResponse, ...events: string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of events) response.write(`data: ${event}\n\n`)
}
