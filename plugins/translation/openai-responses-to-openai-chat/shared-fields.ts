import type { Conversation } from 'tokligence'

const from = 'openai-responses'
const to = 'openai-chat'

/** Fields that both protocols have under one name and in one form (openai 6.49.0, ResponseCreateParamsBase and ChatCompletionCreateParamsBase). */
const shared = new Set(['prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'store'])

/** Carries over what has no neutral name, because no other vendor has it. */
export function carrySharedFields(conversation: Conversation): Conversation {
  const entries = Object.entries(conversation.ext?.[from] ?? {})
  // Not to store is what happens anyway.
  const carried = entries.filter(([name, value]) => shared.has(name) && value !== null && value !== false)
  if (carried.length === 0) return conversation
  const left = entries.filter(([name]) => !shared.has(name))
  return {
    ...conversation,
    ext: { ...conversation.ext, [from]: Object.fromEntries(left), [to]: { ...conversation.ext?.[to], ...Object.fromEntries(carried) } },
  }
}
