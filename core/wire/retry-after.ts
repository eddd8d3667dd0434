import type { RequestHeaders } from '../contracts/protocol.ts'

/**
 * How long a provider asks to be left alone, in whole seconds: `retry-after-ms`, which the vendors' own clients prefer, else `retry-after` as a
 * number or an HTTP date. A part of a second is rounded up: cut off, it would ask for a retry at once.
 */
export function readRetryAfter(headers: RequestHeaders): number | undefined {
  const milliseconds = Number(firstValue(headers['retry-after-ms']) ?? Number.NaN)
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return Math.ceil(milliseconds / 1000)
  const value = firstValue(headers['retry-after'])
  if (value === undefined) return undefined
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.ceil(seconds) : undefined
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000))
}

function firstValue(header: string | string[] | undefined): string | undefined {
  const value = Array.isArray(header) ? header[0] : header
  return value === undefined || value.trim() === '' ? undefined : value
}
