import type { Registry } from '../registry.ts'

/** A line to paste that streams an answer from the first model there is; undefined when no model can be named without asking a provider. */
export async function curlLine(registry: Registry, url: string): Promise<string | undefined> {
  const model = await firstModel(registry)
  if (model === undefined) return undefined
  const example = registry.all('protocol').flatMap(([, protocol]) => protocol.example?.(model) ?? [])[0]
  if (!example) return undefined
  return `curl -N ${url}${example.path} -H 'content-type: application/json' -d '${JSON.stringify(example.body).replaceAll("'", "'\\''")}'`
}

/** A model that answers in this process costs nothing and needs no key; else the first name that a route spells out. */
async function firstModel(registry: Registry): Promise<string | undefined> {
  const routers = registry.all('router').map(([, router]) => router)
  for (const [id, provider] of registry.all('provider')) {
    const card = provider.exchange ? (await provider.listModels?.(AbortSignal.timeout(1_000)))?.[0] : undefined
    if (!card) continue
    const routed = routers
      .map((router) => router.resolve({ model: card.id, protocol: provider.protocols[0] ?? '', operation: 'generate' }))
      .find((plan) => plan !== undefined)
    return routed?.targets[0]?.provider === id ? card.id : `${id}/${card.id}`
  }
  return routers.flatMap((router) => router.names())[0]
}
