import type { SqlDatabase } from './driver.ts'

/** Runs a body as one transaction and gives what it gives. When it throws, nothing of it stays. */
export type Transaction = <Result>(body: () => Result) => Result

/** `IMMEDIATE` shuts out other writers, `EXCLUSIVE` tells the reader of the code that it must. */
export function prepareTransaction(database: SqlDatabase, kind: 'IMMEDIATE' | 'EXCLUSIVE'): Transaction {
  const begin = database.prepare(`BEGIN ${kind}`)
  const commit = database.prepare('COMMIT')
  return (body) => {
    begin.run()
    try {
      const result = body()
      commit.run()
      return result
    } catch (error) {
      rollBack(database)
      throw error
    }
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
