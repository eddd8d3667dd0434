import { Worker } from 'node:worker_threads'
import { type BackgroundData, type BackgroundTask, backgroundSource, type CheckpointResult } from './background-source.ts'
import type { SqlValue } from './driver.ts'
import { TaskThread } from './task-thread.ts'

/** A worker thread for what may take long: checkpoints and reports. */
export class Background {
  readonly #thread: TaskThread<BackgroundTask>

  constructor(data: BackgroundData) {
    // The program is plain JavaScript: loaders and flags of the main thread would only be in its way.
    this.#thread = new TaskThread(() => new Worker(backgroundSource, { eval: true, execArgv: [], workerData: data, name: 'sqlite-ledger' }))
  }

  checkpoint(walLimit: number): Promise<CheckpointResult> {
    return this.#thread.perform({ kind: 'checkpoint', walLimit }) as Promise<CheckpointResult>
  }

  read(sql: string, parameters: readonly SqlValue[]): Promise<unknown[]> {
    return this.#thread.perform({ kind: 'read', sql, parameters }) as Promise<unknown[]>
  }

  /** Makes a last checkpoint and resolves when the thread is gone. */
  close(): Promise<void> {
    return this.#thread.close({ kind: 'close' })
  }
}
