import type { JsonObject } from 'tokligence'

export type MaxTokensField = 'max_tokens' | 'max_completion_tokens'

/** Gives the limit of output tokens the name that the server knows; all else stays, in its order. */
export function renameMaxTokens(body: JsonObject, wanted: MaxTokensField): JsonObject {
  const other: MaxTokensField = wanted === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens'
  if (!(other in body)) return body
  if (wanted in body) {
    const { [other]: _, ...rest } = body
    return rest
  }
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name === other ? wanted : name, value]))
}
