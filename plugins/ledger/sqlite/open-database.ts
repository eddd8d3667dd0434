import { GatewayError } from 'tokligence'
import type { SqlDatabase, SqlDriver } from './driver.ts'
import { createLedgerFile, inMemory } from './ledger-path.ts'
import { migrate } from './migrate.ts'
import { isBusy } from './sqlite-error.ts'

/** `process`: a commit survives the death of this process. `power`: it survives a power cut too, at the price of an fsync. */
export type Durability = 'process' | 'power'

export const synchronousMode = { process: 'NORMAL', power: 'FULL' } as const satisfies Record<Durability, string>

/** Milliseconds that opening waits for another process that holds the lock, for instance while it migrates. */
const openPatience = 5_000

/** Milliseconds that a commit may block the event loop for a lock; after that the write queue tries again later. */
const commitPatience = 2

/**
 * Opens the ledger for writing, its schema up to date. Throws GatewayError `TKL_CONFIG_INVALID` when the file cannot be used.
 */
export function openDatabase(driver: SqlDriver, path: string, durability: Durability): SqlDatabase {
  let database: SqlDatabase | undefined
  try {
    if (path !== inMemory) createLedgerFile(path)
    database = driver.open(path)
    prepareConnection(database, path, durability)
    migrate(database, path)
    database.exec(`PRAGMA busy_timeout = ${commitPatience}`)
    return database
  } catch (error) {
    database?.close()
    if (GatewayError.is(error)) throw error
    throw new GatewayError('TKL_CONFIG_INVALID', `The ledger ${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    })
  }
}

function prepareConnection(database: SqlDatabase, path: string, durability: Durability): void {
  database.exec(`PRAGMA busy_timeout = ${openPatience}`)
  if (path !== inMemory) enterWriteAheadMode(database)
  // The worker thread makes the checkpoints; a commit must never stop the event loop for one.
  database.exec(`PRAGMA synchronous = ${synchronousMode[durability]}; PRAGMA wal_autocheckpoint = 0`)
}

/** Throws when another process holds the lock for too long, or the file system has no such mode. */
export function enterWriteAheadMode(database: SqlDatabase): void {
  const deadline = Date.now() + openPatience
  for (;;) {
    try {
      const { journal_mode: mode } = database.prepare('PRAGMA journal_mode = WAL').get() as { readonly journal_mode: string }
      if (mode === 'wal') return
      throw new Error(`its file system does not support a write-ahead log (journal mode "${mode}")`)
    } catch (error) {
      // SQLite does not wait for busy_timeout here when two processes make the same new file at once.
      if (!isBusy(error) || Date.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}
