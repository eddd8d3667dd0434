import type { Awaitable } from './hooks.ts'

interface Entry {
  readonly value: unknown
  readonly dispose: (value: never) => Awaitable<void>
  references: number
}

/** Process-wide things that outlive a reload, counted by reference. */
export class SharedStore {
  readonly #entries = new Map<string, Entry>()

  /** Gives the thing under `key`, made on first use; every call counts one reference. */
  acquire<T>(key: string, create: () => T, dispose: (value: T) => Awaitable<void>): T {
    let entry = this.#entries.get(key)
    if (!entry) {
      entry = { value: create(), dispose: dispose as Entry['dispose'], references: 0 }
      this.#entries.set(key, entry)
    }
    entry.references++
    return entry.value as T
  }

  async release(key: string): Promise<void> {
    const entry = this.#entries.get(key)
    if (!entry || --entry.references > 0) return
    this.#entries.delete(key)
    await entry.dispose(entry.value as never)
  }

  get size(): number {
    return this.#entries.size
  }
}
