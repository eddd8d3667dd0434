import type { Json } from './json.ts'

/**
 * Tokens of one reply in disjoint buckets. A bucket that the provider did not report is `undefined`, never 0.
 * Input of the whole request = inputUncached + cacheRead + cacheWrite.
 */
export interface Usage {
  /** Input tokens that were neither read from nor written to a cache. */
  readonly inputUncached?: number
  /** Input tokens read from a prompt cache. */
  readonly cacheRead?: number
  /** Input tokens written to a prompt cache, all lifetimes together. */
  readonly cacheWrite?: number
  /** The part of `cacheWrite` that lives one hour, where the provider tells. */
  readonly cacheWriteLong?: number
  /** All output tokens, reasoning included. */
  readonly output?: number
  /** The part of `output` spent on reasoning. */
  readonly reasoning?: number
  /** `measured`: the provider said so. `estimated`: we counted. */
  readonly source: 'measured' | 'estimated'
  /** The provider's own usage object. */
  readonly raw?: Json
}

/** Sum of the three input buckets; undefined when none is known. */
export function totalInput(usage: Usage): number | undefined {
  if (usage.inputUncached === undefined && usage.cacheRead === undefined && usage.cacheWrite === undefined) return undefined
  return (usage.inputUncached ?? 0) + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0)
}

const buckets = ['inputUncached', 'cacheRead', 'cacheWrite', 'cacheWriteLong', 'output', 'reasoning'] as const

/** Both together, as for a request that took several attempts. The provider's own object is kept only where there is one. */
export function addUsage(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (!one || !other) return one ?? other
  const sums: Partial<Record<(typeof buckets)[number], number>> = {}
  for (const bucket of buckets) if (one[bucket] !== undefined || other[bucket] !== undefined) sums[bucket] = (one[bucket] ?? 0) + (other[bucket] ?? 0)
  return { ...sums, source: one.source === 'measured' && other.source === 'measured' ? 'measured' : 'estimated' }
}

/** Lays later figures over earlier ones, bucket by bucket: providers report input first and output last. */
export function mergeUsage(earlier: Usage | undefined, later: Usage): Usage {
  if (!earlier) return later
  return { ...earlier, ...later }
}
