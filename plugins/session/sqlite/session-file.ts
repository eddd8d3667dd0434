import { dirname, join } from 'node:path'
import { GatewayError } from 'tokligence'
import type { SqlDatabase, SqlDriver } from '../../ledger/sqlite/driver.ts'
import { createLedgerFile, inMemory, resolveLedgerPath } from '../../ledger/sqlite/ledger-path.ts'
import { enterWriteAheadMode } from '../../ledger/sqlite/open-database.ts'
import { prepareTransaction } from '../../ledger/sqlite/transaction.ts'
import { schema, schemaVersion } from './schema.ts'

/** The option, else `sessions.db` in the gateway's data folder: where `TOKLIGENCE_LEDGER_PATH` points to, else `~/.tokligence`. Absolute. */
export function resolveSessionPath(option: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  if (option !== undefined) return resolveLedgerPath(option)
  const ledger = resolveLedgerPath(undefined, environment)
  return ledger === inMemory ? resolveLedgerPath('~/.tokligence/sessions.db') : join(dirname(ledger), 'sessions.db')
}

/**
 * Makes the file, readable for this user alone, with folder and tables, where it is not there yet. Throws GatewayError `TKL_CONFIG_INVALID` when it
 * cannot be used.
 */
export function prepareSessionFile(driver: SqlDriver, path: string): void {
  let database: SqlDatabase | undefined
  try {
    createLedgerFile(path)
    database = driver.open(path)
    database.exec('PRAGMA busy_timeout = 5000')
    enterWriteAheadMode(database)
    createTables(database)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new GatewayError(
      'TKL_CONFIG_INVALID',
      `The sessions in ${path} cannot be opened: ${reason}. Name another file with the option \`path\`; if this one is damaged, remove it: what it holds is short-lived.`,
      { cause: error },
    )
  } finally {
    database?.close()
  }
}

function createTables(database: SqlDatabase): void {
  if (isPrepared(database)) return
  prepareTransaction(
    database,
    'EXCLUSIVE',
  )(() => {
    // Another process may have been faster.
    if (!isPrepared(database)) database.exec(`${schema}; PRAGMA user_version = ${schemaVersion}`)
  })
}

function isPrepared(database: SqlDatabase): boolean {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { readonly user_version: number }
  if (version === schemaVersion) return true
  if (version !== 0 || database.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined)
    throw new Error('it holds something else, or was written by another version')
  return false
}
