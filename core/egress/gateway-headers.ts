import type { Prepared } from './prepare.ts'

/** Adds to an answer's headers who gave it, and how much the translation has lost so far. Answers with the same object. */
export function withGatewayHeaders(headers: Record<string, string | string[]>, prepared: Prepared): Record<string, string | string[]> {
  headers['x-tokligence-provider'] = prepared.attempt.target.provider
  const losses = prepared.reportsLosses ? prepared.losses.losses.length : 0
  if (losses > 0) headers['x-tokligence-losses'] = String(losses)
  return headers
}
