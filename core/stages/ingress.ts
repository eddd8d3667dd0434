import type { IncomingMessage } from 'node:http'
import { refuseBrowsers } from '../browser.ts'
import type { ClientReply } from '../client-reply.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { GuardAnswer } from '../hooks.ts'
import type { GatewayRequest } from '../request.ts'
import type { Endpoint } from '../routes.ts'
import { type ReadBodyOptions, readBody } from '../wire/body.ts'

/** First stage: which endpoint, who calls, the body, and whether it may go on. */
export async function ingress(
  generation: Generation,
  request: GatewayRequest,
  incoming: IncomingMessage,
  client: ClientReply,
): Promise<{ endpoint: Endpoint; answer: GuardAnswer | undefined }> {
  const endpoint = findEndpoint(generation, request)
  await authenticate(generation, request, endpoint)
  request.body = await readBody(incoming, bodyOptions(generation.config.limits.requestBytes, incoming, client))
  if (endpoint.type === 'protocol') {
    const { protocol } = endpoint
    if (protocol.completeBody) request.body = await protocol.completeBody(request.call, request)
    request.peek = protocol.peek(request.call)
    refuseLongName(request)
    request.callerModel = request.peek.model
    if (request.stream && protocol.framing) client.framing = protocol.framing(request.call)
  }
  const answer = generation.hooks.used.guardRequest ? await generation.hooks.run('guardRequest', request) : undefined
  return { endpoint, answer }
}

/** A caller that asks first (`Expect: 100-continue`) is told to go on once nothing speaks against it. */
function bodyOptions(limit: number, incoming: IncomingMessage, client: ClientReply): ReadBodyOptions {
  return incoming.headers.expect === undefined ? { limit } : { limit, onStart: () => client.sendContinue() }
}

/** Longer than any name there is; near names are looked for by a method that would take minutes over megabytes. */
const longestName = 256

function refuseLongName(request: GatewayRequest): void {
  if (request.model.length <= longestName) return
  request.peek = undefined
  throw new GatewayError('TKL_REQUEST_INVALID', `The model's name is longer than ${longestName} characters.`, { param: 'model' })
}

function findEndpoint(generation: Generation, request: GatewayRequest): Endpoint {
  // Known before anything can fail, so that every error goes out in the caller's own envelope.
  const open = !generation.hooks.used.resolvePrincipal
  let found: ReturnType<typeof generation.routes.find>
  try {
    found = generation.routes.find(request.method, request.path, request.headers, () => request.query)
  } catch (error) {
    request.protocolBinding = generation.routes.protocolOf(request.path, request.headers, request.query)
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
