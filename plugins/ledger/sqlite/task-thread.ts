import type { Worker } from 'node:worker_threads'

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** What the thread's program says of a task: its value, else why it failed. */
interface Answer {
  readonly number: number
  readonly value?: unknown
  readonly failure?: string
}

/**
 * A worker thread that is given tasks as `{ number, task }` and does them in their order. Started on first use, and again when it died; keeps the
 * process alive only while a task is under way.
 */
export class TaskThread<Task> {
  readonly #create: () => Worker
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | undefined
  #number = 0

  /** What `create` throws is what the task is rejected with. */
  constructor(create: () => Worker) {
    this.#create = create
  }

  async perform(task: Task): Promise<unknown> {
    this.#worker ??= this.#start()
    const worker = this.#worker
    const number = this.#number++
    return new Promise((resolve, reject) => {
      this.#pending.set(number, { resolve, reject })
      worker.ref()
      worker.postMessage({ number, task })
    })
  }

  /** Gives a last task, and resolves when all tasks are done and the thread is gone; a thread that was never started is not started for it. */
  async close(last: Task): Promise<void> {
    const worker = this.#worker
    if (!worker) return
    try {
      await this.perform(last)
    } finally {
      await worker.terminate()
    }
  }

  #start(): Worker {
    const worker = this.#create()
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
