import { definePlugin, type SessionEntry, type SessionStore } from 'tokligence'
import { z } from 'zod'

/** A store in memory, without a cap. */
export class RememberingStore implements SessionStore {
  readonly entries = new Map<string, SessionEntry>()
  /** Rejects everything when it is set. */
  failure: Error | undefined

  async put(principal: string | undefined, entries: readonly SessionEntry[]): Promise<void> {
    if (this.failure) throw this.failure
    for (const entry of entries) this.entries.set(placeOf(principal, entry.key), entry)
  }

  async get(principal: string | undefined, keys: readonly string[]): Promise<readonly SessionEntry[]> {
    if (this.failure) throw this.failure
    return keys.flatMap((key) => this.entries.get(placeOf(principal, key)) ?? [])
  }

  async renew(principal: string | undefined, keys: readonly string[], expiresAt: number): Promise<void> {
    for (const entry of await this.get(principal, keys)) this.entries.set(placeOf(principal, entry.key), { ...entry, expiresAt })
  }

  async delete(principal: string | undefined, keys: readonly string[]): Promise<number> {
    return keys.filter((key) => this.entries.delete(placeOf(principal, key))).length
  }

  async erase(): Promise<number> {
    const count = this.entries.size
    this.entries.clear()
    return count
  }
}

export function remembering(store: RememberingStore) {
  return definePlugin({ kind: 'session', name: 'remembering', apiVersion: 1, options: z.strictObject({}), setup: (): SessionStore => store })()
}

function placeOf(principal: string | undefined, key: string): string {
  return JSON.stringify([principal, key])
}
