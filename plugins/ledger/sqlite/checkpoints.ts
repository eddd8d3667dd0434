import type { Background } from './background.ts'

/** Pages of the write-ahead log, 16 MiB, after which a checkpoint is due: rarer ones copy a page once that was written often. */
const pagesPerCheckpoint = 4_096
/** Milliseconds after which the first row is checkpointed even if few follow. */
const checkpointInterval = 5_000

/** Estimated, because SQLite tells only its C callers: a commit writes the last page of each table and index, and about four rows fill a page. */
const pagesOf = (rows: number): number => 5 + rows / 4

interface WarnLogger {
  warn(fields: object, message: string): void
}

/** Decides when the write-ahead log is copied into the database; the copying is the background thread's. */
export class Checkpoints {
  readonly #background: Background
  readonly #walLimit: number
  readonly #logger: WarnLogger
  #pages = 0
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
    this.#pages += pagesOf(rows)
    this.#schedule()
  }

  async end(): Promise<void> {
    this.#ended = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #schedule(): void {
    if (this.#ended || this.#running) return
    if (this.#pages >= pagesPerCheckpoint) this.#start()
    else this.#timer ??= setTimeout(() => this.#start(), checkpointInterval).unref()
  }

  #start(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pages = 0
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    try {
      await this.#background.checkpoint(this.#walLimit)
    } catch (error) {
      this.#logger.warn({ error }, 'a checkpoint of the ledger failed; its write-ahead log grows until one succeeds')
    }
    this.#running = undefined
    if (this.#pages > 0) this.#schedule()
  }
}
