import { isJsonObject, type Json, type JsonObject, type Usage } from 'tokligence'

const counters = ['input_tokens', 'output_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'] as const

/**
 * The usage object of a reply or of a stream event. `input_tokens` excludes tokens read from or written to the cache (Usage in
 * @anthropic-ai/sdk 1.12.0); null means that the provider does not say.
 */
export function decodeUsage(value: Json | undefined): Usage | undefined {
  if (!isJsonObject(value)) return undefined
  const inputUncached = tokens(value.input_tokens)
  const cacheRead = tokens(value.cache_read_input_tokens)
  const cacheWrite = tokens(value.cache_creation_input_tokens)
  const cacheWriteLong = isJsonObject(value.cache_creation) ? tokens(value.cache_creation.ephemeral_1h_input_tokens) : undefined
  const output = tokens(value.output_tokens)
  const reasoning = isJsonObject(value.output_tokens_details) ? tokens(value.output_tokens_details.thinking_tokens) : undefined
  return {
    ...(inputUncached !== undefined && { inputUncached }),
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(cacheWriteLong !== undefined && { cacheWriteLong }),
    ...(output !== undefined && { output }),
    ...(reasoning !== undefined && { reasoning }),
    source: 'measured',
    raw: value,
  }
}

/** Later figures over earlier ones: a stream's counters are cumulative, and a null says nothing new. */
export function mergeRawUsage(earlier: JsonObject | undefined, later: JsonObject): JsonObject {
  if (!earlier) return later
  return { ...earlier, ...Object.fromEntries(Object.entries(later).filter(([field, value]) => value !== null || !(field in earlier))) }
}

/** The fields of a usage object beside the counters that the neutral form holds. */
export function usageRest(value: Json | undefined): JsonObject {
  if (!isJsonObject(value)) return {}
  return Object.fromEntries(Object.entries(value).filter(([field, figure]) => !isCounter(field) || tokens(figure) === undefined))
}

export interface UsageFallback {
  /** Stands for the input when the provider told nothing of it. */
  readonly input: number
  /** Other fields of the usage object, as this protocol's decoder found them. */
  readonly rest: JsonObject
  /** The reply came in this protocol: what was absent stays absent. */
  readonly own: boolean
}

/** A whole usage object. Figures that another protocol does not give are null, as the provider writes what it does not know. */
export function encodeUsage(usage: Usage | undefined, { input, rest, own }: UsageFallback): JsonObject {
  const { inputUncached, cacheRead, cacheWrite, output } = usage ?? {}
  if (own) {
    return {
      ...rest,
      ...(inputUncached !== undefined && { input_tokens: inputUncached }),
      ...(cacheWrite !== undefined && { cache_creation_input_tokens: cacheWrite }),
      ...(cacheRead !== undefined && { cache_read_input_tokens: cacheRead }),
      ...(output !== undefined && { output_tokens: output }),
    }
  }
  return {
    input_tokens: inputUncached ?? input,
    cache_creation_input_tokens: cacheWrite ?? null,
    cache_read_input_tokens: cacheRead ?? null,
    ...breakdown(usage),
    output_tokens: output ?? 0,
    ...rest,
  }
}

function breakdown({ cacheWrite, cacheWriteLong, reasoning }: Partial<Usage> = {}): JsonObject {
  return {
    ...(cacheWriteLong !== undefined && {
      cache_creation: { ephemeral_5m_input_tokens: Math.max((cacheWrite ?? cacheWriteLong) - cacheWriteLong, 0), ephemeral_1h_input_tokens: cacheWriteLong },
    }),
    ...(reasoning !== undefined && { output_tokens_details: { thinking_tokens: reasoning } }),
  }
}

function isCounter(field: string): boolean {
  return (counters as readonly string[]).includes(field)
}

function tokens(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
