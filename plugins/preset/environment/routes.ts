import { invalid } from './blamed.ts'
import { type Vendor, vendors } from './vendors.ts'

/** Later ones win over earlier ones of the same pattern. */
const ruleVariables = ['TOKLIGENCE_MODEL_PROVIDER_ROUTES', 'TOKLIGENCE_ROUTES']

/** Pattern → `provider` or `provider/model`: the defaults of every provider there is, and the rules of the environment. */
export function readRoutes(variables: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const present = vendors.filter((vendor) => hasKey(vendor, variables))
  const routes = new Map(present.flatMap(({ id, patterns }) => patterns.map((pattern) => [pattern, id])))
  routes.set('loopback*', 'loopback')
  for (const variable of ruleVariables) {
    for (const { pattern, target } of readRules(variable, variables[variable] ?? '')) {
      checkProvider(variable, pattern, target.split('/')[0] ?? '', variables)
      // Case does not count in a pattern.
      routes.set(pattern.toLowerCase(), target)
    }
  }
  return Object.fromEntries(routes)
}

interface Rule {
  readonly pattern: string
  readonly target: string
}

/** `pattern=>target` or `pattern=target`, with commas or line breaks between. */
function readRules(variable: string, text: string): Rule[] {
  const rules = text
    .split(/[,\n]/)
    .map((rule) => rule.trim())
    .filter((rule) => rule !== '')
  return rules.map((rule) => {
    const found = /^([^\s=]+)\s*=>?\s*([^\s=>/]+(?:\/[^\s=>]+)?)$/.exec(rule)
    if (!found?.[1] || !found[2]) throw invalid(variable, `has the rule "${rule}", which is not of the form pattern=>provider or pattern=>provider/model.`)
    return { pattern: found[1], target: found[2] }
  })
}

function checkProvider(variable: string, pattern: string, provider: string, variables: NodeJS.ProcessEnv): void {
  if (provider === 'loopback') return
  const vendor = vendors.find(({ id }) => id === provider)
  if (!vendor)
    throw invalid(
      variable,
      `sends "${pattern}" to "${provider}"; without a configuration file there are only ${[...vendors.map(({ id }) => id), 'loopback'].join(', ')}.`,
    )
  if (!hasKey(vendor, variables))
    throw invalid(variable, `sends "${pattern}" to "${provider}", which has no key here; set ${vendor.keyVariables.join(' or ')}.`)
}

function hasKey({ keyVariables }: Vendor, variables: NodeJS.ProcessEnv): boolean {
  return keyVariables.some((variable) => Boolean(variables[variable]))
}
