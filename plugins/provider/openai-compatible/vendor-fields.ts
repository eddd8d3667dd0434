import type { JsonObject, LossSink } from 'tokligence'

/** Fields that only the vendor of the protocol itself knows; strict servers refuse a body that has them. None changes the answer. */
const vendorFields = ['prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'safety_identifier', 'store']

export function withoutVendorFields(body: JsonObject, losses: LossSink): JsonObject {
  const present = vendorFields.filter((name) => body[name] !== undefined)
  if (present.length === 0) return body
  for (const name of present) losses.dropped(name, name.replaceAll('_', '-'), 'hint', 'Strict servers refuse it.')
  return Object.fromEntries(Object.entries(body).filter(([name]) => !present.includes(name)))
}
