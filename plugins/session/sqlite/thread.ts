import { Worker } from 'node:worker_threads'
import type { SqlDriver } from '../../ledger/sqlite/driver.ts'
import { prepareSessionFile } from './session-file.ts'
import type { BoundStatement } from './statements.ts'
import { type ThreadData, type ThreadTask, threadSource } from './thread-source.ts'

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

interface Answer {
  readonly number: number
  readonly value?: unknown
  readonly failure?: string
}

/**
 * The thread that has the file open: values may be megabytes, and neither their writing nor the wait for another process may stop the event loop.
 * Started on first use, and again when it died; keeps the process alive only while a task is under way. Tasks are done in their order.
 */
export class SessionThread {
  readonly #driver: SqlDriver
  readonly #path: string
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | undefined
  #number = 0

  constructor(driver: SqlDriver, path: string) {
    this.#driver = driver
    this.#path = path
  }

  read(statement: BoundStatement): Promise<readonly unknown[]> {
    return this.#perform({ kind: 'read', statement }) as Promise<readonly unknown[]>
  }

  write(statements: readonly BoundStatement[]): Promise<readonly number[]> {
    return this.#perform({ kind: 'write', statements }) as Promise<readonly number[]>
  }

  async scrub(): Promise<void> {
    await this.#perform({ kind: 'scrub' })
  }

  /** Resolves when all that was asked for is done and the thread is gone. */
  async close(): Promise<void> {
    const worker = this.#worker
    if (!worker) return
    try {
      await this.#perform({ kind: 'close' })
    } finally {
      await worker.terminate()
    }
  }

  async #perform(task: ThreadTask): Promise<unknown> {
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
    // The file may have been removed since the last start.
    prepareSessionFile(this.#driver, this.#path)
    const workerData: ThreadData = { module: this.#driver.module, path: this.#path }
    const worker = new Worker(threadSource, { eval: true, execArgv: [], workerData, name: 'sqlite-sessions' })
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
