import { distance } from 'fastest-levenshtein'
import type { RoutePlan } from '../contracts/router.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { Awaitable } from '../hooks.ts'
import type { GatewayRequest } from '../request.ts'

/** Third stage: the model's name becomes a plan of providers. */
export function route(generation: Generation, request: GatewayRequest): Awaitable<RoutePlan> {
  const { used } = generation.hooks
  if (used.resolveRoute || used.modifyRoute) return runRouteHooks(generation, request)
  request.plan = resolve(generation, request)
  return request.plan ?? refuse(generation, request)
}

async function runRouteHooks(generation: Generation, request: GatewayRequest): Promise<RoutePlan> {
  const { hooks } = generation
  const answer = hooks.used.resolveRoute ? await hooks.run('resolveRoute', request) : undefined
  const plan = answer ?? resolve(generation, request) ?? (await refuse(generation, request))
  request.plan = hooks.used.modifyRoute ? await hooks.run('modifyRoute', plan, request) : plan
  return request.plan
}

async function refuse(generation: Generation, request: GatewayRequest): Promise<never> {
  throw await modelNotFound(generation, request.model)
}

/** An exact name in a router wins; then `provider/model` outright; then the routers' patterns. */
function resolve(generation: Generation, request: GatewayRequest): RoutePlan | undefined {
  const { model } = request
  const slash = model.indexOf('/')
  if (slash > 0 && !generation.routers.some((router) => router.names().includes(model))) {
    const provider = model.slice(0, slash)
    if (generation.registry.find('provider', provider)) return { targets: [{ provider, model: model.slice(slash + 1) }] }
  }
  for (const router of generation.routers) {
    const plan = router.resolve({ model, protocol: request.protocol, operation: request.operation })
    if (plan) return plan
  }
  return undefined
}

const listPatience = 500

async function modelNotFound(generation: Generation, model: string): Promise<GatewayError> {
  const near = nearest(model, await knownModels(generation))
  const providers = generation.registry.all('provider').map(([id]) => id)
  const message = `No route takes the model "${model.slice(0, 200)}".${near.length > 0 ? ` Near: ${near.join(', ')}.` : ''} Providers that are configured: ${providers.join(', ') || 'none'}. GET /v1/models lists what there is.`
  return new GatewayError('TKL_MODEL_NOT_FOUND', message, { param: 'model' })
}

async function knownModels(generation: Generation): Promise<string[]> {
  const known = new Set(generation.routers.flatMap((router) => [...router.names()]))
  const source = generation.registry.all('models')[0]?.[1]
  if (source) {
    const late = new Promise<[]>((resolve) => setTimeout(resolve, listPatience, []).unref())
    for (const card of await Promise.race([source.list().catch(() => []), late])) known.add(card.id)
  }
  return [...known]
}

function nearest(model: string, known: readonly string[]): string[] {
  const wanted = model.toLowerCase()
  return known
    .map((name) => ({ name, far: distance(wanted, name.toLowerCase()) }))
    .filter(({ name, far }) => far <= Math.max(3, Math.ceil(name.length / 2)))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ name }) => name)
}
