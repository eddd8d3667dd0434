import type { RequestHeaders } from 'tokligence'

/** Seconds to wait, rounded up: `retry-after-ms`, or `retry-after` as seconds or as an HTTP date. */
export function readRetryAfter(headers: RequestHeaders): number | undefined {
  const milliseconds = numberOf(headers['retry-after-ms'])
  if (milliseconds !== undefined) return Math.ceil(milliseconds / 1_000)
  const seconds = numberOf(headers['retry-after'])
  if (seconds !== undefined) return Math.ceil(seconds)
  const date = Date.parse(first(headers['retry-after']) ?? '')
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1_000))
}

function numberOf(header: string | string[] | undefined): number | undefined {
  const text = first(header)?.trim()
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
