import type { SessionEntry } from 'tokligence'

export interface KeptEntry extends SessionEntry {
  readonly principal: string | undefined
  readonly bytes: number
}

/** Milliseconds between two rounds of removing what has expired. Until then it takes room, but is not answered with. */
const sweepInterval = 60_000

/** The entries of all principals, and which of them is the oldest. */
export class MemoryEntries {
  readonly #owned = new Map<string | undefined, Map<string, KeptEntry>>()
  /** In the order in which they were written. */
  readonly #byAge = new Set<KeptEntry>()
  readonly #timer = setInterval(() => this.sweep(), sweepInterval).unref()
  #bytes = 0
  #closed = false

  get closed(): boolean {
    return this.#closed
  }

  /** Entries that take room, expired ones included. */
  get size(): number {
    return this.#byAge.size
  }

  keysOf(principal: string | undefined): readonly string[] {
    return [...(this.#owned.get(principal)?.keys() ?? [])]
  }

  /** Undefined when it has expired. */
  find(principal: string | undefined, key: string): KeptEntry | undefined {
    const entry = this.#owned.get(principal)?.get(key)
    return entry && isAlive(entry) ? entry : undefined
  }

  add(entry: KeptEntry): void {
    this.remove(entry.principal, entry.key)
    let owned = this.#owned.get(entry.principal)
    if (!owned) {
      owned = new Map()
      this.#owned.set(entry.principal, owned)
    }
    owned.set(entry.key, entry)
    this.#byAge.add(entry)
    this.#bytes += entry.bytes
  }

  /** Tells whether it was there. */
  remove(principal: string | undefined, key: string): boolean {
    const entry = this.#owned.get(principal)?.get(key)
    if (!entry) return false
    this.#drop(entry)
    return isAlive(entry)
  }

  /** Removes the oldest until what is left takes no more than so many bytes. */
  shrinkTo(bytes: number): void {
    for (const entry of this.#byAge) {
      if (this.#bytes <= bytes) return
      this.#drop(entry)
    }
  }

  sweep(): void {
    for (const entry of this.#byAge) if (!isAlive(entry)) this.#drop(entry)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#closed = true
    this.#owned.clear()
    this.#byAge.clear()
  }

  #drop(entry: KeptEntry): void {
    const owned = this.#owned.get(entry.principal)
    owned?.delete(entry.key)
    if (owned?.size === 0) this.#owned.delete(entry.principal)
    this.#byAge.delete(entry)
    this.#bytes -= entry.bytes
  }
}

function isAlive({ expiresAt }: KeptEntry): boolean {
  return expiresAt > Date.now()
}
