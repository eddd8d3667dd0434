import type { ClientReply } from './client-reply.ts'

/**
 * The answers that are not yet wholly out. An array whose last entry moves into a gap, not a Set: under churn a Set keeps making tables anew, and
 * those that have grown old hold on to requests that are long over.
 */
export class LiveReplies {
  readonly #replies: ClientReply[] = []
  #empty: (() => void) | undefined

  add(reply: ClientReply): void {
    reply.slot = this.#replies.push(reply) - 1
  }

  delete(reply: ClientReply): void {
    const last = this.#replies.pop() as ClientReply
    if (last !== reply) {
      this.#replies[reply.slot] = last
      last.slot = reply.slot
    }
    if (this.#replies.length === 0) this.#empty?.()
  }

  get size(): number {
    return this.#replies.length
  }

  /** Resolves when nothing is left. */
  drained(): Promise<void> {
    if (this.#replies.length === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#empty = resolve
    })
  }

  [Symbol.iterator](): Iterator<ClientReply> {
    return [...this.#replies].values()
  }
}
