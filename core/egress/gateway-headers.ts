import type { Prepared } from './prepare.ts'

/** What the gateway adds to an answer: who gave it, and how much the translation lost so far. */
export function gatewayHeaders(prepared: Prepared): Record<string, string> {
  const losses = prepared.losses.losses.length
  const headers: Record<string, string> = { 'x-tokligence-provider': prepared.attempt.target.provider }
  if (losses > 0) headers['x-tokligence-losses'] = String(losses)
  return headers
}
