import { type AttemptClosed, type AttemptOpened, GatewayError, type RequestRecord } from 'tokligence'
import type { BatchWriter, OpenedRow, QueuedRow, RecordRow, RowFaults, Waiting } from './batch-writer.ts'
import { isBusy } from './sqlite-error.ts'

/** What becomes of a request whose row cannot be written: it fails, or it goes on and an alarm is logged. */
export type OnFailure = 'refuse' | 'alarm'

/** The part of pino that the queue uses. */
export interface AlarmLogger {
  error(fields: object, message: string): void
  info(fields: object, message: string): void
}

export interface WriteQueueSettings {
  readonly write: BatchWriter
  readonly onFailure: OnFailure
  readonly logger: AlarmLogger
  /** Called after each commit with the number of rows. */
  readonly onCommit: (rows: number) => void
}

/** Milliseconds that attempts wait for company: nobody waits for them, and one that ends within this time is written by one INSERT. */
const attemptDelay = 5
/** Milliseconds between two tries for a lock that another process holds. */
const lockRetryDelay = 4
/** Milliseconds after which such a lock counts as a failure. */
const lockPatience = 5_000
/** Milliseconds between two tries after a failure. */
const failureRetryDelay = 1_000
/** Rows kept for the next try after a failure. */
export const keptRows = 10_000

/**
 * Gathers rows and commits them together. A record is committed at the end of the current turn of the event loop, with everything queued before it.
 * Rows leave the queue only after their commit, so a failed one loses nothing that it should keep.
 */
export class WriteQueue {
  readonly #settings: WriteQueueSettings
  #rows: QueuedRow[] = []
  readonly #unwritten = new Map<string, OpenedRow>()
  #flushes: Waiting[] = []
  #immediate: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined
  #retrying = false
  #lockedSince: number | undefined
  #failing = false
  #closed = false

  constructor(settings: WriteQueueSettings) {
    this.#settings = settings
  }

  open(opened: AttemptOpened): void {
    if (this.#isClosed(opened)) return
    const row: OpenedRow = { kind: 'opened', opened, closed: undefined }
    this.#unwritten.set(opened.id, row)
    this.#rows.push(row)
    this.#commitLater()
  }

  close(closed: AttemptClosed): void {
    if (this.#isClosed(closed)) return
    const row = this.#unwritten.get(closed.id)
    if (row) row.closed ??= closed
    else this.#rows.push({ kind: 'closed', closed })
    this.#commitLater()
  }

  record(record: RequestRecord): Promise<void> {
    if (this.#closed) return Promise.reject(unavailable('the ledger is closed'))
    // The alarm for this failure was given; waiting for the next try would only slow requests down that go on anyway.
    if (this.#failing && this.#settings.onFailure === 'alarm') {
      this.#rows.push({ kind: 'record', record, waiting: undefined })
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      this.#rows.push({ kind: 'record', record, waiting: { resolve, reject } })
      this.#commitNow()
    })
  }

  /** Rejects with GatewayError `TKL_LEDGER_UNAVAILABLE` when the rows cannot be written, whatever `onFailure` says. */
  flush(): Promise<void> {
    if (this.#rows.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#flushes.push({ resolve, reject })
      this.#commitNow()
    })
  }

  /** Writes what is queued and takes no more. What cannot be written is logged. */
  async end(): Promise<void> {
    try {
      while (this.#rows.length > 0) await this.flush()
    } catch (error) {
      this.#settings.logger.error({ error, rows: this.#rows.length }, `${this.#rows.length} ledger rows are lost: they could not be written before the end`)
    }
    this.#closed = true
    this.#stopTimers()
  }

  #isClosed(attempt: AttemptOpened | AttemptClosed): boolean {
    if (this.#closed) this.#settings.logger.error({ row: attempt }, 'an attempt came after the ledger was closed and is not recorded')
    return this.#closed
  }

  #commitNow(): void {
    if (!this.#retrying) this.#immediate ??= setImmediate(() => this.#commit())
  }

  #commitLater(): void {
    if (!this.#immediate) this.#timer ??= setTimeout(() => this.#commit(), attemptDelay)
  }

  #retryAfter(delay: number): void {
    this.#stopTimers()
    this.#retrying = true
    this.#timer = setTimeout(() => this.#commit(), delay)
  }

  #stopTimers(): void {
    clearImmediate(this.#immediate)
    clearTimeout(this.#timer)
    this.#immediate = undefined
    this.#timer = undefined
    this.#retrying = false
  }

  #commit(): void {
    this.#stopTimers()
    if (this.#rows.length === 0) return
    let faults: RowFaults
    try {
      faults = this.#settings.write(this.#rows)
    } catch (error) {
      this.#postpone(error)
      return
    }
    this.#committed(faults)
  }

  #committed(faults: RowFaults): void {
    const rows = this.#rows
    const flushes = this.#flushes
    this.#rows = []
    this.#flushes = []
    this.#unwritten.clear()
    this.#lockedSince = undefined
    if (this.#failing) this.#settings.logger.info({ rows: rows.length }, `the ledger writes again; ${rows.length} rows that waited are written`)
    this.#failing = false
    for (const [row, error] of faults) this.#reportFault(row, error)
    for (const row of rows) if (row.kind === 'record') row.waiting?.resolve()
    for (const flush of flushes) flush.resolve()
    this.#settings.onCommit(rows.length)
  }

  /** A row that SQLite will never take: trying again would fail again, so its content goes to the log instead. */
  #reportFault(row: QueuedRow, error: unknown): void {
    const content = row.kind === 'record' ? row.record : row.kind === 'closed' ? row.closed : { ...row.opened, ...row.closed }
    this.#settings.logger.error({ error, row: content }, 'a ledger row was not written because of what is in it')
    if (row.kind === 'record' && this.#settings.onFailure === 'refuse') row.waiting?.reject(unavailable('the row was not accepted', error))
  }

  #postpone(error: unknown): void {
    if (isBusy(error)) this.#lockedSince ??= performance.now()
    const patient = isBusy(error) && performance.now() - (this.#lockedSince ?? 0) < lockPatience
    if (patient) this.#retryAfter(lockRetryDelay)
    else this.#fail(error)
  }

  #fail(error: unknown): void {
    const { onFailure, logger } = this.#settings
    const records = this.#rows.filter((row): row is RecordRow => row.kind === 'record' && row.waiting !== undefined)
    const refusal = unavailable('the ledger could not be written', error)
    for (const row of records) {
      if (onFailure === 'refuse') row.waiting?.reject(refusal)
      else row.waiting?.resolve()
      row.waiting = undefined
    }
    // The caller of a refused request was told that it failed. Its attempts stay: their tokens are spent.
    if (onFailure === 'refuse') this.#rows = this.#rows.filter((row) => row.kind !== 'record')
    const dropped = this.#dropOldest()
    for (const flush of this.#flushes.splice(0)) flush.reject(refusal)
    const outcome = onFailure === 'refuse' ? 'requests are refused' : 'requests go on without a durable row'
    const counts = { requests: records.length, kept: this.#rows.length, dropped }
    logger.error({ error, ...counts }, `the ledger cannot be written; ${outcome}${dropped > 0 ? `; ${dropped} rows are lost` : ''}`)
    this.#failing = true
    this.#lockedSince = undefined
    if (this.#rows.length > 0) this.#retryAfter(failureRetryDelay)
  }

  #dropOldest(): number {
    const dropped = this.#rows.splice(0, Math.max(0, this.#rows.length - keptRows))
    for (const row of dropped) if (row.kind === 'opened') this.#unwritten.delete(row.opened.id)
    return dropped.length
  }
}

function unavailable(reason: string, cause?: unknown): GatewayError {
  return new GatewayError('TKL_LEDGER_UNAVAILABLE', `The request could not be recorded: ${reason}.`, cause === undefined ? {} : { cause })
}
