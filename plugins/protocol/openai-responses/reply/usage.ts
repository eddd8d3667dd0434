import { isDeepStrictEqual } from 'node:util'
import { type EncodeReplyOptions, isJsonObject, type Json, type JsonObject, totalInput, type Usage } from 'tokligence'

type UsageOptions = Pick<EncodeReplyOptions, 'losses' | 'estimatedInput'>

/**
 * Usage in disjoint buckets: `input_tokens` includes what was read from and written to a cache, `output_tokens` the reasoning (openai 6.49.0,
 * ResponseUsage). Undefined when the value is no usage.
 */
export function decodeUsage(raw: Json | undefined): Usage | undefined {
  if (!isJsonObject(raw)) return undefined
  const { cached_tokens: read, cache_write_tokens: written } = objectOf(raw.input_tokens_details)
  const input = count(raw.input_tokens)
  const cacheRead = count(read)
  const cacheWrite = count(written)
  const output = count(raw.output_tokens)
  const reasoning = count(objectOf(raw.output_tokens_details).reasoning_tokens)
  return {
    ...(input !== undefined && { inputUncached: Math.max(0, input - (cacheRead ?? 0) - (cacheWrite ?? 0)) }),
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(output !== undefined && { output }),
    ...(reasoning !== undefined && { reasoning }),
    source: 'measured',
    raw,
  }
}

/** `own`: the figures are in this protocol's words, and stay as they are where they still hold. Else they are made of the buckets: the protocol demands all of it, so what is not known is made up, and said to be. */
export function encodeUsage(usage: Usage | undefined, options: UsageOptions, own: boolean): JsonObject {
  if (own && usage && isJsonObject(usage.raw) && isDeepStrictEqual(decodeUsage(usage.raw), usage)) return usage.raw
  const { cacheRead, cacheWrite, output, reasoning } = usage ?? {}
  const input = (usage && totalInput(usage)) ?? estimated('usage.input_tokens', options.estimatedInput, options)
  const written = output ?? estimated('usage.output_tokens', reasoning ?? 0, options)
  return {
    input_tokens: input,
    // Undocumented defaults: the vendor writes 0 where nothing was cached, and no bucket for what was written.
    input_tokens_details: { cached_tokens: cacheRead ?? 0, ...(cacheWrite !== undefined && { cache_write_tokens: cacheWrite }) },
    output_tokens: written,
    output_tokens_details: { reasoning_tokens: reasoning ?? 0 },
    total_tokens: input + written,
  }
}

function estimated(path: string, tokens: number, { losses }: UsageOptions): number {
  losses.invented(path, 'usage', 'hint', `${tokens}, because the provider reported none`)
  return tokens
}

function count(value: Json | undefined): number | undefined {
  return Number.isInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
