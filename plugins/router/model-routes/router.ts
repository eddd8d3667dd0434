import type { LossPolicy, RoutePlan, Router } from 'tokligence'
import { PatternTable } from './pattern-table.ts'
import { type ParsedTarget, parseTarget } from './target.ts'

interface Route extends ParsedTarget {
  readonly onLoss?: LossPolicy
}

type Targets = Readonly<Record<string, string | { readonly to: string; readonly onLoss?: LossPolicy | undefined }>>

/** The targets must have been checked: every one parses. */
export function createRouter(targets: Targets): Router {
  const routes = Object.entries(targets).map(([pattern, target]): [string, Route] => {
    const { to, onLoss } = typeof target === 'string' ? { to: target, onLoss: undefined } : target
    return [pattern, { ...(parseTarget(to) as ParsedTarget), ...(onLoss !== undefined && { onLoss }) }]
  })
  const table = new PatternTable(routes)
  const names = routes.map(([pattern]) => pattern).filter((pattern) => !pattern.includes('*'))
  const providers = [...new Set(routes.map(([, { provider }]) => provider))]
  return {
    resolve({ model }): RoutePlan | undefined {
      const route = table.find(model)
      if (!route) return undefined
      return { targets: [{ provider: route.provider, model: route.model ?? model }], ...(route.onLoss !== undefined && { onLoss: route.onLoss }) }
    },
    names: () => names,
    providers: () => providers,
  }
}
