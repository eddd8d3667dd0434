import type { IncomingMessage } from 'node:http'
import { refuseBrowsers } from '../browser.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { GuardAnswer } from '../hooks.ts'
import type { GatewayRequest } from '../request.ts'
import type { Endpoint } from '../routes.ts'
import { readBody } from '../wire/body.ts'

/** First stage: which endpoint, who calls, the body, and whether it may go on. */
export async function ingress(
  generation: Generation,
  request: GatewayRequest,
  incoming: IncomingMessage,
): Promise<{ endpoint: Endpoint; answer: GuardAnswer | undefined }> {
  const endpoint = findEndpoint(generation, request)
  await authenticate(generation, request, endpoint)
  request.body = await readBody(incoming, { limit: generation.config.limits.requestBytes })
  if (endpoint.type === 'protocol') {
    request.peek = endpoint.protocol.peek({
      operation: endpoint.operation,
      body: request.body,
      params: request.params,
      query: request.query,
      headers: request.headers,
    })
    request.callerModel = request.peek.model
  }
  const answer = generation.hooks.used.guardRequest ? await generation.hooks.run('guardRequest', request) : undefined
  return { endpoint, answer }
}

function findEndpoint(generation: Generation, request: GatewayRequest): Endpoint {
  // Known before anything can fail, so that every error goes out in the caller's own envelope.
  const open = !generation.hooks.used.resolvePrincipal
  let found: ReturnType<typeof generation.routes.find>
  try {
    found = generation.routes.find(request.method, request.path, request.headers, () => request.query)
  } catch (error) {
    request.protocolBinding = generation.routes.protocolOf(request.path)
    if (open) refuseBrowsers(generation.config, request.method, request.headers)
    throw error
  }
  request.protocolBinding = found.endpoint.protocol
  request.params = found.params
  if (found.endpoint.type === 'protocol') request.operation = found.endpoint.operation
  if (open) refuseBrowsers(generation.config, request.method, request.headers)
  return found.endpoint
}

async function authenticate(generation: Generation, request: GatewayRequest, endpoint: Endpoint): Promise<void> {
  if (!generation.hooks.used.resolvePrincipal || (endpoint.type === 'plugin' && endpoint.route.open)) return
  request.principal = await generation.hooks.run('resolvePrincipal', request)
  if (!request.principal) throw new GatewayError('TKL_AUTH_REQUIRED', 'This gateway needs a key: send it as "authorization: Bearer …" or "x-api-key".')
}
