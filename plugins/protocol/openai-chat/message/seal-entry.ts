import { isGatewaySeal, isJsonObject, type Json, type JsonObject, type Sealed } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'

/** The word by which our entries among `reasoning_details` are known again. */
const format = 'tokligence-v1'

/** An opaque value of another protocol's block, found in a message of the history. */
export interface FoundSeal {
  readonly sealed: Sealed
  /** The call that it belongs to; absent for thoughts and texts. */
  readonly callId?: string
}

/**
 * An opaque value as a member of `reasoning_details`, the field that clients of compatible hosts send back untouched (openrouter.ai/docs, "Preserving
 * Reasoning Blocks").
 */
export function sealEntry({ value }: Sealed, callId: string | null, index: number): JsonObject {
  return { type: 'reasoning.encrypted', data: value, id: callId, format, index }
}

export function readSealEntry(detail: Json): FoundSeal | undefined {
  if (!isJsonObject(detail) || detail.format !== format || typeof detail.data !== 'string') return undefined
  return { sealed: { issuer: protocolId, value: detail.data }, ...(typeof detail.id === 'string' && { callId: detail.id }) }
}

/** True for a value that a host of this protocol gave, and that goes back into the field it came from. */
export function isOwnSeal(sealed: Sealed | undefined): sealed is Sealed {
  return sealed?.issuer === protocolId && !isGatewaySeal(sealed.value)
}
