import type { Extensions } from './blocks.ts'
import type { Json } from './json.ts'
import type { LossSink } from './loss.ts'

/** Fields whose loss changes cost, speed or bookkeeping, but not the answer, by the feature they belong to. */
const hints: ReadonlyMap<string, string> = new Map([
  ['cache_control', 'cache-marker'],
  ['cachedContent', 'cache-marker'],
  ['prompt_cache_breakpoint', 'cache-marker'],
  ['prompt_cache_key', 'cache-marker'],
  ['prompt_cache_options', 'cache-marker'],
  ['prompt_cache_retention', 'cache-marker'],
  ['allowed_callers', 'tool-caller'],
  ['caller', 'tool-caller'],
  ['client_metadata', 'metadata'],
  ['internal_chat_message_metadata_passthrough', 'metadata'],
  ['metadata', 'metadata'],
  ['labels', 'metadata'],
  ['defer_loading', 'deferred-tool'],
  ['eager_input_streaming', 'eager-input'],
  ['id', 'item-id'],
  ['status', 'item-status'],
  ['phase', 'message-phase'],
  ['inference_geo', 'inference-region'],
  ['safety_identifier', 'user-id'],
  ['user', 'user-id'],
  ['service_tier', 'service-tier'],
  ['speed', 'service-tier'],
  ['store', 'stored-replies'],
  ['include', 'extra-output'],
  ['stream_options', 'stream-options'],
  ['system_fingerprint', 'system-fingerprint'],
  ['modelStatus', 'model-status'],
  ['finishMessage', 'finish-message'],
  ['promptFeedback', 'prompt-feedback'],
  ['safetyRatings', 'safety-ratings'],
  ['avgLogprobs', 'average-logprob'],
  ['tokenCount', 'usage-details'],
  ['usageMetadata', 'usage-details'],
  ['object', 'object-type'],
  ['usage', 'usage-details'],
])

/** Reports every field that a protocol other than `own` left at a node, and that has no place in `own`. `path` may be empty. */
export function reportForeignFields(node: { readonly ext?: Extensions | undefined }, path: string, losses: LossSink, own: string): void {
  if (!node.ext) return
  for (const [protocol, fields] of Object.entries(node.ext)) {
    if (protocol === own) continue
    for (const [field, value] of Object.entries(fields)) {
      if (field.startsWith('$') || asksForNothing(value)) continue
      const hint = hints.get(field)
      losses.dropped(path === '' ? field : `${path}.${field}`, hint ?? featureName(field), hint === undefined ? 'semantic' : 'hint')
    }
  }
}

/** Null, false and empty lists and objects are what a caller gets by leaving the field out. */
function asksForNothing(value: Json): boolean {
  return value === null || value === false || (typeof value === 'object' && Object.keys(value).length === 0)
}

/** A field's or block's name on the wire as the kebab-case name of a feature. */
export function featureName(field: string): string {
  return field
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}
