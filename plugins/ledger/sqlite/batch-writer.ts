import type { AttemptClosed, AttemptOpened, RequestRecord } from 'tokligence'
import { closedColumns, insertOpenAttempt, insertWholeAttempt, openedColumns, updateClosedAttempt } from './attempt-row.ts'
import { valuesOf } from './columns.ts'
import type { SqlDatabase } from './driver.ts'
import { insertRequest, requestColumns } from './request-row.ts'
import { isRowFault } from './sqlite-error.ts'
import { prepareTransaction } from './transaction.ts'

/** An attempt that is not written yet. When it ends before that, one INSERT writes both. */
export interface OpenedRow {
  readonly kind: 'opened'
  readonly opened: AttemptOpened
  closed: AttemptClosed | undefined
}

export interface ClosedRow {
  readonly kind: 'closed'
  readonly closed: AttemptClosed
}

export interface RecordRow {
  readonly kind: 'record'
  readonly record: RequestRecord
  /** Who waits for the commit; undefined once they were told. */
  waiting: Waiting | undefined
}

export interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export type QueuedRow = OpenedRow | ClosedRow | RecordRow

/** Rows that could not be written because of what is in them, with the reason. */
export type RowFaults = ReadonlyMap<QueuedRow, unknown>

/** Writes rows in one transaction. A row that is itself at fault is left out and does not stop the others; any other failure writes none and throws. */
export type BatchWriter = (rows: readonly QueuedRow[]) => RowFaults

export function createBatchWriter(database: SqlDatabase, process: string): BatchWriter {
  const insertRecord = database.prepare(insertRequest)
  const insertOpen = database.prepare(insertOpenAttempt)
  const insertWhole = database.prepare(insertWholeAttempt)
  const updateClosed = database.prepare(updateClosedAttempt)

  const transaction = prepareTransaction(database, 'IMMEDIATE')

  const write = (row: QueuedRow): void => {
    if (row.kind === 'record') insertRecord.run(...valuesOf(requestColumns, row.record))
    else if (row.kind === 'closed') updateClosed.run(...valuesOf(closedColumns, row.closed), row.closed.id)
    else if (row.closed) insertWhole.run(...valuesOf(openedColumns, { opened: row.opened, process }), ...valuesOf(closedColumns, row.closed))
    else insertOpen.run(...valuesOf(openedColumns, { opened: row.opened, process }))
  }

  return (rows) =>
    transaction(() => {
      const faults = new Map<QueuedRow, unknown>()
      for (const row of rows) {
        try {
          write(row)
        } catch (error) {
          if (!isRowFault(error)) throw error
          faults.set(row, error)
        }
      }
      return faults
    })
}
