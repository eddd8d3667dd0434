import { isJsonObject, type Json, type WireError } from 'tokligence'

/** The vendor's code (github.com/openai/codex/issues/13724, for the reasoning of another organization, and 8145, for damaged reasoning). */
const refusedCode = 'invalid_encrypted_content'

/**
 * What vendors and hosts of both protocols say to an opaque value that they cannot open:
 * - "The encrypted content gAAA… could not be verified. Reason: Encrypted content organization_id did not match the target organization." (the same
 *   issues), where a host in between has taken the code away
 * - "reasoning `encrypted_content` was not issued to this caller" (github.com/anomalyco/opencode/issues/48773)
 * - "Invalid `signature` in `thinking` block", "Invalid `data` in `redacted_thinking` block" from hosts of such models
 *   (github.com/linanwx/nagobot/issues/21, github.com/Chevey339/kelivo/issues/481)
 * - "Corrupted thought signature.", "Invalid thought signature." and "Thought signature is not valid" likewise (github.com/anomalyco/opencode/issues/4832,
 *   github.com/lbjlaq/Antigravity-Manager/pull/3342, github.com/decolua/9router/issues/301)
 */
const refusals: readonly RegExp[] = [
  /\bencrypted[_ ]content\b.* (?:could not be (?:verified|decrypted)|was not issued to this caller)/is,
  /\bInvalid [`']*(?:signature|data)[`']* in [`']*(?:redacted_)?thinking[`']* block/i,
  /\b(?:Corrupted|Invalid) thought[ _]signature\b/i,
  /\bThought signature is not valid\b/i,
]

/** The members that hold what is refused so. */
export const sealedMembers: readonly string[] = ['reasoning_details', 'thought_signature']

/** True for the refusal of an opaque value; of one that was changed, too. Not for one that is missing. */
export function refusesSealed({ status, code, message, details }: WireError): boolean {
  if (code === refusedCode) return true
  if (status !== 400) return false
  return [message, said(details)].some((text) => refusals.some((refusal) => refusal.test(text)))
}

/** The words of the vendor behind a host, which itself says no more than "Provider returned error" (github.com/Chevey339/kelivo/issues/481). */
function said(details: Json | undefined): string {
  const metadata = isJsonObject(details) && isJsonObject(details.metadata) ? details.metadata : {}
  return typeof metadata.raw === 'string' ? metadata.raw : ''
}
