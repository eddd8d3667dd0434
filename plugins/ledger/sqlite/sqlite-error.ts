/** Primary result codes by their numbers in sqlite3.h. */
const primaryCodes: Readonly<Record<number, string>> = { 5: 'BUSY', 6: 'LOCKED', 18: 'TOOBIG', 19: 'CONSTRAINT', 20: 'MISMATCH', 25: 'RANGE' }

/** `BUSY` for `SQLITE_BUSY_SNAPSHOT` and its like; undefined when the error is not SQLite's. */
function primaryCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, errcode } = error as Error & { readonly code?: unknown; readonly errcode?: unknown }
  if (typeof code === 'string' && code.startsWith('SQLITE_')) return code.split('_')[1]
  if (typeof errcode === 'number') return primaryCodes[errcode & 0xff] ?? 'OTHER'
  return undefined
}

/** Another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error)
  return code === 'BUSY' || code === 'LOCKED'
}

/** The row itself is at fault (a fraction where an integer belongs, a value that cannot be bound), so writing it again cannot help. */
export function isRowFault(error: unknown): boolean {
  const code = primaryCode(error)
  return code === undefined || code === 'CONSTRAINT' || code === 'MISMATCH' || code === 'TOOBIG' || code === 'RANGE'
}
