import { GatewayError, type PluginApi, type SessionEntry, type SessionStore } from 'tokligence'
import type { MemoryEntries } from './entries.ts'
import { entryBytes } from './entry-bytes.ts'

export interface MemorySessionSettings {
  /** Milliseconds. */
  readonly timeToLive: number
  readonly byteLimit: number
  readonly logger: PluginApi['logger']
}

/** One generation's view of the entries, with the limits of its options. */
export class MemorySessionStore implements SessionStore {
  readonly #entries: MemoryEntries
  readonly #settings: MemorySessionSettings

  constructor(entries: MemoryEntries, settings: MemorySessionSettings) {
    this.#entries = entries
    this.#settings = settings
  }

  get timeToLive(): number {
    return this.#settings.timeToLive
  }

  async put(principal: string | undefined, entries: readonly SessionEntry[]): Promise<void> {
    this.#refuseWhenClosed()
    const { timeToLive, byteLimit, logger } = this.#settings
    const latest = Date.now() + timeToLive
    for (const entry of entries) {
      const { key, value } = entry
      const bytes = entryBytes(principal, entry)
      if (bytes > byteLimit) {
        logger.warn({ key, bytes, byteLimit }, 'an entry is larger than the whole store may be, and is not kept')
        this.#entries.remove(principal, key)
      } else this.#entries.add({ principal, key, value, bytes, expiresAt: Math.min(Math.floor(entry.expiresAt), latest) })
    }
    this.#entries.shrinkTo(byteLimit)
  }

  async get(principal: string | undefined, keys: readonly string[]): Promise<readonly SessionEntry[]> {
    this.#refuseWhenClosed()
    return [...new Set(keys)].flatMap((key) => {
      const found = this.#entries.find(principal, key)
      return found ? [{ key, value: found.value, expiresAt: found.expiresAt }] : []
    })
  }

  async renew(principal: string | undefined, keys: readonly string[], expiresAt: number): Promise<void> {
    this.#refuseWhenClosed()
    const end = Math.min(Math.floor(expiresAt), Date.now() + this.#settings.timeToLive)
    for (const key of keys) {
      const entry = this.#entries.find(principal, key)
      if (entry) this.#entries.add({ ...entry, expiresAt: Math.max(entry.expiresAt, end) })
    }
  }

  async delete(principal: string | undefined, keys: readonly string[]): Promise<number> {
    this.#refuseWhenClosed()
    return keys.filter((key) => this.#entries.remove(principal, key)).length
  }

  async erase(principal: string | undefined): Promise<number> {
    return this.delete(principal, this.#entries.keysOf(principal))
  }

  #refuseWhenClosed(): void {
    if (this.#entries.closed)
      throw new GatewayError('TKL_SESSION_UNAVAILABLE', 'The session store is closed: the gateway is stopping. Ask again when it is back.')
  }
}
