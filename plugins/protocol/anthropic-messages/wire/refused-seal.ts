import type { WireError } from 'tokligence'

/**
 * What the vendor says to thoughts that it did not sign, or not for this account:
 * - "messages.1.content.0: Invalid `signature` in `thinking` block" (github.com/anthropics/claude-code/issues/10627); hosts in between take the
 *   backticks away (github.com/arojunior/handle-failed-requests-js/issues/8)
 * - "messages.23.content.2: Invalid `data` in `redacted_thinking` block" (github.com/anthropics/claude-code/issues/56708)
 * - "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original
 *   response." (github.com/anthropics/claude-code/issues/63267)
 */
const refusals: readonly RegExp[] = [
  /\bInvalid [`']?(?:signature|data)[`']? in [`']?(?:redacted_)?thinking[`']? block/i,
  /\b(?:redacted_)?thinking[`']? blocks in the latest assistant message cannot be modified\b/i,
]

/** The members that hold what is refused so. */
export const sealedMembers: readonly string[] = ['signature', 'redacted_thinking']

/** True for the refusal of signed or hidden thoughts, but not for their absence, which the vendor says in other words. */
export function refusesSealed({ status, message }: WireError): boolean {
  return status === 400 && refusals.some((refusal) => refusal.test(message))
}
