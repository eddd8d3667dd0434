import { createHash } from 'node:crypto'
import { sealPrefix } from 'tokligence'

/** The longest seal that is sent to a caller where it can be kept instead. Characters, which are bytes. */
export const longestSent = 256 * 1024

/** The most that waits to be kept, in characters: replies that break off are never kept. */
const mostWaiting = 64 * 1024 * 1024

/** How long a seal stays here after it was kept, in milliseconds: another reply may hold the same one, and be kept for somebody else. */
const lingering = 60_000

const start = `${sealPrefix}kept.`

/** The key under which the seal is kept that a value refers to; undefined for one that is no reference. */
export function referredKey(value: string): string | undefined {
  return value.startsWith(start) ? `seal:${value.slice(start.length)}` : undefined
}

interface WaitingSeal {
  readonly seal: string
  /** For whom it is to be kept. */
  readonly owners: Set<string | undefined>
  /** By `Date.now()`. */
  keptAt: number | undefined
}

/**
 * Seals that are too long for a caller, which is sent `tkl1.kept.<SHA-256>` in place of one. They wait here from the moment they are made until the
 * reply is whole and they are kept. A reference is not signed: what it refers to is.
 */
export class LargeSeals {
  readonly #waiting = new Map<string, WaitingSeal>()
  readonly #onLost: (reference: string) => void
  #size = 0

  /** `onLost`: there is no room for a seal that was never kept, so that its reference leads nowhere. */
  constructor(onLost: (reference: string) => void = () => undefined) {
    this.#onLost = onLost
  }

  /** The seal, or a reference to it when it is too long. */
  shorten(seal: string): string {
    if (seal.length <= longestSent) return seal
    const reference = start + createHash('sha256').update(seal).digest('base64url')
    const known = this.#waiting.get(reference)
    if (known) known.keptAt = undefined
    else this.#add(reference, seal)
    return reference
  }

  /** The seal that waits under a reference, and is to be kept for a principal. It goes on waiting until it is `kept`. */
  claim(reference: string, principal: string | undefined): string | undefined {
    const waiting = this.#waiting.get(reference)
    waiting?.owners.add(principal)
    return waiting?.seal
  }

  /** A seal that was claimed for the principal and never kept: a store may have failed to. */
  claimedBy(principal: string | undefined, reference: string): string | undefined {
    const waiting = this.#waiting.get(reference)
    return waiting?.keptAt === undefined && waiting?.owners.has(principal) ? waiting.seal : undefined
  }

  kept(reference: string): void {
    const waiting = this.#waiting.get(reference)
    if (waiting) waiting.keptAt = Date.now()
  }

  #add(reference: string, seal: string): void {
    const now = Date.now()
    for (const [other, { keptAt }] of this.#waiting) if (keptAt !== undefined && now - keptAt > lingering) this.#remove(other)
    this.#waiting.set(reference, { seal, owners: new Set(), keptAt: undefined })
    this.#size += seal.length
    for (const [other, { keptAt }] of this.#waiting) if (keptAt !== undefined && this.#size > mostWaiting) this.#remove(other)
    for (const other of this.#waiting.keys()) {
      if (this.#size <= mostWaiting || other === reference) break
      this.#remove(other)
      this.#onLost(other)
    }
  }

  #remove(reference: string): void {
    this.#size -= this.#waiting.get(reference)?.seal.length ?? 0
    this.#waiting.delete(reference)
  }
}
