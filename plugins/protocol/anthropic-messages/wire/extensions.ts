import { type Extensions, isEmpty, isJsonObject, type JsonObject, type LossSink, reportForeignFields as reportFields } from 'tokligence'

export const protocolId = 'anthropic-messages'

const nothing: JsonObject = Object.freeze({})

/**
 * The member of an extension that holds fields which ask for nothing (a spelled-out default, an empty list) and stand there for the way back
 * only. Encoders of other protocols pass over members that begin with `$`.
 */
const memoField = '$wire'

/** The fields that this protocol's decoder had no neutral name for, as they stood. Fields with a neutral name are written over them. */
export function ownFields(ext: Extensions | undefined): JsonObject {
  const fields = ext?.[protocolId]
  if (!fields) return nothing
  const { [memoField]: memo, ...rest } = fields
  return isJsonObject(memo) ? { ...memo, ...rest } : rest
}

/** True for what this protocol's decoder made: it is written back as it stood, without the repairs that foreign input needs. */
export function isOwn(ext: Extensions | undefined): boolean {
  return ext?.[protocolId] !== undefined
}

/** `ext` for the fields that are left over; nothing when there are none. */
export function keep(rest: JsonObject, memo: JsonObject = nothing): { readonly ext?: Extensions } {
  return isEmpty(rest) && isEmpty(memo) ? {} : keepAlways(rest, memo)
}

/** The same, there even when nothing is left over: the mark that `isOwn` looks for. */
export function keepAlways(rest: JsonObject, memo: JsonObject = nothing): { readonly ext: Extensions } {
  return { ext: { [protocolId]: isEmpty(memo) ? rest : { ...rest, [memoField]: memo } } }
}

/** One loss per field that belongs to another protocol. */
export function reportForeignFields(ext: Extensions | undefined, path: string, losses: LossSink): void {
  reportFields({ ext }, path, losses, protocolId)
}

/** One loss per field of this protocol that the other one has no place for, outside of any extension. */
export function reportAllFields(fields: JsonObject, path: string, losses: LossSink): void {
  reportFields({ ext: { [protocolId]: fields } }, path, losses, '')
}
