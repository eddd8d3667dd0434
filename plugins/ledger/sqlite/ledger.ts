import { setTimeout as pause } from 'node:timers/promises'
import type { AttemptClosed, AttemptOpened, Ledger, PluginApi, RecordQuery, RequestRecord, UsageQuery, UsageRow } from 'tokligence'
import { Background } from './background.ts'
import { createBatchWriter } from './batch-writer.ts'
import { Checkpoints } from './checkpoints.ts'
import type { SqlDatabase, SqlDriver } from './driver.ts'
import { inMemory } from './ledger-path.ts'
import { type Durability, openDatabase, synchronousMode } from './open-database.ts'
import { Presence } from './presence.ts'
import { type BoundQuery, requestsQuery, usageQuery } from './queries.ts'
import { bookRemains, findRemains } from './recover.ts'
import { type RequestRow, readRequest } from './request-row.ts'
import { isBusy } from './sqlite-error.ts'
import { type OnFailure, WriteQueue } from './write-queue.ts'

export interface LedgerSettings {
  /** Absolute, or `:memory:`. */
  readonly path: string
  readonly durability: Durability
  readonly onFailure: OnFailure
  /** Bytes. */
  readonly walLimit: number
  readonly driver: SqlDriver
  readonly logger: PluginApi['logger']
}

/** Milliseconds that each step of recovery waits for a lock that another process holds. */
const recoveryPatience = 5_000
const recoveryRetryDelay = 10

/** The ledger over one SQLite file. Commits on this thread, because a caller waits for them; checkpoints and reads on another. */
export class SqliteLedger implements Ledger {
  readonly #database: SqlDatabase
  readonly #presence: Presence
  readonly #queue: WriteQueue
  readonly #background: Background | undefined
  readonly #checkpoints: Checkpoints | undefined

  /** Throws GatewayError `TKL_CONFIG_INVALID` when the file cannot be used. */
  constructor({ path, durability, onFailure, walLimit, driver, logger }: LedgerSettings) {
    this.#database = openDatabase(driver, path, durability)
    this.#presence = this.#announce(driver, path)
    if (path !== inMemory) {
      this.#background = new Background({ module: driver.module, path, synchronous: synchronousMode[durability] })
      this.#checkpoints = new Checkpoints(this.#background, walLimit, logger)
    }
    this.#queue = new WriteQueue({
      write: createBatchWriter(this.#database, this.#presence.process),
      onFailure,
      logger,
      onCommit: (rows) => this.#checkpoints?.committed(rows),
    })
  }

  #announce(driver: SqlDriver, path: string): Presence {
    try {
      return new Presence(driver, path)
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  openAttempt(attempt: AttemptOpened): void {
    this.#queue.open(attempt)
  }

  closeAttempt(attempt: AttemptClosed): void {
    this.#queue.close(attempt)
  }

  record(record: RequestRecord): Promise<void> {
    return this.#queue.record(record)
  }

  flush(): Promise<void> {
    return this.#queue.flush()
  }

  async recover(): Promise<number> {
    const remains = await whenUnlocked(() => findRemains(this.#database, this.#presence))
    if (!remains) return 0
    const closed = await whenUnlocked(() => bookRemains(this.#database, remains))
    this.#presence.forget(remains.processes)
    return closed
  }

  async usage(query: UsageQuery): Promise<readonly UsageRow[]> {
    return (await this.#read(usageQuery(query))) as readonly UsageRow[]
  }

  async requests(query: RecordQuery): Promise<readonly RequestRecord[]> {
    const rows = (await this.#read(requestsQuery(query))) as readonly RequestRow[]
    return rows.map(readRequest)
  }

  /** Writes what is queued, makes a last checkpoint and lets go of the file. */
  async close(): Promise<void> {
    await this.#queue.end()
    await this.#checkpoints?.end()
    try {
      await this.#background?.close()
    } finally {
      this.#database.close()
      this.#presence.release()
    }
  }

  /** Another connection sees a commit as soon as it is made, so reading on the other thread misses nothing that was acknowledged. */
  async #read({ sql, parameters }: BoundQuery): Promise<unknown[]> {
    return this.#background ? this.#background.read(sql, parameters) : this.#database.prepare(sql).all(...parameters)
  }
}

/** Tries again, without stopping the event loop, while another process holds the lock. */
async function whenUnlocked<Result>(step: () => Result): Promise<Result> {
  const deadline = performance.now() + recoveryPatience
  for (;;) {
    try {
      return step()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
      await pause(recoveryRetryDelay)
    }
  }
}
