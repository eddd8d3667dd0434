import type { ModelCard, PluginApi, Router } from 'tokligence'
import type { ModelListCache } from './model-list-cache.ts'

/**
 * Every model that a caller can name: the routers' names without wildcards, then what the providers offer, in configuration order. A provider's model
 * stands under its own name where that name is routed to the provider, else under `provider/model`, which always is.
 */
export async function listing(registry: PluginApi['registry'], cache: ModelListCache, logger: PluginApi['logger']): Promise<readonly ModelCard[]> {
  const routers = registry.all('router').map(([, router]) => router)
  const offers = await Promise.all(registry.all('provider').map(([id, provider]) => cache.models(id, provider, logger)))
  const cards = new Map<string, ModelCard>()
  for (const card of [...routers.flatMap(named), ...offers.flat().map((offered) => reachable(offered, routers))])
    if (!cards.has(card.id)) cards.set(card.id, card)
  return [...cards.values()]
}

function named(router: Router): ModelCard[] {
  return router.names().flatMap((name) => {
    const provider = routedProvider(name, [router])
    return provider === undefined ? [] : [{ id: name, provider }]
  })
}

function reachable(card: ModelCard, routers: readonly Router[]): ModelCard {
  return routedProvider(card.id, routers) === card.provider ? card : { ...card, id: `${card.provider}/${card.id}` }
}

function routedProvider(model: string, routers: readonly Router[]): string | undefined {
  for (const router of routers) {
    const plan = router.resolve({ model, protocol: '', operation: 'generate' })
    if (plan) return plan.targets[0]?.provider
  }
  return undefined
}
