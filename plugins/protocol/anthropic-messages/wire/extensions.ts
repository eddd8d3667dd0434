import { type Extensions, isJsonObject, type Json, type JsonObject, type LossSink } from 'tokligence'

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

/** Fields of other protocols whose loss changes cost, speed or bookkeeping, but not the answer, by the feature they belong to. */
const hints: ReadonlyMap<string, string> = new Map([
  ['cache_control', 'cache-marker'],
  ['cachedContent', 'cache-marker'],
  ['prompt_cache_key', 'cache-marker'],
  ['prompt_cache_retention', 'cache-marker'],
  ['safety_identifier', 'user-id'],
  ['user', 'user-id'],
  ['store', 'stored-replies'],
  ['metadata', 'metadata'],
  ['client_metadata', 'metadata'],
  ['service_tier', 'service-tier'],
  ['stream_options', 'stream-options'],
  ['system_fingerprint', 'system-fingerprint'],
  ['object', 'object-type'],
  ['id', 'item-id'],
  ['status', 'item-status'],
])

/** One loss per field that belongs to another protocol. */
export function reportForeignFields(ext: Extensions | undefined, path: string, losses: LossSink): void {
  if (!ext) return
  for (const [protocol, fields] of Object.entries(ext)) {
    if (protocol === protocolId) continue
    for (const [field, value] of Object.entries(fields)) {
      if (field.startsWith('$') || asksForNothing(value)) continue
      const hint = hints.get(field)
      losses.dropped(path === '' ? field : `${path}.${field}`, hint ?? featureName(field), hint === undefined ? 'semantic' : 'hint')
    }
  }
}

/** Null, false and empty lists and objects are what a caller gets by leaving the field out. */
function asksForNothing(value: Json): boolean {
  if (value === null || value === false) return true
  return typeof value === 'object' && isEmpty(value)
}

/** A field's name in kebab-case. */
export function featureName(field: string): string {
  return field
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}

export function isEmpty(object: object): boolean {
  for (const _ in object) return false
  return true
}
