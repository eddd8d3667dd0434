import type { Exchange, UpstreamControl, UpstreamHandler, UpstreamRequest } from '../contracts/upstream.ts'
import { GatewayError } from '../errors.ts'

/** Takes an answer's body piece by piece. */
export interface BodyConsumer {
  /** Answers false to be sent no more until `resume` is called. */
  data(chunk: Buffer): boolean
  end(): void
  /** May follow `end` when the exchange is given up by us; a consumer that is done ignores it. */
  error(error: GatewayError): void
  /** Called before the first piece, with what gives the exchange up: for a consumer that can fail later than in `data`. */
  attach?(abort: (reason: GatewayError) => void): void
  /** For a consumer that holds pieces back: its reader has caught up. Answers whether the provider may send more at once. */
  resume?(): boolean
}

/** Who may give an exchange up. */
export interface AbortOwner {
  onAbort: ((reason: GatewayError) => void) | undefined
}

/** A provider's answer whose head is there and whose body waits to be taken. */
export class UpstreamAnswer implements UpstreamHandler {
  status = 0
  headers: Readonly<Record<string, string | string[]>> = {}
  #control: UpstreamControl | undefined
  #consumer: BodyConsumer | undefined
  #queue: Buffer[] = []
  #outcome: 'open' | 'ended' | GatewayError = 'open'
  readonly #onHead: () => void
  readonly #onFailure: (error: GatewayError) => void
  #hasHead = false

  /**
   * Sends the request. Resolves with the head; rejects with a GatewayError when none comes. `owner.onAbort` aborts it from the first moment on.
   * `begun` is given the answer before its head is there, for callers that ask `sent` of one that never came.
   */
  static send(exchange: Exchange, request: UpstreamRequest, owner: AbortOwner, begun?: (answer: UpstreamAnswer) => void): Promise<UpstreamAnswer> {
    return new Promise((resolve, reject) => {
      const answer = new UpstreamAnswer(() => resolve(answer), reject)
      answer.#control = exchange(request, answer)
      owner.onAbort = (reason) => answer.abort(reason)
      begun?.(answer)
    })
  }

  constructor(onHead: () => void, onFailure: (error: GatewayError) => void) {
    this.#onHead = onHead
    this.#onFailure = onFailure
  }

  /** False as long as nothing of the request can have reached the provider. */
  get sent(): boolean {
    return this.#control?.sent ?? true
  }

  header(name: string): string | undefined {
    const value = this.headers[name]
    return Array.isArray(value) ? value[0] : value
  }

  abort(reason: GatewayError): void {
    this.#control?.abort(reason)
    // Whoever sends has nothing left to give up, but a consumer may still hold pieces back.
    if (this.#outcome === 'ended') this.#consumer?.error(reason)
  }

  /** The reader has caught up. */
  resume(): void {
    if (this.#consumer?.resume?.() !== false) this.#control?.resume()
  }

  /** Hands over what has come so far, and everything after it. */
  consume(consumer: BodyConsumer): void {
    this.#consumer = consumer
    consumer.attach?.((reason) => this.abort(reason))
    const queue = this.#queue
    this.#queue = []
    let more = true
    for (const chunk of queue) more = consumer.data(chunk)
    if (this.#outcome === 'ended') consumer.end()
    else if (this.#outcome !== 'open') consumer.error(this.#outcome)
    else if (more && queue.length > 0) this.resume()
  }

  onHead(status: number, headers: Readonly<Record<string, string | string[]>>): void {
    this.status = status
    this.headers = headers
    this.#hasHead = true
    this.#onHead()
  }

  onData(chunk: Buffer): boolean {
    if (this.#consumer) return this.#consumer.data(chunk)
    this.#queue.push(chunk)
    return false
  }

  onEnd(): void {
    this.#outcome = 'ended'
    this.#consumer?.end()
  }

  onError(error: Error): void {
    const failure = GatewayError.is(error) ? error : new GatewayError('TKL_UPSTREAM_CUT', 'The provider’s answer broke off.', { cause: error })
    this.#outcome = failure
    if (this.#consumer) this.#consumer.error(failure)
    else if (!this.#hasHead) this.#onFailure(failure)
  }
}

/**
 * The whole body, up to a limit in bytes; `wrap` may put a decoder in between. Rejects with the GatewayError of whatever went wrong, and with
 * `TKL_UPSTREAM_MALFORMED` as soon as the limit is passed; the exchange is aborted then.
 */
export function collectBody(answer: UpstreamAnswer, limit: number, wrap: (consumer: BodyConsumer) => BodyConsumer = (consumer) => consumer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let size = 0
    let failed = false
    const fail = (error: GatewayError): void => {
      failed = true
      reject(error)
      answer.abort(error)
    }
    const consumer: BodyConsumer = {
      data(chunk) {
        if (failed) return true
        size += chunk.length
        if (size > limit) fail(new GatewayError('TKL_UPSTREAM_MALFORMED', `The provider’s answer is larger than ${limit} bytes.`))
        else pieces.push(chunk)
        return true
      },
      end() {
        if (!failed) resolve(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, size))
      },
      error: reject,
    }
    try {
      answer.consume(wrap(consumer))
    } catch (error) {
      fail(GatewayError.from(error))
    }
  })
}
