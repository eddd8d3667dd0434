import { isGatewaySeal, isJsonObject, type Json, type JsonObject, type Sealed } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'

/**
 * What a thought stood behind: a call, by its id, or so many characters (UTF-16 code units) of the content before the first call. Undefined for one
 * that came before both. Not what it stood before: in a stream that is not known yet when the thought is over.
 */
export type ThoughtPlace = string | number | undefined

/** An opaque value of another protocol's block, found in a message of the history. */
export interface FoundSeal {
  readonly sealed: Sealed
  /** The call that it belongs to; absent for thoughts and texts. */
  readonly callId?: string
  /** For thoughts. */
  readonly after?: ThoughtPlace
}

/** Where a thought stands that comes now. */
export function placeBehind(lastCall: unknown, textLength: number): ThoughtPlace {
  return typeof lastCall === 'string' ? lastCall : textLength > 0 ? textLength : undefined
}

/**
 * An opaque value as a member of `reasoning_details`, the field that clients of compatible hosts send back untouched (openrouter.ai/docs, "Preserving
 * Reasoning Blocks"). The place has a member of its own, which entries without one lack: of those with the same `id`, clients keep one alone
 * (OpenRouterTeam/ai-sdk-provider, ReasoningDetailsDuplicateTracker). There is no `format`: entries with one that the same client does not know, it leaves
 * out (its CommonReasoningDetailSchema); ours are known again by their value.
 */
export function sealEntry({ value }: Sealed, callId: string | null, index: number, after?: ThoughtPlace): JsonObject {
  return { type: 'reasoning.encrypted', data: value, id: callId, index, ...(after !== undefined && { after }) }
}

export function readSealEntry(detail: Json): FoundSeal | undefined {
  if (!isJsonObject(detail) || typeof detail.data !== 'string' || !isGatewaySeal(detail.data)) return undefined
  const { id, after, data: value } = detail
  const isPlace = typeof after === 'string' || (typeof after === 'number' && Number.isInteger(after) && after > 0)
  return { sealed: { issuer: protocolId, value }, ...(typeof id === 'string' && { callId: id }), ...(isPlace && { after }) }
}

/** True for a value that a host of this protocol gave, and that goes back into the field it came from. */
export function isOwnSeal(sealed: Sealed | undefined): sealed is Sealed {
  return sealed?.issuer === protocolId && !isGatewaySeal(sealed.value)
}
