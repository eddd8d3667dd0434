import { isDeepStrictEqual } from 'node:util'
import { type EncodeReplyOptions, isJsonObject, type Json, type JsonObject, totalInput, type Usage } from 'tokligence'

/**
 * Usage in disjoint buckets: `prompt_tokens` includes the tokens read from and written to a cache (openai 6.49.0,
 * CompletionUsage.PromptTokensDetails). Undefined when the value is no usage.
 */
export function decodeUsage(raw: Json | undefined): Usage | undefined {
  if (!isJsonObject(raw)) return undefined
  const input = objectOf(raw.prompt_tokens_details)
  const output = objectOf(raw.completion_tokens_details)
  const prompt = count(raw.prompt_tokens)
  // DeepSeek: prompt_cache_hit_tokens; Moonshot: cached_tokens; LiteLLM: cache_creation_*.
  const cacheRead = count(input.cached_tokens) ?? count(raw.prompt_cache_hit_tokens) ?? count(raw.cached_tokens)
  const cacheWrite = count(input.cache_write_tokens) ?? count(input.cache_creation_tokens) ?? count(raw.cache_creation_input_tokens)
  const reasoning = count(output.reasoning_tokens) ?? count(raw.reasoning_tokens)
  const total = outputTokens(raw, prompt, reasoning)
  return {
    ...(prompt !== undefined && { inputUncached: Math.max(0, prompt - (cacheRead ?? 0) - (cacheWrite ?? 0)) }),
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(total !== undefined && { output: total }),
    ...(reasoning !== undefined && { reasoning }),
    source: 'measured',
    raw,
  }
}

/** xAI leaves reasoning out of `completion_tokens`, as only its total shows; the vendor and most hosts include it. */
function outputTokens(raw: JsonObject, prompt: number | undefined, reasoning: number | undefined): number | undefined {
  const completion = count(raw.completion_tokens)
  if (completion === undefined || !reasoning || prompt === undefined) return completion
  return count(raw.total_tokens) === prompt + completion + reasoning ? completion + reasoning : completion
}

/** The vendor's own figures where they still hold, else the buckets. Undefined when nothing is known. */
export function encodeUsage(usage: Usage, options: EncodeReplyOptions): JsonObject | undefined {
  if (isJsonObject(usage.raw) && isDeepStrictEqual(decodeUsage(usage.raw), usage)) return usage.raw
  const { cacheRead, cacheWrite, output, reasoning } = usage
  if (output === undefined && totalInput(usage) === undefined) return undefined
  const prompt = totalInput(usage) ?? estimated('usage.prompt_tokens', options.estimatedInput, options)
  const completion = output ?? estimated('usage.completion_tokens', reasoning ?? 0, options)
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...((cacheRead !== undefined || cacheWrite !== undefined) && {
      prompt_tokens_details: {
        ...(cacheRead !== undefined && { cached_tokens: cacheRead }),
        ...(cacheWrite !== undefined && { cache_write_tokens: cacheWrite }),
      },
    }),
    ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  }
}

/** The protocol demands both figures, so one that the provider did not give is made up, and said to be. */
function estimated(path: string, tokens: number, options: EncodeReplyOptions): number {
  options.losses.invented(path, 'usage', 'hint', `${tokens}, because the provider reported none`)
  return tokens
}

function count(value: Json | undefined): number | undefined {
  return Number.isInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
