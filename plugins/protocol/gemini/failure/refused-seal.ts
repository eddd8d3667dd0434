import type { WireError } from 'tokligence'

/**
 * What the vendor says to a signature that it cannot open: "Corrupted thought signature." (github.com/google-gemini/gemini-cli/issues/13467, after a
 * change of account), "Invalid thought signature." (github.com/lbjlaq/Antigravity-Manager/pull/3342), and "Unable to submit request because Thought
 * signature is not valid" (github.com/decolua/9router/issues/301).
 */
const refusal = /\b(?:(?:Corrupted|Invalid) thought[ _]signature|Thought signature is not valid)\b/i

/** The members that hold what is refused so. */
export const sealedMembers: readonly string[] = ['thoughtSignature', 'thought_signature']

/** True for the refusal of a signature. One that is missing ("Function call is missing a thought_signature") is another matter. */
export function refusesSealed({ status, message }: WireError): boolean {
  return status === 400 && refusal.test(message)
}
