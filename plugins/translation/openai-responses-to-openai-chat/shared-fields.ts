import type { Conversation } from 'tokligence'

const from = 'openai-responses'
const to = 'openai-chat'

/** Fields that both protocols have under one name and in one form (openai 6.49.0, ResponseCreateParamsBase and ChatCompletionCreateParamsBase). */
const shared = new Set(['moderation', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'store'])

/** Carries over what has no neutral name, because no other vendor has it. */
export function carrySharedFields(conversation: Conversation): Conversation {
  const entries = Object.entries(conversation.ext?.[from] ?? {})
  // Not to store is what happens anyway.
  const carried = entries.filter(([name, value]) => shared.has(name) && value !== null && value !== false)
  if (carried.length === 0) return conversation
  const left = entries.filter(([name]) => !shared.has(name))
  const { metadata, ...others } = conversation
  const labels = metadata && { metadata }
  const fields = Object.fromEntries(carried)
  // "The 'metadata' parameter is only allowed when 'store' is enabled": otherwise the encoder says that it is lost.
  const stored = fields.store === true
  return {
    ...others,
    ...(!stored && labels),
    ext: { ...conversation.ext, [from]: Object.fromEntries(left), [to]: { ...conversation.ext?.[to], ...fields, ...(stored && labels) } },
  }
}
