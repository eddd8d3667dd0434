import type { RecordQuery, UsageQuery } from 'tokligence'
import type { SqlValue } from './driver.ts'

export interface BoundQuery {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

/** What a group is called; an empty string where the request had none. Days are those of UTC. */
const groups = {
  model: "coalesce(model, '')",
  provider: "coalesce(provider, '')",
  principal: "coalesce(principal, '')",
  day: "strftime('%Y-%m-%d', started_at / 1000, 'unixepoch')",
} as const satisfies Record<UsageQuery['groupBy'], string>

/** The largest integer that is exact on both sides. */
const endOfTime = Number.MAX_SAFE_INTEGER
const defaultLimit = 100
const largestLimit = 1_000

/** Money in two currencies has no sum. */
export function usageQuery({ since, until, groupBy }: UsageQuery): BoundQuery {
  const sql = `
    SELECT
      ${groups[groupBy]} AS "group",
      count(*) AS requests,
      count(*) FILTER (WHERE ending <> 'complete') AS failed,
      count(*) FILTER (WHERE usage_source = 'estimated') AS estimated,
      coalesce(sum(input_uncached), 0) AS inputUncached,
      coalesce(sum(cache_read), 0) AS cacheRead,
      coalesce(sum(cache_write), 0) AS cacheWrite,
      coalesce(sum(output), 0) AS output,
      coalesce(sum(reasoning), 0) AS reasoning,
      CASE WHEN count(DISTINCT currency) < 2 THEN sum(cost) END AS cost,
      count(*) - count(cost) AS unpriced
    FROM requests
    WHERE started_at >= ? AND started_at < ?
    GROUP BY 1
    ORDER BY ${groupBy === 'day' ? '1' : 'requests DESC, 1'}`
  return { sql, parameters: [since ?? 0, until ?? endOfTime] }
}

export function requestsQuery({ id, since, limit }: RecordQuery): BoundQuery {
  const rows = Math.max(0, Math.min(limit ?? defaultLimit, largestLimit))
  if (id === undefined) return { sql: 'SELECT * FROM requests WHERE started_at >= ? ORDER BY started_at DESC, id DESC LIMIT ?', parameters: [since ?? 0, rows] }
  // The plus keeps SQLite from walking the index on started_at where those on the two ids find the few rows at once.
  const sql = `
    SELECT * FROM requests WHERE (id = ? OR (request_id = ? AND request_id <> id)) AND +started_at >= ?
    ORDER BY +started_at DESC, id DESC LIMIT ?`
  return { sql, parameters: [id, id, since ?? 0, rows] }
}
