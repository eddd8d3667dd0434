import type { ModelFacts } from 'tokligence'
import { PatternTable } from '../../router/model-routes/pattern-table.ts'
import { builtInFacts } from './built-in-facts.ts'

type GivenFacts = Readonly<Record<string, { readonly [Name in keyof ModelFacts]?: ModelFacts[Name] | undefined }>>

const nothing: ModelFacts = {}

const builtIn = new PatternTable(Object.entries(builtInFacts))

/** Facts by model name. Of the given patterns the most specific counts; what it leaves open comes from the built-in table. */
export function factsTable(given: GivenFacts): (model: string) => ModelFacts {
  const overrides = new PatternTable(Object.entries(given).map(([pattern, facts]) => [pattern, withoutUndefined(facts)] as const))
  return (model) => {
    const known = builtIn.find(model) ?? nothing
    const override = overrides.find(model)
    return override ? { ...known, ...override } : known
  }
}

function withoutUndefined(facts: GivenFacts[string]): ModelFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as ModelFacts
}
