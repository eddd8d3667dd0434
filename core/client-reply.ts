import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import { GatewayError } from './errors.ts'
import type { LiveReplies } from './live-replies.ts'
import type { GatewayRequest } from './request.ts'
import { discardBody } from './wire/body.ts'
import type { StreamFraming } from './wire/stream-framing.ts'

/** A small piece goes out as one string with the head: one plain write, where a buffer would make it a gathered one. Bytes. */
const smallPiece = 8 * 1024

/** How long a caller may leave what was sent unread before it counts as gone. Milliseconds. */
const stallTimeout = 300_000

type HeaderMap = Record<string, string | string[] | number>

/** The answer to the caller: head once, pieces with back-pressure, end once. Writing to a caller that has left is harmless. */
export class ClientReply {
  readonly request: GatewayRequest
  /** The form in which the caller wants a stream, when it is not server-sent events. */
  framing: StreamFraming | undefined
  /** What to do when the caller has caught up after `write` answered false. */
  onDrain: (() => void) | undefined
  /** Its place in LiveReplies. */
  slot = 0
  readonly #incoming: IncomingMessage
  readonly #response: ServerResponse
  readonly #live: LiveReplies
  #stalled: NodeJS.Timeout | undefined
  #unread = false
  #over = false
  #closed = false

  constructor(incoming: IncomingMessage, response: ServerResponse, request: GatewayRequest, live: LiveReplies) {
    this.request = request
    this.#incoming = incoming
    this.#response = response
    this.#live = live
    live.add(this)
    response.once('close', () => this.#close())
    // An answer that waits behind another one on its connection has no socket yet, and never hears of that one's end.
    if (!response.socket) incoming.socket.once('close', () => this.#close())
  }

  get headSent(): boolean {
    return this.#response.headersSent
  }

  sendContinue(): void {
    this.#response.writeContinue()
  }

  /** The head of a stream, whose pieces follow by `write` and `end`. */
  head(status: number, headers: HeaderMap): void {
    if (this.framing) headers['content-type'] = this.framing.contentType
    this.#head(status, headers)
  }

  #head(status: number, headers: HeaderMap): void {
    if (this.#response.headersSent || this.#response.destroyed) return
    this.request.status = status
    headers['x-request-id'] = this.request.requestId
    const own = this.request.protocolBinding?.requestIdHeader
    if (own !== undefined) headers[own] ??= this.request.requestId
    this.#response.writeHead(status, headers)
  }

  /** Answers false when the caller reads more slowly than we write. */
  write(piece: Buffer | string): boolean {
    return this.#write(this.framing ? this.framing.push(piece) : piece)
  }

  #write(piece: Buffer | string): boolean {
    this.request.firstByteAt ??= performance.now()
    if (this.#response.destroyed || this.#response.write(piece)) return true
    if (!this.#stalled) this.#awaitDrain()
    return false
  }

  end(piece?: Buffer | string): void {
    this.#end(this.framing && this.headSent ? (piece === undefined ? '' : this.framing.push(piece)) + this.framing.end() : piece)
  }

  #end(piece?: Buffer | string): void {
    this.#over = true
    if (piece !== undefined) this.request.firstByteAt ??= performance.now()
    if (this.#response.destroyed) return
    if (piece === undefined) this.#response.end()
    else if (typeof piece !== 'string' && piece.length <= smallPiece) this.#response.end(piece.toString('latin1'), 'latin1')
    else this.#response.end(piece)
  }

  /** A whole answer in one go. */
  send(status: number, headers: HeaderMap, body: Buffer | string): void {
    headers['content-length'] = Buffer.byteLength(body)
    if (this.#unread) headers.connection = 'close'
    this.#head(status, headers)
    const sent = this.request.method === 'HEAD' ? undefined : body
    if (!this.#unread) {
      this.#end(sent)
      return
    }
    if (sent !== undefined) this.#write(sent)
    void discardBody(this.#incoming).then(() => this.#end())
  }

  /** Cuts the connection: the caller must not take what it has for a whole answer. */
  destroy(): void {
    this.#over = true
    this.#response.destroy()
  }

  /** The connection ends with this answer. */
  closeAfterwards(): void {
    if (!this.#response.headersSent) this.#response.setHeader('connection', 'close')
  }

  /** The request was refused before its body was read: read the rest away before the connection is closed, or the caller never sees why. */
  lingerForBody(): void {
    this.#unread = !this.#incoming.complete
  }

  #awaitDrain(): void {
    this.#stalled = setTimeout(() => this.#response.destroy(), stallTimeout)
    this.#response.once('drain', () => {
      clearTimeout(this.#stalled)
      this.#stalled = undefined
      this.onDrain?.()
    })
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#stalled)
    if (!this.#over) this.request.abort(new GatewayError('TKL_CLIENT_GONE', 'The caller closed the connection.'))
    this.#live.delete(this)
  }
}
