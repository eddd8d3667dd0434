import { type Conversation, isJsonObject, type Json, type JsonObject, type LossSink, type ReasoningRequest } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'
import { searchTool } from './hosted-tools.ts'

/**
 * Fields of this vendor, and of hosts that took over its protocol, that every protocol can say, or whose loss changes nothing. What is left is the
 * encoder's to report.
 */
export function settle(conversation: Conversation, losses: LossSink): Conversation {
  const own = conversation.ext?.[protocolId]
  if (!own) return conversation
  const { web_search_options: search, ...fields } = own
  const { reasoning, rest } = settleReasoning(fields, losses)
  return {
    ...conversation,
    ...(search !== undefined && { tools: [...conversation.tools, searchTool(search, losses)] }),
    ...(reasoning && { reasoning: { ...reasoning, ...conversation.reasoning } }),
    ext: { ...conversation.ext, [protocolId]: withoutIdle(rest, losses) },
  }
}

/** What hosts call thinking: OpenRouter `reasoning`, DeepSeek, Z.ai and Moonshot `thinking`, Qwen `enable_thinking` and `thinking_budget`. */
function settleReasoning(fields: JsonObject, losses: LossSink): { readonly reasoning?: ReasoningRequest; readonly rest: JsonObject } {
  const { reasoning, thinking, enable_thinking: enabled, thinking_budget: budget, include_reasoning: included, ...rest } = fields
  if (included !== undefined) losses.dropped('include_reasoning', 'thinking-display', 'hint')
  const routed = openRouterReasoning(reasoning)
  const named = thinkingObject(thinking)
  if (routed) reportOthers('reasoning', reasoning, ['effort', 'max_tokens', 'enabled', 'exclude'], losses)
  if (named) reportOthers('thinking', thinking, ['type', 'budget_tokens'], losses)
  const found = routed ?? named ?? thinkingSwitch(enabled, budget)
  const unread = {
    ...(reasoning !== undefined && !routed && { reasoning }),
    ...(thinking !== undefined && !named && { thinking }),
    ...(budget !== undefined && typeof budget !== 'number' && { thinking_budget: budget }),
    ...(enabled !== undefined && typeof enabled !== 'boolean' && { enable_thinking: enabled }),
  }
  return { ...(found && { reasoning: found }), rest: { ...rest, ...unread } }
}

/** Of an object that is read, the members that are not. */
function reportOthers(path: string, value: Json | undefined, read: readonly string[], losses: LossSink): void {
  for (const [name, said] of Object.entries(isJsonObject(value) ? value : {}))
    if (!read.includes(name) && said !== null) losses.dropped(`${path}.${name}`, 'thinking', 'hint')
}

/** openrouter.ai/docs, "Reasoning Tokens": `effort` or `max_tokens`; `enabled` alone stands for a middling effort; `exclude` hides the thoughts. */
function openRouterReasoning(value: Json | undefined): ReasoningRequest | undefined {
  if (!isJsonObject(value)) return undefined
  const { effort, max_tokens: budget, enabled, exclude } = value
  const display = exclude === true ? { display: 'omitted' } : {}
  if (enabled === false || effort === 'none') return { mode: 'off' }
  if (typeof budget === 'number') return { mode: 'budget', budgetTokens: budget, ...display }
  if (typeof effort === 'string') return { mode: 'effort', effort, ...display }
  return enabled === true ? { mode: 'effort', effort: 'medium', ...display } : undefined
}

/** api-docs.deepseek.com and docs.z.ai, "Thinking mode": `{ type: 'enabled' | 'disabled' }`, here and there with a budget. */
function thinkingObject(value: Json | undefined): ReasoningRequest | undefined {
  if (!isJsonObject(value)) return undefined
  if (value.type === 'disabled') return { mode: 'off' }
  if (value.type !== 'enabled' && value.type !== 'adaptive' && value.type !== 'auto') return undefined
  return typeof value.budget_tokens === 'number' ? { mode: 'budget', budgetTokens: value.budget_tokens } : { mode: 'adaptive' }
}

/** alibabacloud.com/help/en/model-studio, "Deep thinking". */
function thinkingSwitch(enabled: Json | undefined, budget: Json | undefined): ReasoningRequest | undefined {
  if (enabled === false) return { mode: 'off' }
  if (typeof budget === 'number') return { mode: 'budget', budgetTokens: budget }
  return enabled === true ? { mode: 'adaptive' } : undefined
}

/** Routing among hosts and bookkeeping (openrouter.ai/docs, "Provider Routing"; docs.litellm.ai): nothing of it is in the answer. */
const hints = ['provider', 'route', 'cache', 'num_retries', 'fallbacks', 'litellm_metadata', 'session_id']

function withoutIdle(fields: JsonObject, losses: LossSink): JsonObject {
  const kept = Object.entries(fields).filter(([name, value]) => {
    if (hints.includes(name)) losses.dropped(name, name.replaceAll('_', '-'), 'hint')
    return !hints.includes(name) && !isUsual(name, value)
  })
  return Object.fromEntries(kept)
}

/** True for what a caller gets without asking. */
function isUsual(name: string, value: Json): boolean {
  if (name === 'modalities') return Array.isArray(value) && value.length === 1 && value[0] === 'text'
  return (name === 'min_p' || name === 'top_a') && value === 0 ? true : name === 'repetition_penalty' && value === 1
}
