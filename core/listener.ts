import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Logger } from 'pino'
import { GatewayError } from './errors.ts'
import type { ListenAddress } from './gateway.ts'
import type { Generation } from './generation.ts'
import { LiveRequests } from './live-requests.ts'
import { runPipeline } from './pipeline.ts'

/** The HTTP server. It outlives generations: each request is given to the one that is current when it arrives. */
export class Listener {
  readonly #current: () => Generation
  readonly #logger: Logger
  readonly #server: Server
  readonly #live = new LiveRequests()
  /** Connections on which nothing has been asked yet: Node does not count them as idle, and would wait for them. */
  readonly #silent = new Set<Socket>()
  #closing = false

  constructor(current: () => Generation, logger: Logger) {
    this.#current = current
    this.#logger = logger
    // Slow senders: headers within 10 s, a whole request within 5 minutes (large prompts on slow lines). Source: Node's own defaults are 60 s and 300 s.
    this.#server = createServer({
      headersTimeout: 10_000,
      requestTimeout: 300_000,
      connectionsCheckingInterval: 5_000,
      keepAliveTimeout: 65_000,
      requireHostHeader: true,
    })
    this.#server.on('connection', (socket) => {
      this.#silent.add(socket)
      socket.once('close', () => this.#silent.delete(socket))
    })
    this.#server.on('request', (incoming, outgoing) => this.#serve(incoming, outgoing))
    this.#server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      outgoing.writeContinue()
      this.#serve(incoming, outgoing)
    })
  }

  listen(host: string, port: number): Promise<ListenAddress> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const reason = error.code === 'EADDRINUSE' ? `port ${port} is taken; choose another with --port, or stop what uses it` : error.message
        reject(new GatewayError('TKL_LISTEN_FAILED', `Cannot listen on ${host}:${port}: ${reason}.`, { cause: error }))
      })
      this.#server.listen(port, host, () => {
        const address = this.#server.address() as AddressInfo
        const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address
        resolve({ host: address.address, port: address.port, url: `http://${shown}:${address.port}` })
      })
    })
  }

  /** Accepts nothing more, waits for live requests up to `timeout` milliseconds, then gives the rest up. */
  async close(timeout: number): Promise<void> {
    if (!this.#server.listening) return
    this.#closing = true
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    for (const socket of this.#silent) if (socket.bytesRead === 0) socket.destroy()
    const timer = setTimeout(() => {
      if (this.#live.size > 0) this.#logger.warn({ requests: this.#live.size }, 'the time for draining is over; live requests are given up')
      for (const request of this.#live) request.abort(new GatewayError('TKL_SHUTTING_DOWN', 'The gateway is shutting down.'))
      setTimeout(() => this.#server.closeAllConnections(), 500).unref()
    }, timeout)
    await closed
    clearTimeout(timer)
  }

  #serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.#silent.delete(incoming.socket)
    const generation = this.#current()
    generation.enter()
    if (this.#closing) outgoing.setHeader('connection', 'close')
    runPipeline(generation, incoming, outgoing, this.#live)
      .catch((error: unknown) => {
        this.#logger.error({ error }, 'a request could not be handled')
        outgoing.destroy()
      })
      .finally(() => {
        generation.leave()
        if (this.#closing) this.#server.closeIdleConnections()
      })
  }
}
