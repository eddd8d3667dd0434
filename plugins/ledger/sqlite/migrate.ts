import { createHash } from 'node:crypto'
import { GatewayError } from 'tokligence'
import type { SqlDatabase } from './driver.ts'
import { type Migration, migrations } from './migrations.ts'
import { prepareTransaction } from './transaction.ts'

interface AppliedMigration {
  readonly number: number
  readonly name: string
  readonly checksum: string
}

/**
 * Brings the schema up to date, in one exclusive transaction. Throws GatewayError `TKL_CONFIG_INVALID` when the database was written by a newer
 * version, or when a step that was applied is not the one that this version knows.
 */
export function migrate(database: SqlDatabase, path: string, known: readonly Migration[] = migrations): void {
  // Looked at without a lock first: a second process must not stop the first one's writes just to find that there is nothing to do.
  if (pending(database, path, known).length === 0) return
  prepareTransaction(
    database,
    'EXCLUSIVE',
  )(() => {
    for (const migration of pending(database, path, known)) apply(database, migration)
  })
}

function pending(database: SqlDatabase, path: string, known: readonly Migration[]): readonly Migration[] {
  const applied = appliedMigrations(database)
  for (const { number, name, checksum } of applied) {
    const migration = known.find((candidate) => candidate.number === number)
    if (!migration)
      throw new GatewayError(
        'TKL_CONFIG_INVALID',
        `The ledger ${path} was written by a newer version (its schema has step ${number}, "${name}"). Update this one, or name another file.`,
      )
    if (checksumOf(migration) !== checksum)
      throw new GatewayError(
        'TKL_CONFIG_INVALID',
        `The ledger ${path} has another step ${number} in its schema ("${name}") than this version. It was made by a different build; name another file.`,
      )
  }
  return known.filter(({ number }) => !applied.some((row) => row.number === number))
}

function appliedMigrations(database: SqlDatabase): readonly AppliedMigration[] {
  const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'").get()
  if (table === undefined) return []
  return database.prepare('SELECT number, name, checksum FROM migrations ORDER BY number').all() as AppliedMigration[]
}

function apply(database: SqlDatabase, migration: Migration): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
  )
  database.exec(migration.sql)
  database
    .prepare('INSERT INTO migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)')
    .run(migration.number, migration.name, checksumOf(migration), Date.now())
}

/** Over the words, so that formatting the source anew does not count as a change. */
function checksumOf({ sql }: Migration): string {
  return createHash('sha256').update(sql.trim().replace(/\s+/g, ' ')).digest('hex')
}
