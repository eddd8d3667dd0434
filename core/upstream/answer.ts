import type { Exchange, UpstreamControl, UpstreamHandler, UpstreamRequest } from '../contracts/upstream.ts'
import { GatewayError } from '../errors.ts'

/** Takes an answer's body piece by piece. */
export interface BodyConsumer {
  /** Answers false to be sent no more until `resume` is called. */
  data(chunk: Buffer): boolean
  end(): void
  error(error: GatewayError): void
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

  /** Sends the request. Resolves with the head; rejects with a GatewayError when none comes. `owner.onAbort` aborts it from the first moment on. */
  static send(exchange: Exchange, request: UpstreamRequest, owner: AbortOwner): Promise<UpstreamAnswer> {
    return new Promise((resolve, reject) => {
      const answer = new UpstreamAnswer(() => resolve(answer), reject)
      answer.#control = exchange(request, answer)
      owner.onAbort = (reason) => answer.abort(reason)
    })
  }

  constructor(onHead: () => void, onFailure: (error: GatewayError) => void) {
    this.#onHead = onHead
    this.#onFailure = onFailure
  }

  header(name: string): string | undefined {
    const value = this.headers[name]
    return Array.isArray(value) ? value[0] : value
  }

  abort(reason: GatewayError): void {
    this.#control?.abort(reason)
  }

  resume(): void {
    this.#control?.resume()
  }

  /** Hands over what has come so far, and everything after it. */
  consume(consumer: BodyConsumer): void {
    this.#consumer = consumer
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

/** The whole body, up to a limit; `wrap` may put a decoder in between. Rejects with the GatewayError of whatever went wrong. */
export function collectBody(answer: UpstreamAnswer, limit: number, wrap: (consumer: BodyConsumer) => BodyConsumer = (consumer) => consumer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let size = 0
    const consumer: BodyConsumer = {
      data(chunk) {
        size += chunk.length
        if (size > limit) answer.abort(new GatewayError('TKL_UPSTREAM_MALFORMED', `The provider’s answer is larger than ${limit} bytes.`))
        else pieces.push(chunk)
        return true
      },
      end: () => resolve(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, size)),
      error: reject,
    }
    answer.consume(wrap(consumer))
  })
}
