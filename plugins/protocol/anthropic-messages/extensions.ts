import type { Extensions, Json, JsonObject, LossSink } from 'tokligence'

export const protocolId = 'anthropic-messages'

/** The fields that this protocol's decoder had no neutral name for. */
export function ownFields(ext: Extensions | undefined): JsonObject {
  return ext?.[protocolId] ?? {}
}

/** True for what this protocol's decoder made: it is written back as it stood, without the repairs that foreign input needs. */
export function isOwn(ext: Extensions | undefined): boolean {
  return ext?.[protocolId] !== undefined
}

/** `ext` for the fields that are left over; nothing when there are none. */
export function keep(rest: JsonObject): { readonly ext?: Extensions } {
  return Object.keys(rest).length === 0 ? {} : { ext: { [protocolId]: rest } }
}

/** Fields of other protocols whose loss changes cost, speed or bookkeeping, but not the answer. */
const hints = new Set([
  'cache_control',
  'client_metadata',
  'created',
  'id',
  'include',
  'metadata',
  'object',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'service_tier',
  'status',
  'store',
  'stream',
  'stream_options',
  'system_fingerprint',
  'type',
  'user',
])

/** One loss per field that belongs to another protocol. */
export function reportForeignFields(ext: Extensions | undefined, path: string, losses: LossSink): void {
  if (!ext) return
  for (const [protocol, fields] of Object.entries(ext)) {
    if (protocol === protocolId) continue
    for (const [field, value] of Object.entries(fields)) {
      if (asksForNothing(value)) continue
      losses.dropped(path === '' ? field : `${path}.${field}`, field.replaceAll('_', '-'), hints.has(field) ? 'hint' : 'semantic')
    }
  }
}

/** Null, false and empty lists and objects are what a caller gets by leaving the field out. */
function asksForNothing(value: Json): boolean {
  if (value === null || value === false) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
