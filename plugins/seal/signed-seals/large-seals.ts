import { createHash } from 'node:crypto'
import { sealPrefix } from 'tokligence'

/** The longest seal that is sent to a caller where it can be kept instead. Characters, which are bytes. */
export const longestSent = 256 * 1024

/** The most that waits to be kept, in characters: replies that break off are never kept. */
const mostWaiting = 64 * 1024 * 1024

const start = `${sealPrefix}kept.`

/** The key under which the seal is kept that a value refers to; undefined for one that is no reference. */
export function referredKey(value: string): string | undefined {
  return value.startsWith(start) ? `seal:${value.slice(start.length)}` : undefined
}

/**
 * Seals that are too long for a caller, which is sent `tkl1.kept.<SHA-256>` in place of one. They wait here from the moment they are made until the
 * reply is whole and they are kept. A reference is not signed: what it refers to is.
 */
export class LargeSeals {
  readonly #waiting = new Map<string, string>()
  #size = 0

  /** The seal, or a reference to it when it is too long. */
  shorten(seal: string): string {
    if (seal.length <= longestSent) return seal
    const reference = start + createHash('sha256').update(seal).digest('base64url')
    if (!this.#waiting.has(reference)) this.#add(reference, seal)
    return reference
  }

  /** The seal that waits under a reference, which then waits no longer. */
  take(reference: string): string | undefined {
    const seal = this.#waiting.get(reference)
    if (seal !== undefined) this.#remove(reference, seal)
    return seal
  }

  #add(reference: string, seal: string): void {
    this.#waiting.set(reference, seal)
    this.#size += seal.length
    for (const [oldest, other] of this.#waiting) {
      if (this.#size <= mostWaiting || oldest === reference) break
      this.#remove(oldest, other)
    }
  }

  #remove(reference: string, seal: string): void {
    this.#waiting.delete(reference)
    this.#size -= seal.length
  }
}
