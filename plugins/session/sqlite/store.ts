import { GatewayError, type PluginApi, type SessionEntry, type SessionStore } from 'tokligence'
import type { SqlDriver } from '../../ledger/sqlite/driver.ts'
import { entryBytes } from '../memory/entry-bytes.ts'
import { prepareSessionFile } from './session-file.ts'
import {
  type BoundStatement,
  deleteAll,
  deleteEntries,
  deleteExpired,
  deleteExpiredOf,
  type EntryRow,
  evict,
  evictionBatch,
  insertEntry,
  keyOf,
  principalOf,
  renewEntries,
  type ShareRow,
  selectEntries,
  selectShares,
} from './statements.ts'
import { SessionThread } from './thread.ts'

export interface SqliteSessionSettings {
  /** Absolute. */
  readonly path: string
  /** Milliseconds. */
  readonly timeToLive: number
  readonly byteLimit: number
  readonly driver: SqlDriver
  readonly logger: PluginApi['logger']
}

/** What is kept of one principal. */
export interface PrincipalShare {
  /** Null for callers without a name. */
  readonly principal: string | null
  readonly entries: number
  /** As they count towards the cap. */
  readonly bytes: number
}

/** Milliseconds between two rounds of removing what has expired. Until then it takes room, but is not answered with. */
const sweepInterval = 60_000

/** Sessions in one SQLite file, which several processes may share. */
export class SqliteSessionStore implements SessionStore {
  readonly #settings: SqliteSessionSettings
  readonly #thread: SessionThread
  readonly #timer: NodeJS.Timeout
  #closed = false

  /** Throws GatewayError `TKL_CONFIG_INVALID` when the file cannot be used. */
  constructor(settings: SqliteSessionSettings) {
    prepareSessionFile(settings.driver, settings.path)
    this.#settings = settings
    this.#thread = new SessionThread(settings.driver, settings.path)
    this.#timer = setInterval(() => void this.sweep(), sweepInterval).unref()
  }

  get timeToLive(): number {
    return this.#settings.timeToLive
  }

  put(principal: string | undefined, entries: readonly SessionEntry[]): Promise<void> {
    return this.#attempt(async () => {
      if (entries.length === 0) return
      const eviction = evict(this.#settings.byteLimit)
      const written = await this.#thread.write([...entries.flatMap((entry) => this.#replace(principal, entry)), eviction])
      for (let evicted = written.at(-1); evicted === evictionBatch; ) [evicted] = await this.#thread.write([eviction])
    })
  }

  get(principal: string | undefined, keys: readonly string[]): Promise<readonly SessionEntry[]> {
    return this.#attempt(async () => {
      if (keys.length === 0) return []
      const rows = (await this.#thread.read(selectEntries(principal, keys, Date.now()))) as readonly EntryRow[]
      return rows.map((row) => ({ key: keyOf(row), value: row.value, expiresAt: row.expiresAt }))
    })
  }

  renew(principal: string | undefined, keys: readonly string[], expiresAt: number): Promise<void> {
    return this.#attempt(async () => {
      if (keys.length > 0) await this.#thread.write([renewEntries(principal, keys, this.#endOf(expiresAt), Date.now())])
    })
  }

  delete(principal: string | undefined, keys: readonly string[]): Promise<number> {
    return this.#attempt(async () => {
      if (keys.length === 0) return 0
      const [, deleted = 0] = await this.#thread.write([deleteExpiredOf(principal, Date.now()), deleteEntries(principal, keys)])
      return deleted
    })
  }

  erase(principal: string | undefined): Promise<number> {
    return this.#attempt(async () => {
      const [, erased = 0] = await this.#thread.write([deleteExpiredOf(principal, Date.now()), deleteAll(principal)])
      await this.#thread.scrub()
      return erased
    })
  }

  /** What there is of each principal, the largest first. */
  shares(): Promise<readonly PrincipalShare[]> {
    return this.#attempt(async () => {
      const rows = (await this.#thread.read(selectShares(Date.now()))) as readonly ShareRow[]
      return rows.map((row) => ({ principal: principalOf(row), entries: row.entries, bytes: row.bytes }))
    })
  }

  /** Removes what has expired. Does not reject: the next round tries again. */
  async sweep(): Promise<void> {
    try {
      await this.#thread.write([deleteExpired(Date.now())])
    } catch (error) {
      this.#settings.logger.warn({ error }, 'expired sessions could not be removed; they are not answered with, and removed in a minute')
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#thread.close()
  }

  #replace(principal: string | undefined, entry: SessionEntry): readonly BoundStatement[] {
    const { byteLimit, logger } = this.#settings
    const { key, value } = entry
    const expiresAt = this.#endOf(entry.expiresAt)
    const bytes = entryBytes(principal, entry)
    if (bytes > byteLimit) logger.warn({ key, bytes, byteLimit }, 'an entry is larger than the whole store may be, and is not kept')
    const removal = deleteEntries(principal, [key])
    return bytes > byteLimit ? [removal] : [removal, insertEntry(principal, { key, value, expiresAt }, bytes)]
  }

  #endOf(expiresAt: number): number {
    return Math.min(Math.floor(expiresAt), Date.now() + this.#settings.timeToLive)
  }

  async #attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new GatewayError('TKL_SESSION_UNAVAILABLE', 'The session store is closed: the gateway is stopping. Ask again when it is back.')
    try {
      return await work()
    } catch (cause) {
      // Callers of the gateway get the message: where the file is and what is wrong with it is not for them.
      const { logger, path } = this.#settings
      logger.error(
        { error: cause, path },
        'the sessions cannot be used: see that the file can be written, its disk has room and no other program keeps it locked',
      )
      throw new GatewayError('TKL_SESSION_UNAVAILABLE', 'The session store cannot be used at the moment. The log says why.', { cause })
    }
  }
}
