import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerPreflight } from './browser.ts'
import { ClientReply } from './client-reply.ts'
import { answerGuard } from './egress/answer-guard.ts'
import type { Delivery } from './egress/delivery.ts'
import { failureDelivery } from './egress/failure.ts'
import { GatewayError } from './errors.ts'
import type { Generation } from './generation.ts'
import type { LiveRequests } from './live-requests.ts'
import type { PluginRoute } from './plugin.ts'
import { GatewayRequest } from './request.ts'
import { egress } from './stages/egress.ts'
import { ingress } from './stages/ingress.ts'
import { meter, reported } from './stages/meter.ts'
import { normalize } from './stages/normalize.ts'
import { route } from './stages/route.ts'

/** One request from its first byte to its end: ingress → normalize → route → egress → meter. Resolves when all is over. */
export async function runPipeline(generation: Generation, incoming: IncomingMessage, outgoing: ServerResponse, live: LiveRequests): Promise<void> {
  if (answerPreflight(generation.config, incoming.method ?? 'GET', incoming.headers, outgoing)) return
  const request = new GatewayRequest(incoming, generation.logger)
  const client = new ClientReply(outgoing, request)
  live.add(request)
  try {
    const delivery = await answer(generation, request, incoming, client)
    if (delivery) await meter(generation, request, delivery, client)
  } finally {
    live.delete(request)
    if (generation.hooks.used.onRequestEnd) void generation.hooks.run('onRequestEnd', request).catch(reported(generation))
  }
}

/** The first four stages. Answers with undefined when a plugin's own endpoint has answered, which is not metered. */
async function answer(generation: Generation, request: GatewayRequest, incoming: IncomingMessage, client: ClientReply): Promise<Delivery | undefined> {
  try {
    const { endpoint, answer } = await ingress(generation, request, incoming)
    if (answer !== undefined) return answerGuard(generation, request, client, answer)
    if (endpoint.type === 'plugin') return await answerPlugin(endpoint.route, request, client)
    const normalized = normalize(generation, request)
    const guarded = normalized instanceof Promise ? await normalized : normalized
    if (guarded !== undefined) return answerGuard(generation, request, client, guarded)
    const routed = route(generation, request)
    const plan = routed instanceof Promise ? await routed : routed
    return await egress(generation, request, plan, client)
  } catch (thrown) {
    return fail(generation, request, incoming, client, thrown)
  }
}

async function answerPlugin(route: PluginRoute, request: GatewayRequest, client: ClientReply): Promise<undefined> {
  const { status, headers, body = '' } = await route.handle({ context: request, params: request.params })
  if (typeof body === 'string' || Buffer.isBuffer(body)) client.send(status, { ...headers }, body)
  else client.send(status, { 'content-type': 'application/json', ...headers }, JSON.stringify(body))
  return undefined
}

function fail(generation: Generation, request: GatewayRequest, incoming: IncomingMessage, client: ClientReply, thrown: unknown): Delivery | undefined {
  const error = GatewayError.from(thrown)
  request.error = error
  if (error.status >= 500 && error.code !== 'TKL_UPSTREAM_ERROR') generation.logger.error({ requestId: request.requestId, error }, error.message)
  if (!incoming.complete) client.lingerFor(incoming)
  const delivery = failureDelivery(request, client, error)
  // What never reached a protocol's endpoint is no request to a model, and is not metered.
  if (request.operation !== '') return delivery
  if (generation.hooks.used.onError) generation.hooks.onError(error, request)
  request.status = delivery.status
  delivery.release()
  return undefined
}
