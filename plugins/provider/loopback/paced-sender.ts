import type { UpstreamControl, UpstreamHandler } from 'tokligence'

type Pieces = Iterator<Buffer>

/** Pieces that are sent before others get their turn. */
const burst = 32

/** Sends one answer like a network would: later, in pieces, only as long as the reader takes them, and not after it left. */
export class PacedSender implements UpstreamControl {
  readonly #handler: UpstreamHandler
  #pieces: Pieces | undefined
  #delay = 0
  #cancel: () => void = () => undefined
  #paused = false
  #over = false

  constructor(handler: UpstreamHandler) {
    this.#handler = handler
  }

  /** Runs the work later, unless the reader leaves first; what it throws arrives at `onError`. Milliseconds. */
  after(delay: number, work: () => void): void {
    if (this.#over) return
    if (delay > 0) {
      const timer = setTimeout(() => this.#guard(work), delay)
      this.#cancel = () => clearTimeout(timer)
    } else {
      const immediate = setImmediate(() => this.#guard(work))
      this.#cancel = () => clearImmediate(immediate)
    }
  }

  /** Sends the head at once and then the pieces, each after `delay` milliseconds. Where the iterator throws, the connection breaks. */
  send(status: number, headers: Readonly<Record<string, string>>, pieces: Pieces, delay: number): void {
    this.#pieces = pieces
    this.#delay = delay
    this.#handler.onHead(status, headers)
    this.#schedule()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#schedule()
  }

  abort(reason: Error): void {
    if (this.#over) return
    this.#stop()
    // Not from within the reader's own call.
    queueMicrotask(() => this.#handler.onError(reason))
  }

  #schedule(): void {
    this.after(this.#delay, () => this.#pump())
  }

  #pump(): void {
    for (let sent = 0; !this.#over && !this.#paused; sent++) {
      if (sent === burst || (sent > 0 && this.#delay > 0)) {
        this.#schedule()
        return
      }
      const next = this.#pieces?.next()
      if (!next || next.done) {
        this.#stop()
        this.#handler.onEnd()
        return
      }
      this.#paused = !this.#handler.onData(next.value)
    }
  }

  #guard(work: () => void): void {
    if (this.#over) return
    try {
      work()
    } catch (error) {
      this.#stop()
      this.#handler.onError(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #stop(): void {
    this.#over = true
    this.#cancel()
    this.#pieces?.return?.()
    this.#pieces = undefined
  }
}
