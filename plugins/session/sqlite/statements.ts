import type { SessionEntry } from 'tokligence'
import type { SqlValue } from '../../ledger/sqlite/driver.ts'

export interface BoundStatement {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

/** A row as `selectEntries` gives it. */
export interface EntryRow {
  readonly key: string
  readonly value: string
  readonly expiresAt: number
}

/** Entries that one eviction removes at most. */
export const evictionBatch = 256

const owned = 'principal = ? AND key IN (SELECT value FROM json_each(?))'

/** A row as `selectShares` gives it. */
export interface ShareRow {
  readonly principal: string
  readonly entries: number
  readonly bytes: number
}

/**
 * Names as JSON: nobody is `null` and somebody a quoted text, so that no name means nobody, and what SQLite's text cannot hold exactly (a lone
 * surrogate, a zero) is escaped.
 */
function nameOf(text: string | undefined): string {
  return JSON.stringify(text ?? null)
}

function namesOf(keys: readonly string[]): string {
  return JSON.stringify(keys.map(nameOf))
}

export function keyOf({ key }: EntryRow): string {
  return JSON.parse(key) as string
}

/** Null for nobody. */
export function principalOf({ principal }: ShareRow): string | null {
  return JSON.parse(principal) as string | null
}

/** What is alive of each principal, the largest first. */
export function selectShares(now: number): BoundStatement {
  return {
    sql: `
      SELECT principal, count(*) AS entries, sum(bytes) AS bytes FROM entries WHERE expires_at > ?
      GROUP BY principal ORDER BY sum(bytes) DESC, principal`,
    parameters: [now],
  }
}

export function selectEntries(principal: string | undefined, keys: readonly string[], now: number): BoundStatement {
  return {
    sql: `SELECT key, value, expires_at AS expiresAt FROM entries WHERE ${owned} AND expires_at > ?`,
    parameters: [nameOf(principal), namesOf(keys), now],
  }
}

export function insertEntry(principal: string | undefined, entry: SessionEntry, bytes: number): BoundStatement {
  return {
    sql: 'INSERT INTO entries (bytes, expires_at, principal, key, value) VALUES (?, ?, ?, ?, ?)',
    parameters: [bytes, entry.expiresAt, nameOf(principal), nameOf(entry.key), entry.value],
  }
}

/** Writes those that are alive anew, with their values, which do not leave the file: so they are the youngest. Needs `recursive_triggers`. */
export function renewEntries(principal: string | undefined, keys: readonly string[], expiresAt: number, now: number): BoundStatement {
  return {
    sql: `
      INSERT OR REPLACE INTO entries (bytes, expires_at, principal, key, value)
      SELECT bytes, max(expires_at, ?), principal, key, value FROM entries WHERE ${owned} AND expires_at > ? ORDER BY number`,
    parameters: [expiresAt, nameOf(principal), namesOf(keys), now],
  }
}

export function deleteEntries(principal: string | undefined, keys: readonly string[]): BoundStatement {
  return { sql: `DELETE FROM entries WHERE ${owned}`, parameters: [nameOf(principal), namesOf(keys)] }
}

export function deleteAll(principal: string | undefined): BoundStatement {
  return { sql: 'DELETE FROM entries WHERE principal = ?', parameters: [nameOf(principal)] }
}

export function deleteExpired(now: number): BoundStatement {
  return { sql: 'DELETE FROM entries WHERE expires_at <= ?', parameters: [now] }
}

/** As `deleteExpired`, for one principal. */
export function deleteExpiredOf(principal: string | undefined, now: number): BoundStatement {
  return { sql: 'DELETE FROM entries WHERE principal = ? AND expires_at <= ?', parameters: [nameOf(principal), now] }
}

/** Deletes the oldest that have to go, up to `evictionBatch` of them: each before which less than the surplus was removed. */
export function evict(byteLimit: number): BoundStatement {
  return {
    sql: `
      DELETE FROM entries WHERE number IN (
        SELECT number FROM (
          SELECT number, sum(bytes) OVER (ORDER BY number) - bytes AS removed
          FROM (SELECT number, bytes FROM entries WHERE (SELECT bytes FROM total) > ? ORDER BY number LIMIT ${evictionBatch})
        ) WHERE removed < (SELECT bytes FROM total) - ?
      )`,
    parameters: [byteLimit, byteLimit],
  }
}
