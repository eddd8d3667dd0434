import type { Extensions, Json, LossSink } from 'tokligence'
import { isEmpty, protocolId } from './wire-memo.ts'

/** Fields of other protocols that change cost, speed or bookkeeping, but not the answer, by the feature they belong to. */
const hints: ReadonlyMap<string, string> = new Map([
  ['cache_control', 'cache-marker'],
  ['cachedContent', 'cache-marker'],
  ['prompt_cache_key', 'cache-marker'],
  ['prompt_cache_retention', 'cache-marker'],
  ['caller', 'tool-caller'],
  ['client_metadata', 'metadata'],
  ['metadata', 'metadata'],
  ['defer_loading', 'deferred-tool'],
  ['eager_input_streaming', 'eager-input'],
  ['id', 'item-id'],
  ['status', 'item-status'],
  ['inference_geo', 'inference-region'],
  ['safety_identifier', 'user-id'],
  ['service_tier', 'service-tier'],
  ['speed', 'service-tier'],
  ['store', 'stored-replies'],
  ['usage', 'usage-details'],
])

/** Reports every field that another protocol left at a node and that this one has no place for. `path` may be empty. */
export function reportForeignFields(node: { readonly ext?: Extensions }, path: string, losses: LossSink): void {
  if (!node.ext) return
  for (const [protocol, fields] of Object.entries(node.ext)) {
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
  return value === null || value === false || (typeof value === 'object' && isEmpty(value))
}

function featureName(field: string): string {
  return field
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}
