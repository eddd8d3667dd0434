import { isDeepStrictEqual } from 'node:util'
import { type EncodeReplyOptions, isJsonObject, type Json, type JsonObject, totalInput, type Usage } from 'tokligence'

/**
 * Usage in disjoint buckets (GenerateContentResponseUsageMetadata in @google/genai 3.1.0): the prompt includes the cached tokens; what tools put into it
 * is counted beside it, and so are thoughts beside the candidates. Undefined when the value holds no count: Vertex tells a traffic type alone at first.
 */
export function decodeUsage(raw: Json | undefined): Usage | undefined {
  if (!isJsonObject(raw)) return undefined
  const prompt = count(raw.promptTokenCount)
  const toolPrompt = count(raw.toolUsePromptTokenCount)
  const cacheRead = count(raw.cachedContentTokenCount)
  const reasoning = count(raw.thoughtsTokenCount)
  const candidates = count(raw.candidatesTokenCount)
  const input = sum(prompt, toolPrompt)
  const output = sum(candidates, reasoning)
  if (input === undefined && output === undefined && cacheRead === undefined) return undefined
  return {
    ...(input !== undefined && { inputUncached: Math.max(0, input - (cacheRead ?? 0)) }),
    ...(cacheRead !== undefined && { cacheRead }),
    ...(output !== undefined && { output }),
    ...(reasoning !== undefined && { reasoning }),
    source: 'measured',
    raw,
  }
}

/** A stream's counts are cumulative; a later chunk may leave out what has not changed. */
export function mergeRawUsage(earlier: JsonObject | undefined, later: JsonObject): JsonObject {
  return earlier ? { ...earlier, ...later } : later
}

/**
 * The vendor's own figures where they still hold, else the buckets. Every reply of the vendor ends with them, so the input is estimated where the provider
 * of another protocol told nothing. Undefined for a reply of this protocol that had none.
 */
export function encodeUsage(usage: Usage | undefined, native: boolean, { losses, estimatedInput }: EncodeReplyOptions): JsonObject | undefined {
  if (usage && isJsonObject(usage.raw) && isDeepStrictEqual(decodeUsage(usage.raw), usage)) return usage.raw
  const { cacheRead, cacheWrite, output, reasoning } = usage ?? {}
  const input = usage && totalInput(usage)
  if (native && input === undefined && output === undefined) return undefined
  if (cacheWrite) losses.dropped('usage.cacheWrite', 'cache-write-usage', 'hint', 'The tokens are part of promptTokenCount.')
  if (input === undefined) losses.invented('usageMetadata.promptTokenCount', 'usage', 'hint', `${estimatedInput}, because the provider reported none`)
  const prompt = input ?? estimatedInput
  return {
    promptTokenCount: prompt,
    ...(cacheRead !== undefined && { cachedContentTokenCount: cacheRead }),
    ...(output !== undefined && { candidatesTokenCount: Math.max(0, output - (reasoning ?? 0)) }),
    ...(reasoning !== undefined && { thoughtsTokenCount: reasoning }),
    totalTokenCount: prompt + Math.max(output ?? 0, reasoning ?? 0),
  }
}

function count(value: Json | undefined): number | undefined {
  return Number.isInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0)
}
