import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import { GatewayError } from './errors.ts'
import type { GatewayRequest } from './request.ts'
import { discardBody } from './wire/body.ts'

/** A small piece goes out as one string with the head: one plain write, where a buffer would make it a gathered one. Bytes. */
const smallPiece = 8 * 1024

type HeaderMap = Record<string, string | string[] | number>

/** The answer to the caller: head once, pieces with back-pressure, end once. Writing to a caller that has left is harmless. */
export class ClientReply {
  readonly #response: ServerResponse
  readonly #request: GatewayRequest
  #onDrain: (() => void) | undefined
  #unread: IncomingMessage | undefined
  #over = false

  constructor(response: ServerResponse, request: GatewayRequest) {
    this.#response = response
    this.#request = request
    response.once('close', () => {
      if (this.#over) return
      this.#request.abort(new GatewayError('TKL_CLIENT_GONE', 'The caller closed the connection.'))
    })
  }

  get headSent(): boolean {
    return this.#response.headersSent
  }

  /** What to do when the caller has caught up after `write` answered false. */
  set onDrain(resume: () => void) {
    this.#onDrain = resume
  }

  head(status: number, headers: HeaderMap): void {
    if (this.#response.headersSent || this.#response.destroyed) return
    this.#request.status = status
    headers['x-request-id'] = this.#request.requestId
    this.#response.writeHead(status, headers)
  }

  /** Answers false when the caller reads more slowly than we write. */
  write(piece: Buffer | string): boolean {
    this.#request.firstByteAt ??= performance.now()
    if (this.#response.destroyed) return true
    if (this.#response.write(piece)) return true
    this.#response.once('drain', () => this.#onDrain?.())
    return false
  }

  end(piece?: Buffer | string): void {
    this.#over = true
    if (piece !== undefined) this.#request.firstByteAt ??= performance.now()
    if (this.#response.destroyed) return
    if (piece === undefined) this.#response.end()
    else if (typeof piece !== 'string' && piece.length <= smallPiece) this.#response.end(piece.toString('latin1'), 'latin1')
    else this.#response.end(piece)
  }

  /** A whole answer in one go. */
  send(status: number, headers: HeaderMap, body: Buffer | string): void {
    headers['content-length'] = Buffer.byteLength(body)
    if (this.#unread) headers.connection = 'close'
    this.head(status, headers)
    const sent = this.#request.method === 'HEAD' ? undefined : body
    if (!this.#unread) {
      this.end(sent)
      return
    }
    if (sent !== undefined) this.write(sent)
    void discardBody(this.#unread).then(() => this.end())
  }

  /** Cuts the connection: the caller must not take what it has for a whole answer. */
  destroy(): void {
    this.#over = true
    this.#response.destroy()
  }

  /** The request was refused before its body was read: read the rest away before the connection is closed, or the caller never sees why. */
  lingerFor(incoming: IncomingMessage): void {
    this.#unread = incoming
  }
}
