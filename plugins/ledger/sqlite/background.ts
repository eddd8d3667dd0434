import { Worker } from 'node:worker_threads'
import { type BackgroundData, type BackgroundTask, backgroundSource, type CheckpointResult } from './background-source.ts'
import type { SqlValue } from './driver.ts'

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

interface Answer {
  readonly number: number
  readonly value?: unknown
  readonly failure?: string
}

/** A worker thread for what may take long: checkpoints and reports. Started on first use; keeps the process alive only while a task is under way. */
export class Background {
  readonly #data: BackgroundData
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | undefined
  #number = 0

  constructor(data: BackgroundData) {
    this.#data = data
  }

  checkpoint(walLimit: number): Promise<CheckpointResult> {
    return this.#perform({ kind: 'checkpoint', walLimit }) as Promise<CheckpointResult>
  }

  read(sql: string, parameters: readonly SqlValue[]): Promise<unknown[]> {
    return this.#perform({ kind: 'read', sql, parameters }) as Promise<unknown[]>
  }

  /** Makes a last checkpoint and resolves when the thread is gone. */
  async close(): Promise<void> {
    const worker = this.#worker
    if (!worker) return
    try {
      await this.#perform({ kind: 'close' })
    } finally {
      await worker.terminate()
    }
  }

  #perform(task: BackgroundTask): Promise<unknown> {
    this.#worker ??= this.#start()
    const worker = this.#worker
    const number = this.#number++
    return new Promise((resolve, reject) => {
      this.#pending.set(number, { resolve, reject })
      worker.ref()
      worker.postMessage({ number, task })
    })
  }

  #start(): Worker {
    // The program is plain JavaScript: loaders and flags of the main thread would only be in its way.
    const worker = new Worker(backgroundSource, { eval: true, execArgv: [], workerData: this.#data, name: 'sqlite-ledger' })
    worker.on('message', ({ number, value, failure }: Answer) => {
      const pending = this.#pending.get(number)
      this.#pending.delete(number)
      if (this.#pending.size === 0) worker.unref()
      if (failure === undefined) pending?.resolve(value)
      else pending?.reject(new Error(failure))
    })
    worker.on('error', (error) => this.#ended(worker, error))
    worker.on('exit', () => this.#ended(worker, new Error('the thread ended')))
    return worker
  }

  /** The next task starts a new thread. */
  #ended(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    for (const pending of this.#pending.values()) pending.reject(error)
    this.#pending.clear()
  }
}
