import type { ModelCard, ModelFacts, ProtocolId, Registry, RouteTarget } from 'tokligence'

export interface FoundModel {
  readonly card: ModelCard
  readonly facts: ModelFacts
}

/**
 * A model by any name that callers of a protocol may ask for: one that is listed, else `provider/model`, or one that a route takes. What a provider
 * has behind a pattern is not known before it is asked.
 */
export async function findModel(registry: Registry, id: string, protocol: ProtocolId): Promise<FoundModel | undefined> {
  const source = registry.all('models')[0]?.[1]
  const listed = (await source?.list())?.find((card) => card.id === id)
  if (listed) return { card: listed, facts: source?.facts(id) ?? {} }
  const target = id === '' ? undefined : targetOf(registry, id, protocol)
  return target && { card: { id, provider: target.provider }, facts: source?.facts(target.model) ?? {} }
}

function targetOf(registry: Registry, id: string, protocol: ProtocolId): RouteTarget | undefined {
  const slash = id.indexOf('/')
  const provider = id.slice(0, Math.max(0, slash))
  if (slash > 0 && slash < id.length - 1 && registry.find('provider', provider)) return { provider, model: id.slice(slash + 1) }
  for (const [, router] of registry.all('router')) {
    const plan = router.resolve({ model: id, protocol, operation: 'generate' })
    if (plan) return plan.targets[0]
  }
  return undefined
}
