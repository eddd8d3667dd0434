import type { ModelFacts, ReasoningRequest } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { encodeForeign } from './request-subject.ts'

const pro: ModelFacts = { thinking: 'budget', minThinkingTokens: 128, maxThinkingTokens: 32_768 }
const flash: ModelFacts = { thinking: 'budget' }
const levels: ModelFacts = { thinking: 'effort', efforts: ['minimal', 'low', 'medium', 'high'] }
const fewLevels: ModelFacts = { thinking: 'effort' }
const none: ModelFacts = { thinking: 'none' }
const unknown: ModelFacts = {}

const cases: readonly (readonly [string, ReasoningRequest, ModelFacts, object | undefined, string[]])[] = [
  ['a budget', { mode: 'budget', budgetTokens: 1024 }, flash, { thinkingBudget: 1024, includeThoughts: true }, []],
  [
    'too great a budget',
    { mode: 'budget', budgetTokens: 31_999 },
    flash,
    { thinkingBudget: 24_576, includeThoughts: true },
    ['reasoning-budget approximated hint'],
  ],
  ['a budget within what the model takes', { mode: 'budget', budgetTokens: 31_999 }, pro, { thinkingBudget: 31_999, includeThoughts: true }, []],
  ['too small a budget', { mode: 'budget', budgetTokens: 100 }, pro, { thinkingBudget: 128, includeThoughts: true }, ['reasoning-budget approximated hint']],
  [
    'a budget for levels',
    { mode: 'budget', budgetTokens: 8192 },
    levels,
    { thinkingLevel: 'MEDIUM', includeThoughts: true },
    ['reasoning-budget approximated hint'],
  ],
  [
    'a great budget for levels',
    { mode: 'budget', budgetTokens: 16_000 },
    levels,
    { thinkingLevel: 'HIGH', includeThoughts: true },
    ['reasoning-budget approximated hint'],
  ],
  ['an effort', { mode: 'effort', effort: 'minimal' }, levels, { thinkingLevel: 'MINIMAL' }, []],
  ['an effort above all', { mode: 'effort', effort: 'xhigh' }, levels, { thinkingLevel: 'HIGH' }, ['reasoning-effort approximated hint']],
  ['an effort that not every model has', { mode: 'effort', effort: 'medium' }, fewLevels, { thinkingLevel: 'HIGH' }, ['reasoning-effort approximated hint']],
  ['the least effort where it is missing', { mode: 'effort', effort: 'minimal' }, fewLevels, { thinkingLevel: 'LOW' }, ['reasoning-effort approximated hint']],
  ['an effort for budgets', { mode: 'effort', effort: 'low' }, flash, { thinkingBudget: 1024 }, ['reasoning-effort approximated hint']],
  ['an effort of an unknown model', { mode: 'effort', effort: 'max' }, unknown, { thinkingBudget: 24_576 }, ['reasoning-effort approximated hint']],
  [
    'a budget of an unknown model',
    { mode: 'budget', budgetTokens: 128 },
    unknown,
    { thinkingBudget: 512, includeThoughts: true },
    ['reasoning-budget approximated hint'],
  ],
  ['what the model likes', { mode: 'adaptive' }, flash, { thinkingBudget: -1, includeThoughts: true }, []],
  ['what a model with levels likes', { mode: 'adaptive', display: 'omitted' }, levels, undefined, []],
  ['an adaptive effort', { mode: 'adaptive', effort: 'high' }, levels, { thinkingLevel: 'HIGH', includeThoughts: true }, []],
  ['thoughts shown', { mode: 'effort', effort: 'high', display: 'detailed' }, levels, { thinkingLevel: 'HIGH', includeThoughts: true }, []],
  ['thoughts kept', { mode: 'budget', budgetTokens: 2048, display: 'omitted' }, flash, { thinkingBudget: 2048 }, []],
  ['no thoughts', { mode: 'off' }, flash, { thinkingBudget: 0 }, []],
  ['no thoughts of a model that always thinks', { mode: 'off' }, pro, { thinkingBudget: 128 }, ['reasoning-off approximated hint']],
  ['no thoughts by levels', { mode: 'effort', effort: 'none' }, levels, { thinkingLevel: 'MINIMAL' }, ['reasoning-off approximated hint']],
  ['no thoughts by the common levels', { mode: 'off' }, fewLevels, { thinkingLevel: 'LOW' }, ['reasoning-off approximated hint']],
  ['no thoughts of an unknown model', { mode: 'off' }, unknown, undefined, ['reasoning-off dropped hint']],
  ['no thoughts of a model that has none', { mode: 'off' }, none, undefined, []],
  ['thoughts of a model that has none', { mode: 'adaptive' }, none, undefined, ['reasoning dropped semantic']],
]

describe('the thinking config', () => {
  it.each(cases)('says %s', (_, reasoning, facts, config, lost) => {
    const encoded = encodeForeign({ reasoning }, facts)
    expect(encoded.body.generationConfig).toEqual(config && { thinkingConfig: config })
    expect(encoded.lost).toEqual(lost.map((loss) => `reasoning ${loss}`))
  })
})
