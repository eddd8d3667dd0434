import type { SqlDatabase } from './driver.ts'
import type { Presence } from './presence.ts'
import { prepareTransaction } from './transaction.ts'

/** What dead processes left behind. */
export interface Remains {
  readonly processes: readonly string[]
  /** The attempts, open or closed, whose request has no row. */
  readonly rows: readonly number[]
}

const foreignOpeners = 'SELECT DISTINCT process FROM attempts WHERE ending IS NULL AND process <> ?'

/** Reads the whole table: an index on `process` would cost every attempt, and is wanted only after a crash. */
const unbookedRows = `
  SELECT rowid AS number FROM attempts
  WHERE process IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM requests WHERE requests.id = attempts.request_id)`

const closeInterrupted = `
  UPDATE attempts SET ending = 'interrupted', input_uncached = estimated_input, usage_source = 'estimated'
  WHERE ending IS NULL AND process IN (SELECT value FROM json_each(?))`

/**
 * One row per request, with what its attempts used together. SQLite takes the other columns from the row with the largest `sequence`, the last attempt,
 * as long as `max` is the only such aggregate. The caller saw no end of an answer, so the status is the one for a fault of ours. A bucket that no
 * attempt knows stays NULL.
 */
const insertInterrupted = `
  INSERT INTO requests (
    id, request_id, started_at, principal, protocol, operation, stream, model, provider, upstream_model, upstream_protocol, vendor_request_id,
    attempts, status, ending, input_uncached, cache_read, cache_write, cache_write_long, output, reasoning, usage_source, losses
  )
  SELECT
    request_id, caller_request_id, started_at, principal, caller_protocol, operation, stream, caller_model, provider, model, protocol, vendor_request_id,
    max(sequence) + 1, 500, 'interrupted',
    sum(input_uncached), sum(cache_read), sum(cache_write), sum(cache_write_long), sum(output), sum(reasoning),
    CASE WHEN count(*) FILTER (WHERE usage_source = 'estimated') > 0 THEN 'estimated' WHEN count(usage_source) > 0 THEN 'measured' END, '[]'
  FROM attempts WHERE rowid IN (SELECT value FROM json_each(?))
  GROUP BY request_id
  ON CONFLICT (id) DO NOTHING`

/** Undefined when nobody died. Takes no lock: what dead processes wrote does not change, and others may go on writing meanwhile. */
export function findRemains(database: SqlDatabase, presence: Presence): Remains | undefined {
  const openers = database.prepare(foreignOpeners).all(presence.process) as readonly { readonly process: string }[]
  const suspects = new Set([...openers.map(({ process }) => process), ...presence.lockFiles()])
  const processes = [...suspects].filter((process) => !presence.isAlive(process))
  if (processes.length === 0) return undefined
  const rows = database.prepare(unbookedRows).all(JSON.stringify(processes)) as readonly { readonly number: number }[]
  return { processes, rows: rows.map(({ number }) => number) }
}

/** Closes the attempts that are open and writes the rows of requests that have none; answers with how many attempts it closed. */
export function bookRemains(database: SqlDatabase, { processes, rows }: Remains): number {
  const close = database.prepare(closeInterrupted)
  const insert = database.prepare(insertInterrupted)
  return prepareTransaction(
    database,
    'IMMEDIATE',
  )(() => {
    // First, so that the open attempts have the usage that is summed.
    const { changes } = close.run(JSON.stringify(processes))
    insert.run(JSON.stringify(rows))
    return Number(changes)
  })
}
