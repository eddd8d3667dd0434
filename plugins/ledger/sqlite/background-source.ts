/** What the worker thread is started with. */
export interface BackgroundData {
  readonly module: string
  readonly path: string
  readonly synchronous: 'NORMAL' | 'FULL'
}

/** `checkpoint`: answers with CheckpointResult. `read`: with rows. `close`: makes the last checkpoint and ends the thread. */
export type BackgroundTask =
  | { readonly kind: 'checkpoint'; readonly walLimit: number }
  | { readonly kind: 'read'; readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly kind: 'close' }

export interface CheckpointResult {
  readonly truncated: boolean
  /** Bytes of the write-ahead log afterwards. */
  readonly walSize: number
}

/**
 * The worker thread's program, as plain CommonJS text: `new Worker(text, { eval: true })` needs no file of its own, so the same line works from the
 * TypeScript sources and from the bundle. It has a connection of its own, because SQLite's cannot be shared between threads.
 */
export const backgroundSource = `'use strict'
const { statSync } = require('node:fs')
const { parentPort, workerData } = require('node:worker_threads')

const loaded = require(workerData.module)
const Database = loaded.DatabaseSync ?? loaded
const database = new Database(workerData.path)
database.exec('PRAGMA synchronous = ' + workerData.synchronous)
waitForLocks(5000)

function waitForLocks(milliseconds) {
  database.exec('PRAGMA busy_timeout = ' + milliseconds)
}

function checkpoint(mode) {
  return database.prepare('PRAGMA wal_checkpoint(' + mode + ')').get()
}

function walSize() {
  return statSync(workerData.path + '-wal', { throwIfNoEntry: false })?.size ?? 0
}

// PASSIVE never stops a writer, but leaves what was written meanwhile. The second round has little to do and mostly ends with nothing left; only
// then does the log start over from its beginning. TRUNCATE holds the writers' lock, so it comes last, when there is next to nothing to copy.
function makeCheckpoint(walLimit) {
  const first = checkpoint('PASSIVE')
  if (first.checkpointed < first.log) checkpoint('PASSIVE')
  if (walSize() <= walLimit) return { truncated: false, walSize: walSize() }
  waitForLocks(100)
  const { busy } = checkpoint('TRUNCATE')
  waitForLocks(5000)
  return { truncated: busy === 0, walSize: walSize() }
}

function perform(task) {
  if (task.kind === 'read') return database.prepare(task.sql).all(...task.parameters)
  if (task.kind === 'checkpoint') return makeCheckpoint(task.walLimit)
  makeCheckpoint(0)
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
