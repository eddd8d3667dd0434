import type { Extensions, LossSink } from 'tokligence'
import { protocolId } from './wire-memo.ts'

/** Fields of other protocols that change cost, speed or bookkeeping, but not the answer, by the feature they belong to. */
const hints = new Map([
  ['cache_control', 'cache-marker'],
  ['prompt_cache_key', 'cache-marker'],
  ['prompt_cache_retention', 'cache-marker'],
  ['cachedContent', 'cache-marker'],
  ['safety_identifier', 'user-id'],
  ['store', 'stored-replies'],
  ['service_tier', 'service-tier'],
  ['inference_geo', 'inference-region'],
  ['speed', 'service-tier'],
])

/** Reports every field that another protocol left at a node and that this one has no place for. */
export function reportForeignFields(node: { readonly ext?: Extensions }, path: string, losses: LossSink): void {
  if (!node.ext) return
  for (const [protocol, fields] of Object.entries(node.ext)) {
    if (protocol === protocolId) continue
    for (const [field, value] of Object.entries(fields)) {
      if (field.startsWith('$') || value === null) continue
      const hint = hints.get(field)
      losses.dropped(path === '' ? field : `${path}.${field}`, hint ?? featureName(field), hint === undefined ? 'semantic' : 'hint')
    }
  }
}

function featureName(field: string): string {
  return field
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}
