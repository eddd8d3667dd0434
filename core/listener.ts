import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { GatewayError } from './errors.ts'
import type { ListenAddress } from './gateway.ts'
import type { Generation } from './generation.ts'
import { createId } from './identifiers.ts'
import { LiveReplies } from './live-replies.ts'
import { runPipeline } from './pipeline.ts'

/** What callers are given beyond `drainTimeout` to read the error that ends their request. Milliseconds. */
const lastWords = 500

/** The HTTP server. It outlives generations: each request is given to the one that is current when it arrives. */
export class Listener {
  readonly #current: () => Generation
  readonly #logger: Logger
  readonly #server: Server
  readonly #live = new LiveReplies()
  /** Connections on which nothing has been asked yet: Node does not count them as idle, and would wait for them. */
  readonly #silent = new Set<Socket>()
  #closing = false

  constructor(current: () => Generation, logger: Logger) {
    this.#current = current
    this.#logger = logger
    // Slow senders: headers within 10 s, a whole request within 5 minutes (large prompts on slow lines). Source: Node's own defaults are 60 s and 300 s.
    this.#server = createServer({ headersTimeout: 10_000, requestTimeout: 300_000, connectionsCheckingInterval: 5_000, keepAliveTimeout: 65_000 })
    this.#server.on('connection', (socket) => {
      this.#silent.add(socket)
      socket.once('close', () => this.#silent.delete(socket))
    })
    this.#server.on('request', (incoming, outgoing) => this.#serve(incoming, outgoing))
    // Whether the body is wanted is known only after the checks; readBody says so.
    this.#server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => this.#serve(incoming, outgoing))
    this.#server.on('checkExpectation', (incoming: IncomingMessage, outgoing: ServerResponse) => this.#serve(incoming, outgoing))
    this.#server.on('clientError', refuseUnreadable)
  }

  listen(host: string, port: number): Promise<ListenAddress> {
    return new Promise((resolve, reject) => {
      const refuse = (error: NodeJS.ErrnoException) => {
        const reason = error.code === 'EADDRINUSE' ? `port ${port} is taken; choose another with --port, or stop what uses it` : error.message
        reject(new GatewayError('TKL_LISTEN_FAILED', `Cannot listen on ${host}:${port}: ${reason}.`, { cause: error }))
      }
      this.#server.once('error', refuse)
      this.#server.listen(port, host, () => {
        this.#server.off('error', refuse)
        this.#server.on('error', (error) => this.#logger.error({ error }, 'the listener failed'))
        const address = this.#server.address() as AddressInfo
        const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address
        resolve({ host: address.address, port: address.port, url: `http://${shown}:${address.port}` })
      })
    })
  }

  /** Accepts nothing more, waits up to `timeout` milliseconds until live answers are out to their last byte, then gives the rest up. */
  async close(timeout: number): Promise<void> {
    if (!this.#server.listening) return
    this.#closing = true
    // Not http.Server's own close: that one also cuts connections whose answer is ended but not yet read.
    const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(this.#server, () => resolve()))
    for (const reply of this.#live) reply.closeAfterwards()
    for (const socket of this.#silent) if (socket.bytesRead === 0) socket.destroy()
    const timer = setTimeout(() => {
      if (this.#live.size > 0) this.#logger.warn({ requests: this.#live.size }, 'the time for draining is over; live requests are given up')
      for (const { request } of this.#live) request.abort(new GatewayError('TKL_SHUTTING_DOWN', 'The gateway is shutting down.'))
      setTimeout(() => this.#server.closeAllConnections(), lastWords)
    }, timeout)
    await this.#live.drained()
    this.#server.closeIdleConnections()
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
      .finally(() => generation.leave())
  }
}

/** What Node cannot read as HTTP never becomes a request; it is answered here, in the envelope for unknown protocols. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const status = tooLarge ? '431 Request Header Fields Too Large' : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'
  const body = JSON.stringify({
    error: { message: `The request cannot be read: ${status.slice(4).toLowerCase()}.`, type: 'invalid-request', code: 'TKL_REQUEST_ABORTED' },
  })
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-request-id: ${createId()}\r\n\r\n${body}`,
  )
}
