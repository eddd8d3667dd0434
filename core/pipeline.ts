import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerPreflight } from './browser.ts'
import { ClientReply } from './client-reply.ts'
import { answerGuard, lowerNames } from './egress/answer-guard.ts'
import type { Delivery } from './egress/delivery.ts'
import { failureDelivery } from './egress/failure.ts'
import { GatewayError } from './errors.ts'
import type { Generation } from './generation.ts'
import type { LiveReplies } from './live-replies.ts'
import type { PluginRoute } from './plugin.ts'
import { GatewayRequest } from './request.ts'
import { egress } from './stages/egress.ts'
import { ingress } from './stages/ingress.ts'
import { meter } from './stages/meter.ts'
import { normalize } from './stages/normalize.ts'
import { route } from './stages/route.ts'

/** One request from its first byte to its end: ingress → normalize → route → egress → meter. Resolves when all is over. */
export async function runPipeline(generation: Generation, incoming: IncomingMessage, outgoing: ServerResponse, live: LiveReplies): Promise<void> {
  if (answerPreflight(generation.config, incoming.method ?? 'GET', incoming.headers, outgoing)) return
  const request = new GatewayRequest(incoming, generation.logger)
  const client = new ClientReply(incoming, outgoing, request, live)
  const delivery = await answer(generation, request, incoming, client)
  // What never reached a protocol's endpoint is no request to a model, and is not metered.
  if (delivery && request.operation !== '') await meter(generation, request, delivery, client)
  else if (delivery) finishUnmetered(generation, request, delivery)
  if (generation.hooks.used.onRequestEnd) generation.observe(generation.hooks.run('onRequestEnd', request))
}

/** The first four stages. Answers with undefined when a plugin's own endpoint has answered. */
async function answer(generation: Generation, request: GatewayRequest, incoming: IncomingMessage, client: ClientReply): Promise<Delivery | undefined> {
  try {
    const { endpoint, answer } = await ingress(generation, request, incoming, client)
    if (answer !== undefined) return answerGuard(generation, request, client, answer)
    if (endpoint.type === 'plugin') return await answerPlugin(endpoint.route, request, client)
    const normalized = normalize(generation, request)
    const guarded = normalized instanceof Promise ? await normalized : normalized
    if (guarded !== undefined) return answerGuard(generation, request, client, guarded)
    const routed = route(generation, request)
    const plan = routed instanceof Promise ? await routed : routed
    return await egress(generation, request, plan, client)
  } catch (thrown) {
    return fail(generation, request, client, thrown)
  }
}

async function answerPlugin(route: PluginRoute, request: GatewayRequest, client: ClientReply): Promise<undefined> {
  const { status, headers, body = '' } = await route.handle({ context: request, params: request.params })
  const lowered = lowerNames(headers)
  if (typeof body === 'string' || Buffer.isBuffer(body)) client.send(status, lowered, body)
  else client.send(status, { 'content-type': 'application/json', ...lowered }, JSON.stringify(body))
  return undefined
}

function fail(generation: Generation, request: GatewayRequest, client: ClientReply, thrown: unknown): Delivery {
  const error = GatewayError.from(thrown)
  if (error.status >= 500 && error.code !== 'TKL_UPSTREAM_ERROR') generation.logger.error({ requestId: request.requestId, error }, error.message)
  client.lingerForBody()
  return failureDelivery(request, client, error)
}

function finishUnmetered(generation: Generation, request: GatewayRequest, delivery: Delivery): void {
  request.error = delivery.error
  request.status = delivery.status
  if (delivery.error && generation.hooks.used.onError) generation.hooks.onError(delivery.error, request)
  delivery.release()
}
