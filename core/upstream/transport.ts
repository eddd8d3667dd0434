import { type Dispatcher, EnvHttpProxyAgent, errors, Pool } from 'undici'
import type { Exchange, UpstreamControl, UpstreamHandler, UpstreamRequest } from '../contracts/upstream.ts'
import { GatewayError } from '../errors.ts'
import type { SharedStore } from '../shared.ts'

const proxyVariables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']

/** Sends requests over HTTP with undici, one pool per origin; pools outlive reloads. */
export class HttpTransport {
  readonly #shared: SharedStore
  readonly #pools = new Map<string, Dispatcher>()
  #disposed = false

  constructor(shared: SharedStore) {
    this.#shared = shared
  }

  readonly exchange: Exchange = (request, handler) => {
    const bridge = new DispatchBridge(handler)
    try {
      this.#pool(request).dispatch(
        {
          origin: request.origin,
          path: request.path,
          method: request.method,
          headers: request.headers as string[],
          body: request.body,
          headersTimeout: request.timeouts.firstByte,
          bodyTimeout: request.timeouts.idle,
        },
        bridge as unknown as Dispatcher.DispatchHandler,
      )
    } catch (error) {
      queueMicrotask(() => bridge.onError(error as Error))
    }
    return bridge
  }

  /** Gives back the references to the pools. What is sent afterwards fails with `TKL_SHUTTING_DOWN`: nobody would give a new reference back. */
  async dispose(): Promise<void> {
    this.#disposed = true
    const keys = [...this.#pools.keys()]
    this.#pools.clear()
    await Promise.all(keys.map((key) => this.#shared.release(key)))
  }

  #pool(request: UpstreamRequest): Dispatcher {
    const key = `undici:${request.origin}:${request.timeouts.connect}:${request.ca ?? ''}`
    const known = this.#pools.get(key)
    if (known) return known
    if (this.#disposed) throw new GatewayError('TKL_SHUTTING_DOWN', 'The request came after its connections were given back.')
    const connect = { timeout: request.timeouts.connect, ...(request.ca !== undefined && { ca: request.ca }) }
    const pool = this.#shared.acquire<Dispatcher>(
      key,
      () =>
        proxyVariables.some((name) => process.env[name]) ? new EnvHttpProxyAgent({ connect, requestTls: connect }) : new Pool(request.origin, { connect }),
      (dispatcher) => dispatcher.destroy(),
    )
    this.#pools.set(key, pool)
    return pool
  }
}

/**
 * undici's own (pre-wrapping) handler form: it gets headers and pieces without a controller object or a parsed header map in between.
 * Source: undici 7 `lib/core/request.js`.
 */
class DispatchBridge implements UpstreamControl {
  readonly #handler: UpstreamHandler
  #abort: ((reason: Error) => void) | undefined
  #resume: (() => void) | undefined
  #aborted: Error | undefined
  #over = false
  #sent = false

  constructor(handler: UpstreamHandler) {
    this.#handler = handler
  }

  get sent(): boolean {
    return this.#sent
  }

  abort(reason: Error): void {
    if (this.#over || this.#aborted) return
    this.#aborted = reason
    if (this.#abort) {
      this.#abort(reason)
      return
    }
    // undici hears of it only once there is a connection, which can take until the connect time-out.
    this.#over = true
    this.#handler.onError(reason)
  }

  resume(): void {
    // undici's `resume` is the connection's: after the end it would meddle with the next exchange.
    if (!this.#over) this.#resume?.()
  }

  onConnect(abort: (reason: Error) => void): void {
    if (this.#aborted) {
      abort(this.#aborted)
      return
    }
    this.#abort = abort
    this.#sent = true
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void): boolean {
    if (status < 200) return true
    this.#resume = resume
    this.#handler.onHead(status, readHeaders(rawHeaders))
    return true
  }

  onData(chunk: Buffer): boolean {
    return this.#handler.onData(chunk)
  }

  onComplete(): void {
    if (this.#over) return
    this.#over = true
    this.#handler.onEnd()
  }

  onError(error: Error): void {
    if (this.#over) return
    this.#over = true
    this.#handler.onError(this.#aborted ?? describeFailure(error))
  }
}

function readHeaders(raw: Buffer[]): Record<string, string | string[]> {
  // Without a prototype: a header may be called `constructor` or `__proto__`.
  const headers: Record<string, string | string[]> = Object.create(null)
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as Buffer).toString('latin1').toLowerCase()
    const value = (raw[index + 1] as Buffer).toString('latin1')
    const earlier = headers[name]
    headers[name] = earlier === undefined ? value : Array.isArray(earlier) ? [...earlier, value] : [earlier, value]
  }
  return headers
}

/** Network failures in our own words; the cause goes to the log, not to the caller. */
function describeFailure(error: Error): GatewayError {
  if (GatewayError.is(error)) return error
  if (error instanceof errors.ConnectTimeoutError)
    return new GatewayError('TKL_UPSTREAM_TIMEOUT', 'The provider could not be connected to in time.', { cause: error })
  if (error instanceof errors.HeadersTimeoutError)
    return new GatewayError('TKL_UPSTREAM_TIMEOUT', 'The provider did not begin to answer in time.', { cause: error })
  if (error instanceof errors.BodyTimeoutError)
    return new GatewayError('TKL_UPSTREAM_TIMEOUT', 'The provider stopped sending in the middle of its answer.', { cause: error })
  const code = (error as { code?: string }).code
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
    return new GatewayError('TKL_UPSTREAM_UNREACHABLE', `The provider cannot be reached (${code}).`, { cause: error })
  return new GatewayError('TKL_UPSTREAM_CUT', 'The connection to the provider broke.', { cause: error })
}
