import type { JsonObject, LossSink } from 'tokligence'
import { madeKeyPrefix } from '../../protocol/openai-chat/request/user-session.ts'

/** Fields that only the vendor of the protocol itself knows; strict servers refuse a body that has them. None changes the answer. */
const vendorFields = ['prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'safety_identifier', 'store']

/** Takes them out, those in `known` excepted. A key for the prompt cache that was made here, and not by the caller, is no loss. */
export function withoutVendorFields(body: JsonObject, known: readonly string[], losses: LossSink): JsonObject {
  const present = vendorFields.filter((name) => body[name] !== undefined && !known.includes(name))
  if (present.length === 0) return body
  for (const name of present) if (!isMadeKey(name, body)) losses.dropped(name, name.replaceAll('_', '-'), 'hint', 'Strict servers refuse it.')
  return Object.fromEntries(Object.entries(body).filter(([name]) => !present.includes(name)))
}

function isMadeKey(name: string, { prompt_cache_key: key }: JsonObject): boolean {
  return name === 'prompt_cache_key' && typeof key === 'string' && key.startsWith(madeKeyPrefix)
}
