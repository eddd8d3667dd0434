import type { BoundStatement } from './statements.ts'

/** What the worker thread is started with. */
export interface ThreadData {
  /** What `require` gives the driver for. */
  readonly module: string
  readonly path: string
}

/**
 * `read`: answers with the rows. `write`: runs all as one transaction and answers with how many rows each changed. `scrub`: takes what was deleted
 * out of the write-ahead log too. `close`: ends the thread.
 */
export type ThreadTask =
  | { readonly kind: 'read'; readonly statement: BoundStatement }
  | { readonly kind: 'write'; readonly statements: readonly BoundStatement[] }
  | { readonly kind: 'scrub' }
  | { readonly kind: 'close' }

/** A task that is done only if it begins until then, in Unix milliseconds. */
export type ThreadMessage = ThreadTask & { readonly until?: number }

/**
 * The worker thread's program, as plain CommonJS text: `new Worker(text, { eval: true })` needs no file of its own, so the same line works from the
 * TypeScript sources and from the bundle.
 */
export const threadSource = `'use strict'
const { parentPort, workerData } = require('node:worker_threads')

const loaded = require(workerData.module)
const Database = loaded.DatabaseSync ?? loaded
const database = new Database(workerData.path)
// What REPLACE removes counts as deleted only with recursive triggers.
database.exec('PRAGMA recursive_triggers = ON; PRAGMA busy_timeout = 5000; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 16777216')

const prepared = new Map()

function prepare(sql) {
  let statement = prepared.get(sql)
  if (!statement) {
    statement = database.prepare(sql)
    prepared.set(sql, statement)
  }
  return statement
}

function write(statements) {
  prepare('BEGIN IMMEDIATE').run()
  try {
    const changes = statements.map(({ sql, parameters }) => Number(prepare(sql).run(...parameters).changes))
    prepare('COMMIT').run()
    return changes
  } catch (error) {
    try {
      database.exec('ROLLBACK')
    } catch {
      // SQLite rolls back by itself after a full disk or an I/O error; what went wrong is the first error.
    }
    throw error
  }
}

function perform(task) {
  if (Date.now() > task.until) throw new Error('what was asked for before took too long')
  if (task.kind === 'read') return prepare(task.statement.sql).all(...task.statement.parameters)
  if (task.kind === 'write') return write(task.statements)
  if (task.kind === 'scrub') return void database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
  database.close()
}

parentPort.on('message', ({ number, task }) => {
  try {
    parentPort.postMessage({ number, value: perform(task) })
  } catch (error) {
    // better-sqlite3's errors lose their text when they are cloned.
    parentPort.postMessage({ number, failure: error.message })
  }
  if (task.kind === 'close') parentPort.close()
})
`
