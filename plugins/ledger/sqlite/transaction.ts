import type { SqlDatabase } from './driver.ts'

/** Runs `body` as one transaction. `IMMEDIATE` shuts out other writers, `EXCLUSIVE` says so to the reader of the code. */
export function inTransaction<Result>(database: SqlDatabase, kind: 'IMMEDIATE' | 'EXCLUSIVE', body: () => Result): Result {
  database.exec(`BEGIN ${kind}`)
  try {
    const result = body()
    database.exec('COMMIT')
    return result
  } catch (error) {
    rollBack(database)
    throw error
  }
}

function rollBack(database: SqlDatabase): void {
  try {
    database.exec('ROLLBACK')
  } catch (error) {
    // SQLite rolls back by itself after a full disk or an I/O error.
    if (!(error instanceof Error && error.message.includes('no transaction is active'))) throw error
  }
}
