import { Worker } from 'node:worker_threads'
import type { SqlDriver } from '../../ledger/sqlite/driver.ts'
import { TaskThread } from '../../ledger/sqlite/task-thread.ts'
import { prepareSessionFile } from './session-file.ts'
import type { BoundStatement } from './statements.ts'
import { type ThreadData, type ThreadTask, threadSource } from './thread-source.ts'

/** The thread that has the file open: values may be megabytes, and neither their writing nor the wait for another process may stop the event loop. */
export class SessionThread {
  readonly #thread: TaskThread<ThreadTask>

  constructor(driver: SqlDriver, path: string) {
    const workerData: ThreadData = { module: driver.module, path }
    this.#thread = new TaskThread(() => {
      // The file may have been removed since the last start.
      prepareSessionFile(driver, path)
      return new Worker(threadSource, { eval: true, execArgv: [], workerData, name: 'sqlite-sessions' })
    })
  }

  read(statement: BoundStatement): Promise<readonly unknown[]> {
    return this.#thread.perform({ kind: 'read', statement }) as Promise<readonly unknown[]>
  }

  write(statements: readonly BoundStatement[]): Promise<readonly number[]> {
    return this.#thread.perform({ kind: 'write', statements }) as Promise<readonly number[]>
  }

  async scrub(): Promise<void> {
    await this.#thread.perform({ kind: 'scrub' })
  }

  /** Resolves when all that was asked for is done and the thread is gone. */
  close(): Promise<void> {
    return this.#thread.close({ kind: 'close' })
  }
}
