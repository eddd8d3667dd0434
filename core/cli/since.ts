import { UsageError } from './usage-error.ts'

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

const isoDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/

/** Unix milliseconds of `24h`, `7d` or an ISO 8601 date. A date without a zone is UTC, a time without one local. Throws UsageError. */
export function parseSince(text: string, now: number): number {
  const ago = /^(\d+)([mhdw])$/.exec(text)
  if (ago) return now - Number(ago[1]) * (units[ago[2] ?? ''] ?? 0)
  const time = isoDate.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw new UsageError(`"${text}" is no time: write 90m, 24h, 7d or 4w, or a date such as 2026-01-31 or 2026-01-31T08:00Z.`)
  return time
}
