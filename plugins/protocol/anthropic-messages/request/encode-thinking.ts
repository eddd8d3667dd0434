import type { Conversation, JsonObject, LossSink, ModelFacts, ReasoningRequest } from 'tokligence'

/**
 * Thinking budgets for the efforts of other protocols, in tokens. The provider takes at least 1,024 (ThinkingConfigEnabled in
 * @anthropic-ai/sdk 1.12.0).
 */
const mediumBudget = 8192
const budgets: ReadonlyMap<string, number> = new Map([
  ['minimal', 1024],
  ['low', 2048],
  ['medium', mediumBudget],
  ['high', 16_384],
  ['xhigh', 32_768],
  ['max', 65_536],
])
const leastBudget = 1024
/** OutputConfig.effort in @anthropic-ai/sdk 1.12.0. */
const efforts = new Set(['low', 'medium', 'high', 'xhigh', 'max'])
/** How much of the output limit thinking may take, so that room is left for the answer. */
const thinkingShare = 0.8

export interface EncodedThinking {
  readonly thinking?: JsonObject
  readonly effort?: string
}

export interface ThinkingSurroundings {
  readonly facts: ModelFacts
  /** The request's `max_tokens`. */
  readonly maxTokens: number
  readonly messages: readonly JsonObject[]
  readonly toolChoice: JsonObject | undefined
}

const path = 'reasoning'

/** How much to think, in the words that the model takes; nothing, with a loss, where the provider would reject it. */
export function encodeThinking(conversation: Conversation, around: ThinkingSurroundings, losses: LossSink): EncodedThinking {
  const { reasoning } = conversation
  const { facts } = around
  if (!reasoning) return {}
  const effort = reasoning.mode === 'effort' || reasoning.mode === 'adaptive' ? reasoning.effort : undefined
  if (reasoning.mode === 'off' || effort === 'none') return facts.thinking === 'none' ? {} : { thinking: { type: 'disabled' } }
  if (facts.thinking === 'none') return dropThinking(losses, 'The model does not think.')
  if (facts.thinking === 'effort') {
    if (reasoning.display !== undefined) losses.dropped(`${path}.display`, 'reasoning-display', 'hint')
    return { effort: effortFor(effort, reasoning.budgetTokens, losses) }
  }
  const forced = around.toolChoice?.type === 'any' || around.toolChoice?.type === 'tool'
  if (forced) return dropThinking(losses, 'The provider does not take thinking together with a forced tool choice.')
  if (facts.thinking === 'adaptive') {
    const known = effort !== undefined || reasoning.budgetTokens !== undefined
    return {
      thinking: { type: 'adaptive', ...encodeDisplay(reasoning, true, losses) },
      ...(known && { effort: effortFor(effort, reasoning.budgetTokens, losses) }),
    }
  }
  if (lacksThoughts(around.messages))
    return dropThinking(losses, 'An earlier tool call of the assistant lacks its signed thoughts, without which the provider takes no thinking.')
  const encoded = encodeBudget(effort, reasoning.budgetTokens, around, losses)
  return encoded.thinking ? { ...encoded, thinking: { ...encoded.thinking, ...encodeDisplay(reasoning, false, losses) } } : encoded
}

/**
 * ThinkingConfigAdaptive.display in @anthropic-ai/sdk 1.12.0. Models that think adaptively show nothing unless they are told to, the others a summary
 * (platform.claude.com/docs, "What's new in Claude Opus 4.7"); in protocols that ask for a budget, thoughts are there to be seen.
 */
function encodeDisplay({ mode, display }: ReasoningRequest, hides: boolean, losses: LossSink): JsonObject {
  if (display === undefined) return hides && mode !== 'effort' ? { display: 'summarized' } : {}
  if (display === 'omitted') return { display }
  if (display !== 'auto' && display !== 'summarized') losses.approximated(`${path}.display`, 'reasoning-display', 'hint', 'A summary of the thoughts is shown.')
  return { display: 'summarized' }
}

function encodeBudget(effort: string | undefined, given: number | undefined, { facts, maxTokens }: ThinkingSurroundings, losses: LossSink): EncodedThinking {
  const least = Math.max(leastBudget, facts.minThinkingTokens ?? leastBudget)
  if (maxTokens <= least) return dropThinking(losses, `The output limit of ${maxTokens} tokens leaves no room for the least budget of ${least}.`)
  const wanted = given ?? budgets.get(effort ?? 'medium') ?? mediumBudget
  const budget = Math.min(Math.max(wanted, least), Math.max(least, Math.floor(maxTokens * thinkingShare)))
  if (given === undefined)
    losses.approximated(path, 'reasoning-effort', 'hint', `A budget of ${budget} tokens stands for the effort ${effort ?? 'of the model’s choice'}.`)
  else if (budget !== given) losses.approximated(path, 'reasoning-budget', 'hint', `The budget of ${given} tokens became ${budget}.`)
  return { thinking: { type: 'enabled', budget_tokens: budget } }
}

function effortFor(effort: string | undefined, budget: number | undefined, losses: LossSink): string {
  if (effort !== undefined && efforts.has(effort)) return effort
  const near = effort === 'minimal' ? 'low' : effort === undefined && budget !== undefined ? effortOfBudget(budget) : 'medium'
  losses.approximated(path, 'reasoning-effort', 'hint', `The effort ${near} stands for ${effort ?? `a budget of ${budget ?? 'no stated'} tokens`}.`)
  return near
}

function effortOfBudget(budget: number): string {
  if (budget <= 2048) return 'low'
  return budget <= mediumBudget ? 'medium' : 'high'
}

function dropThinking(losses: LossSink, reason: string): EncodedThinking {
  losses.dropped(path, 'reasoning', 'semantic', reason)
  return {}
}

/**
 * With a thinking budget, the assistant's turn that called the last tools, and one that is to be continued, must begin with signed thoughts.
 * Some hosts check every earlier turn too, so every one is looked at.
 */
export function lacksThoughts(messages: readonly JsonObject[]): boolean {
  return messages.some(({ role, content }, index) => {
    if (role !== 'assistant') return false
    const blocks = typeof content === 'string' ? [] : (content as readonly JsonObject[])
    const bound = index === messages.length - 1 || blocks.some((block) => block.type === 'tool_use')
    const first = blocks[0]?.type
    return bound && first !== 'thinking' && first !== 'redacted_thinking'
  })
}
