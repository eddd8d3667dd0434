import type { JsonObject, LossSink, ModelFacts, ReasoningRequest } from 'tokligence'

/**
 * Budgets in tokens for the efforts of other protocols. Those of `low`, `medium` and `high` are the vendor's own (ai.google.dev/gemini-api/docs/openai,
 * "Thinking"); 512 is the least that every model with a budget takes (ai.google.dev/gemini-api/docs/thinking, "Set budget").
 */
const leastBudget = 512
const mediumBudget = 8192
const budgets: ReadonlyMap<string, number> = new Map([
  ['minimal', leastBudget],
  ['low', 1024],
  ['medium', mediumBudget],
])
/** For every effort above, and the most that every model with a budget takes. */
const greatestBudget = 24_576

/** ThinkingLevel in @google/genai 3.1.0, from the least to the most. */
const levels = ['minimal', 'low', 'medium', 'high']
/** What every model with levels takes (ai.google.dev/gemini-api/docs/thinking, "Thinking levels"). */
const commonLevels: readonly string[] = ['low', 'high']

const path = 'reasoning'

/** `thinkingConfig` in the words that the model takes; undefined, with a loss where one was asked for, when there is none. */
export function encodeThinking(reasoning: ReasoningRequest | undefined, facts: ModelFacts, losses: LossSink): JsonObject | undefined {
  if (!reasoning) return undefined
  const off = reasoning.mode === 'off' || reasoning.effort === 'none'
  if (facts.thinking === 'none') {
    if (!off) losses.dropped(path, 'reasoning', 'semantic', 'The model does not think.')
    return undefined
  }
  if (off) return encodeOff(facts, losses)
  const shown = showsThoughts(reasoning) ? { includeThoughts: true } : {}
  const amount = facts.thinking === 'effort' ? encodeLevel(reasoning, facts, losses) : encodeBudget(reasoning, facts, losses)
  const config = { ...amount, ...shown }
  return Object.keys(config).length === 0 ? undefined : config
}

/** The vendor shows no thoughts unless it is asked to. A budget or adaptive thinking comes from a protocol that does. */
function showsThoughts({ mode, display }: ReasoningRequest): boolean {
  return display === undefined ? mode !== 'effort' : display !== 'omitted'
}

/** Only some models can be kept from thinking; others refuse the budget 0. */
function encodeOff(facts: ModelFacts, losses: LossSink): JsonObject | undefined {
  if (facts.thinking === 'budget') {
    const least = facts.minThinkingTokens ?? 0
    if (least > 0) losses.approximated(path, 'reasoning-off', 'hint', `The model always thinks; ${least} tokens are the least.`)
    return { thinkingBudget: least }
  }
  if (facts.thinking !== 'effort') {
    losses.dropped(path, 'reasoning-off', 'hint', 'Whether the model can be kept from thinking is not known.')
    return undefined
  }
  const [least = 'low'] = acceptedLevels(facts)
  losses.approximated(path, 'reasoning-off', 'hint', `The model always thinks; ${least} is the least.`)
  return { thinkingLevel: least.toUpperCase() }
}

/** Also for a model of which nothing is known: those with levels take budgets too (ai.google.dev/gemini-api/docs/gemini-3, "Thinking level"). */
function encodeBudget({ effort, budgetTokens }: ReasoningRequest, facts: ModelFacts, losses: LossSink): JsonObject {
  const unknown = facts.thinking === undefined
  if (effort === undefined && budgetTokens === undefined) return { thinkingBudget: -1 }
  const wanted = budgetTokens ?? budgets.get(effort ?? '') ?? greatestBudget
  const least = facts.minThinkingTokens ?? (unknown ? leastBudget : 1)
  const budget = Math.min(Math.max(wanted, least), facts.maxThinkingTokens ?? greatestBudget)
  if (budgetTokens === undefined) losses.approximated(path, 'reasoning-effort', 'hint', `A budget of ${budget} tokens stands for the effort ${effort}.`)
  else if (budget !== budgetTokens) losses.approximated(path, 'reasoning-budget', 'hint', `The budget of ${budgetTokens} tokens became ${budget}.`)
  else if (unknown) losses.approximated(path, 'reasoning-budget', 'hint', 'Whether the model takes a budget is not known.')
  return { thinkingBudget: budget }
}

function encodeLevel({ effort, budgetTokens }: ReasoningRequest, facts: ModelFacts, losses: LossSink): JsonObject {
  if (effort === undefined && budgetTokens === undefined) return {}
  const wanted = effort ?? levelOfBudget(budgetTokens ?? mediumBudget)
  const level = nearestLevel(wanted, acceptedLevels(facts))
  if (effort === undefined) losses.approximated(path, 'reasoning-budget', 'hint', `The level ${level} stands for a budget of ${budgetTokens} tokens.`)
  else if (level !== effort) losses.approximated(path, 'reasoning-effort', 'hint', `The level ${level} stands for the effort ${effort}.`)
  return { thinkingLevel: level.toUpperCase() }
}

function acceptedLevels({ efforts }: ModelFacts): readonly string[] {
  const known = levels.filter((level) => efforts?.includes(level))
  return known.length > 0 ? known : commonLevels
}

function levelOfBudget(tokens: number): string {
  if (tokens <= 2048) return 'low'
  return tokens <= mediumBudget ? 'medium' : 'high'
}

/** Of two that are as near, the greater: too little thought costs the answer, too much only tokens. */
function nearestLevel(wanted: string, accepted: readonly string[]): string {
  const rank = levels.includes(wanted) ? levels.indexOf(wanted) : levels.length
  const distance = (level: string) => Math.abs(levels.indexOf(level) - rank)
  return accepted.reduce((nearest, level) => (distance(level) <= distance(nearest) ? level : nearest))
}
