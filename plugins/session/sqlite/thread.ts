import { Worker } from 'node:worker_threads'
import type { SqlDriver } from '../../ledger/sqlite/driver.ts'
import { TaskThread } from '../../ledger/sqlite/task-thread.ts'
import { prepareSessionFile } from './session-file.ts'
import type { BoundStatement } from './statements.ts'
import { type ThreadData, type ThreadMessage, type ThreadTask, threadSource } from './thread-source.ts'

/** What nobody waits for any more is not done. Milliseconds. */
const patience = 4_000

/** So many bytes wait to be written at most, unless it is a single call that brings them. */
const mostWaiting = 64 * 1024 * 1024

/**
 * The threads that have the file open: values may be megabytes, and neither their writing nor the wait for another process may stop the event loop. What
 * is read does not wait for what is written, which another process may hold up. What could not begin in time rejects.
 */
export class SessionThread {
  readonly #reader: TaskThread<ThreadMessage>
  readonly #writer: TaskThread<ThreadMessage>
  #waiting = 0

  constructor(driver: SqlDriver, path: string) {
    const workerData: ThreadData = { module: driver.module, path }
    const create = (name: string) => () => {
      // The file may have been removed since the last start.
      prepareSessionFile(driver, path)
      return new Worker(threadSource, { eval: true, execArgv: [], workerData, name })
    }
    this.#reader = new TaskThread(create('sqlite-sessions-reader'))
    this.#writer = new TaskThread(create('sqlite-sessions'))
  }

  read(statement: BoundStatement): Promise<readonly unknown[]> {
    return this.#reader.perform(timed({ kind: 'read', statement })) as Promise<readonly unknown[]>
  }

  async write(statements: readonly BoundStatement[]): Promise<readonly number[]> {
    const bytes = statements.reduce((sum, statement) => sum + sizeOf(statement), 0)
    if (this.#waiting > 0 && this.#waiting + bytes > mostWaiting) throw new Error(`${this.#waiting} bytes wait to be written already`)
    this.#waiting += bytes
    try {
      return (await this.#writer.perform(timed({ kind: 'write', statements }))) as readonly number[]
    } finally {
      this.#waiting -= bytes
    }
  }

  async scrub(): Promise<void> {
    await this.#writer.perform(timed({ kind: 'scrub' }))
  }

  /** Resolves when all that was asked for is done and the threads are gone. */
  async close(): Promise<void> {
    await this.#reader.close({ kind: 'close' })
    await this.#writer.close({ kind: 'close' })
  }
}

function timed(task: ThreadTask): ThreadMessage {
  return { ...task, until: Date.now() + patience }
}

function sizeOf({ parameters }: BoundStatement): number {
  return parameters.reduce<number>((sum, parameter) => sum + (typeof parameter === 'string' ? Buffer.byteLength(parameter) : 0), 0)
}
