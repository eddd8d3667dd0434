import type { Usage } from 'tokligence'
import type { SqlValue } from './driver.ts'

/** A column and how its value is read from what the row is made of. Lists of these are the one place that fixes names and order. */
export type Column<Source> = readonly [name: string, value: (source: Source) => SqlValue]

export function namesOf<Source>(columns: readonly Column<Source>[]): string {
  return columns.map(([name]) => name).join(', ')
}

export function marksFor<Source>(columns: readonly Column<Source>[]): string {
  return columns.map(() => '?').join(', ')
}

export function valuesOf<Source>(columns: readonly Column<Source>[], source: Source): SqlValue[] {
  const values: SqlValue[] = []
  for (const column of columns) values.push(column[1](source))
  return values
}

/** Milliseconds as whole microseconds. */
export function microseconds(milliseconds: number | undefined): number | null {
  return milliseconds === undefined ? null : Math.round(milliseconds * 1_000)
}

/** The same buckets stand in both tables. The provider's own object stands in `requests` only, because writing it is dear. */
export const usageColumns: readonly Column<{ readonly usage?: Usage }>[] = [
  ['input_uncached', ({ usage }) => usage?.inputUncached ?? null],
  ['cache_read', ({ usage }) => usage?.cacheRead ?? null],
  ['cache_write', ({ usage }) => usage?.cacheWrite ?? null],
  ['cache_write_long', ({ usage }) => usage?.cacheWriteLong ?? null],
  ['output', ({ usage }) => usage?.output ?? null],
  ['reasoning', ({ usage }) => usage?.reasoning ?? null],
  ['usage_source', ({ usage }) => usage?.source ?? null],
]
