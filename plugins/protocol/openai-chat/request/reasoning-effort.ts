import type { Conversation, ModelFacts, ReasoningRequest } from 'tokligence'
import type { EncodeContext } from '../message/encode-part.ts'

/**
 * The greatest budget, in tokens, that each effort stands for; above the last it is `high`. They lie between the budgets 1,024, 8,192 and
 * 24,576 that Gemini's endpoint for this protocol gives to `low`, `medium` and `high` (ai.google.dev/gemini-api/docs/openai, "Thinking").
 */
const budgets = [
  { most: 4_096, effort: 'low' },
  { most: 16_384, effort: 'medium' },
] as const

/** From the least to the most (openai 6.49.0, ReasoningEffort). */
const ladder = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

export function decodeReasoningEffort(effort: string): ReasoningRequest {
  return effort === 'none' ? { mode: 'off' } : { mode: 'effort', effort }
}

/** The word for `reasoning_effort`, or undefined when the model's own default is to hold. */
export function encodeReasoningEffort({ reasoning, tools }: Conversation, facts: ModelFacts, context: EncodeContext): string | undefined {
  if (context.native) return reasoning?.mode === 'off' ? 'none' : reasoning?.effort
  if (reasoning?.display !== undefined) context.losses.dropped('thinking.display', 'thinking-display', 'hint')
  if (facts.chatToolsNeedNoReasoning && tools.some((tool) => tool.type === 'function')) return effortBesideTools(reasoning, context)
  if (reasoning === undefined) return undefined
  if (reasoning.mode === 'off') return offEffort(facts, context)
  if (facts.thinking === 'none') {
    context.losses.dropped('thinking', 'thinking', 'hint', 'The model does not think.')
    return undefined
  }
  if (reasoning.mode !== 'budget' || reasoning.budgetTokens === undefined) {
    const { effort } = reasoning
    const known = effort === undefined ? undefined : nearestEffort(effort, facts)
    if (known !== undefined && known !== effort) context.losses.approximated('effort', 'effort', 'hint', `reasoning_effort ${known}`)
    return known
  }
  const { budgetTokens } = reasoning
  const effort = nearestEffort(budgets.find(({ most }) => budgetTokens <= most)?.effort ?? 'high', facts)
  context.losses.approximated('thinking.budget_tokens', 'thinking-budget', 'hint', `reasoning_effort ${effort}`)
  return effort
}

/**
 * The vendor answers 400 to function tools beside any other effort, the default included: "To use function tools, use /v1/responses or set
 * reasoning_effort to 'none'." (github.com/openai/openai-openapi/issues/541, github.com/BerriAI/litellm/pull/34569).
 */
function effortBesideTools(reasoning: ReasoningRequest | undefined, context: EncodeContext): string {
  const detail = 'reasoning_effort none: beside tools the model does not think in this protocol.'
  if (reasoning === undefined) context.losses.invented('thinking', 'thinking', 'hint', detail)
  else if (reasoning.mode !== 'off') context.losses.approximated('thinking', 'thinking', 'semantic', detail)
  return 'none'
}

/** Only some models know `none`, and one that does not refuses the request. */
function offEffort(facts: ModelFacts, context: EncodeContext): string | undefined {
  if (facts.thinking === 'none') return undefined
  if (facts.efforts === undefined) {
    context.losses.dropped('thinking', 'thinking-off', 'hint')
    return undefined
  }
  const least = nearestEffort('none', facts)
  if (least !== 'none') context.losses.approximated('thinking', 'thinking-off', 'hint', `reasoning_effort ${least}`)
  return least
}

/** The model's own word that is least far away, the lesser of two; a word that we do not know stays as it is. */
function nearestEffort(wanted: string, { efforts }: ModelFacts): string {
  const rank = ladder.indexOf(wanted)
  if (efforts === undefined || efforts.includes(wanted) || rank === -1) return wanted
  let nearest: string | undefined
  for (const effort of efforts) {
    // Who wants thoughts is not given none.
    if (!ladder.includes(effort) || effort === 'none') continue
    if (nearest === undefined || Math.abs(ladder.indexOf(effort) - rank) < Math.abs(ladder.indexOf(nearest) - rank)) nearest = effort
  }
  return nearest ?? wanted
}
