import type { AttemptClosed, AttemptOpened } from 'tokligence'
import { type Column, marksFor, microseconds, namesOf, usageColumns } from './columns.ts'

/** An attempt and the process that sends it. */
export interface OwnedAttempt {
  readonly opened: AttemptOpened
  readonly process: string
}

export const openedColumns: readonly Column<OwnedAttempt>[] = [
  ['id', ({ opened }) => opened.id],
  ['request_id', ({ opened }) => opened.requestId],
  ['sequence', ({ opened }) => opened.sequence],
  ['provider', ({ opened }) => opened.provider],
  ['protocol', ({ opened }) => opened.protocol],
  ['model', ({ opened }) => opened.model],
  ['started_at', ({ opened }) => opened.startedAt],
  ['estimated_input', ({ opened }) => opened.estimatedInput],
  ['caller_protocol', ({ opened }) => opened.callerProtocol],
  ['caller_request_id', ({ opened }) => opened.callerRequestId],
  ['operation', ({ opened }) => opened.operation],
  ['stream', ({ opened }) => (opened.stream ? 1 : 0)],
  ['caller_model', ({ opened }) => opened.callerModel],
  ['principal', ({ opened }) => opened.principal ?? null],
  ['process', ({ process }) => process],
]

export const closedColumns: readonly Column<AttemptClosed>[] = [
  ['ending', (closed) => closed.ending],
  ['status', (closed) => closed.status ?? null],
  ['error_code', (closed) => closed.errorCode ?? null],
  ['vendor_request_id', (closed) => closed.vendorRequestId ?? null],
  ['time_to_first_byte_us', (closed) => microseconds(closed.timeToFirstByte)],
  ['duration_us', (closed) => microseconds(closed.duration)],
  ...usageColumns,
]

export const insertOpenAttempt = `INSERT INTO attempts (${namesOf(openedColumns)}) VALUES (${marksFor(openedColumns)}) ON CONFLICT (id) DO NOTHING`

export const insertWholeAttempt = `INSERT INTO attempts (${namesOf(openedColumns)}, ${namesOf(closedColumns)})
  VALUES (${marksFor(openedColumns)}, ${marksFor(closedColumns)}) ON CONFLICT (id) DO NOTHING`

/** Takes the values of `closedColumns`, then the id. An attempt that is closed already stays as it is. */
export const updateClosedAttempt = `UPDATE attempts SET ${closedColumns.map(([name]) => `${name} = ?`).join(', ')} WHERE id = ? AND ending IS NULL`
