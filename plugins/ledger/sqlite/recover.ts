import type { SqlDatabase } from './driver.ts'
import type { Presence } from './presence.ts'
import { prepareTransaction } from './transaction.ts'

const foreignOpeners = 'SELECT DISTINCT process FROM attempts WHERE ending IS NULL AND process <> ?'

/**
 * One row per request whose attempts were cut off. SQLite takes the other columns from the row with the largest `sequence`: the last attempt.
 * The caller saw no end of an answer, so the status is the one for a fault of ours. Output is unknown and stays NULL.
 */
const insertInterrupted = `
  INSERT INTO requests (
    id, request_id, started_at, principal, protocol, operation, stream, model, provider, upstream_model, upstream_protocol,
    attempts, status, ending, input_uncached, usage_source, losses
  )
  SELECT
    request_id, caller_request_id, started_at, principal, caller_protocol, operation, stream, caller_model, provider, model, protocol,
    max(sequence) + 1, 500, 'interrupted', sum(estimated_input), 'estimated', '[]'
  FROM attempts WHERE ending IS NULL AND process = ?
  GROUP BY request_id
  ON CONFLICT (id) DO NOTHING`

const closeInterrupted = `
  UPDATE attempts SET ending = 'interrupted', input_uncached = estimated_input, usage_source = 'estimated'
  WHERE ending IS NULL AND process = ?`

/** Closes the open attempts of processes that are dead, and writes the rows of their requests; answers with how many attempts. */
export function recoverAttempts(database: SqlDatabase, presence: Presence): number {
  const openers = database.prepare(foreignOpeners).all(presence.process) as readonly { readonly process: string }[]
  const dead = openers.map(({ process }) => process).filter((process) => !presence.isAlive(process))
  if (dead.length === 0) return 0
  const insert = database.prepare(insertInterrupted)
  const close = database.prepare(closeInterrupted)
  return prepareTransaction(
    database,
    'IMMEDIATE',
  )(() => {
    let closed = 0
    for (const process of dead) {
      insert.run(process)
      closed += Number(close.run(process).changes)
    }
    return closed
  })
}
