import type { ModelFacts, ReasoningRequest } from 'tokligence'
import type { EncodeContext } from '../message/encode-part.ts'

/**
 * The greatest budget, in tokens, that each effort stands for; above the last it is `high`. They lie between the budgets 1,024, 8,192 and
 * 24,576 that Gemini's endpoint for this protocol gives to `low`, `medium` and `high` (ai.google.dev/gemini-api/docs/openai, "Thinking").
 */
const budgets = [
  { most: 4_096, effort: 'low' },
  { most: 16_384, effort: 'medium' },
] as const

export function decodeReasoningEffort(effort: string): ReasoningRequest {
  return effort === 'none' ? { mode: 'off' } : { mode: 'effort', effort }
}

/** The word for `reasoning_effort`, or undefined when the model's own default is to hold. */
export function encodeReasoningEffort(reasoning: ReasoningRequest, facts: ModelFacts, context: EncodeContext): string | undefined {
  if (reasoning.display !== undefined && !context.native) context.losses.dropped('thinking.display', 'thinking-display', 'hint')
  if (context.native) return reasoning.mode === 'off' ? 'none' : reasoning.effort
  if (reasoning.mode === 'off') {
    // Only some models know `none`, and one that does not refuses the request; so it is sent only where the model is known to take efforts.
    if (facts.thinking === 'effort') return 'none'
    if (facts.thinking !== 'none') context.losses.dropped('thinking', 'thinking-off', 'hint')
    return undefined
  }
  if (facts.thinking === 'none') {
    context.losses.dropped('thinking', 'thinking', 'hint', 'The model does not think.')
    return undefined
  }
  if (reasoning.mode !== 'budget' || reasoning.budgetTokens === undefined) return reasoning.effort
  const { budgetTokens } = reasoning
  const effort = budgets.find(({ most }) => budgetTokens <= most)?.effort ?? 'high'
  context.losses.approximated('thinking.budget_tokens', 'thinking-budget', 'hint', `reasoning_effort ${effort}`)
  return effort
}
