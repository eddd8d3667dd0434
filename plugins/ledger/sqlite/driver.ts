import { createRequire } from 'node:module'
import type BetterSqlite3 from 'better-sqlite3'
import { GatewayError } from 'tokligence'

export type SqlValue = string | number | null
export type SqlRow = Readonly<Record<string, SqlValue>>

/** The part of a prepared statement that both drivers have. Parameters are positional. */
export interface SqlStatement {
  run(...parameters: readonly SqlValue[]): { readonly changes: number | bigint }
  all(...parameters: readonly SqlValue[]): unknown[]
  get(...parameters: readonly SqlValue[]): unknown
}

/** The part of a connection that both drivers have. All of it is synchronous. */
export interface SqlDatabase {
  exec(sql: string): unknown
  prepare(sql: string): SqlStatement
  close(): unknown
}

export interface SqlDriver {
  readonly name: 'better-sqlite3' | 'node:sqlite'
  /** What a worker thread passes to `require` to get the same driver. */
  readonly module: string
  open(path: string): SqlDatabase
  /** Why the first choice was not taken. */
  readonly fallbackReason?: unknown
}

/** The constructor of either driver, seen as what they share. */
type DatabaseConstructor = new (path: string) => SqlDatabase

interface NodeSqlite {
  readonly DatabaseSync: DatabaseConstructor
}

/**
 * Loads better-sqlite3, or `node:sqlite` where the native module is missing or was built for another Node.
 * Throws GatewayError `TKL_NATIVE_MODULE_MISSING` when there is neither.
 */
export function loadDriver(load: (module: string) => unknown = createRequire(import.meta.url), locate = locateBetterSqlite3): SqlDriver {
  try {
    return openable({ name: 'better-sqlite3', module: locate(), constructor: load('better-sqlite3') as typeof BetterSqlite3 as DatabaseConstructor })
  } catch (fallbackReason) {
    return { ...loadNodeSqlite(load, fallbackReason), fallbackReason }
  }
}

function loadNodeSqlite(load: (module: string) => unknown, reason: unknown): SqlDriver {
  try {
    return openable({ name: 'node:sqlite', module: 'node:sqlite', constructor: (load('node:sqlite') as NodeSqlite).DatabaseSync })
  } catch {
    throw new GatewayError(
      'TKL_NATIVE_MODULE_MISSING',
      `SQLite needs the native module better-sqlite3, which is not there or was not built for Node ${process.version}. Build it with:\n\n  npm rebuild better-sqlite3\n\nNode 22.13 and later bring an SQLite of their own, which is taken instead.`,
      { cause: reason },
    )
  }
}

/** better-sqlite3 loads its native part on the first connection: only opening one shows whether it works. */
function openable(found: { readonly name: SqlDriver['name']; readonly module: string; readonly constructor: DatabaseConstructor }): SqlDriver {
  const { name, module, constructor: Database } = found
  new Database(':memory:').close()
  return { name, module, open: (path) => new Database(path) }
}

function locateBetterSqlite3(): string {
  return createRequire(import.meta.url).resolve('better-sqlite3')
}
