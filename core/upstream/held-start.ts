import type { Protocol } from '../contracts/protocol.ts'
import type { UpstreamRequest } from '../contracts/upstream.ts'
import type { SealKeeper, WireError } from '../conversation/index.ts'

/** How long the start of a stream waits: its caller may wait for the head of the answer. Milliseconds. */
const moment = 500

/** What tells whether a provider may refuse a request for an opaque value, and is asked once more then. */
export interface Refusable {
  readonly upstreamProtocol: Protocol
  readonly upstream: UpstreamRequest
  readonly seals: SealKeeper | undefined
  readonly refused: boolean
}

/** What a stream has said so far. */
export interface Begun {
  readonly error?: WireError | undefined
  readonly complete: boolean
  readonly contentEvents: number
}

/**
 * Keeps the start of a stream back until its content begins, because some vendors refuse an opaque value inside of a stream that has begun, and a caller
 * who has seen nothing of it can be given another one. Never longer than a moment, and only for requests that hold such a value.
 */
export class HeldStart {
  /** The provider has refused an opaque value before there was any content. What comes behind it says no more. */
  refused = false
  readonly #protocol: Protocol
  readonly #release: () => void
  #keeping: boolean
  #timer: NodeJS.Timeout | undefined

  /** `release`: the moment is over; what was kept has to go to the caller. */
  constructor({ upstreamProtocol, upstream, seals, refused }: Refusable, release: () => void) {
    this.#protocol = upstreamProtocol
    this.#release = release
    this.#keeping = seals !== undefined && !refused && mayHoldSealed(upstreamProtocol, upstream.body)
  }

  /** True while what has come is to be kept back. `seen` is asked what that was. */
  keeps(seen: () => Begun): boolean {
    if (!this.#keeping) return false
    const { error, complete, contentEvents } = seen()
    this.refused = contentEvents === 0 && error !== undefined && this.#protocol.refusesSealed?.(error) === true
    if (this.refused) clearTimeout(this.#timer)
    else if (error || complete || contentEvents > 0) this.close()
    else this.#timer ??= setTimeout(() => this.#expire(), moment)
    return this.#keeping
  }

  /** Nothing is kept back from here on, and nothing released. */
  close(): void {
    this.#keeping = false
    clearTimeout(this.#timer)
  }

  #expire(): void {
    this.close()
    this.#release()
  }
}

/** A name may also be a word in the body: then no more than the moment is lost. */
function mayHoldSealed({ refusesSealed, sealedMembers = [] }: Protocol, body: UpstreamRequest['body']): boolean {
  return refusesSealed !== undefined && body !== null && sealedMembers.some((name) => body.includes(`"${name}"`))
}
