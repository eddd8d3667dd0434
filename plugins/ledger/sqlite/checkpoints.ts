import type { Background } from './background.ts'

/** Rows after which a checkpoint is due. */
const rowsPerCheckpoint = 2_000
/** Milliseconds after which the first row is checkpointed even if few follow. */
const checkpointInterval = 5_000

interface WarnLogger {
  warn(fields: object, message: string): void
}

/** Decides when the write-ahead log is copied into the database; the copying is the background thread's. */
export class Checkpoints {
  readonly #background: Background
  readonly #walLimit: number
  readonly #logger: WarnLogger
  #rows = 0
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #ended = false

  constructor(background: Background, walLimit: number, logger: WarnLogger) {
    this.#background = background
    this.#walLimit = walLimit
    this.#logger = logger
  }

  /** To be called after every commit. */
  committed(rows: number): void {
    this.#rows += rows
    if (this.#ended || this.#running) return
    if (this.#rows >= rowsPerCheckpoint) this.#start()
    else this.#timer ??= setTimeout(() => this.#start(), checkpointInterval).unref()
  }

  async end(): Promise<void> {
    this.#ended = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #start(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#rows = 0
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    try {
      await this.#background.checkpoint(this.#walLimit)
    } catch (error) {
      this.#logger.warn({ error }, 'a checkpoint of the ledger failed; its write-ahead log grows until one succeeds')
    }
    this.#running = undefined
    if (this.#rows > 0) this.committed(0)
  }
}
