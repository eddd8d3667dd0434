import { GatewayError, type PluginApi, type PluginRequest, type PluginResponse, type ProviderTarget } from 'tokligence'
import { encodeError } from '../../openai-chat/failure/encode-error.ts'
import { protocolId } from '../wire/wire-memo.ts'
import { ReplyOwners } from './reply-owners.ts'

/** The operation under which a provider tells where its stored replies are. */
const operation = 'stored-replies'

const path = '/v1/responses/:id'

/**
 * `GET` and `DELETE /v1/responses/{id}`, `…/cancel` and `…/input_items`: asked of the provider that keeps the reply (openai 6.49.0,
 * resources/responses/responses.d.ts). A reply that was translated is kept by nobody.
 */
export function addStoredReplies(api: PluginApi): void {
  const owners = api.shared(
    'protocol/openai-responses/owners',
    () => new ReplyOwners(),
    () => undefined,
  )
  api.hooks.onMeter.tap(({ protocol, upstreamProtocol, replyId, provider, principal }) => {
    if (protocol === protocolId && upstreamProtocol === protocolId && replyId !== undefined && provider !== undefined)
      owners.remember(replyId, { provider, principal })
  })
  const add = (method: 'GET' | 'POST' | 'DELETE', suffix: string) =>
    api.addRoute({ method, path: path + suffix, protocol: protocolId, handle: (request) => forward(api, owners, method, suffix, request) })
  add('GET', '')
  add('DELETE', '')
  add('POST', '/cancel')
  add('GET', '/input_items')
}

async function forward(
  api: PluginApi,
  owners: ReplyOwners,
  method: 'GET' | 'POST' | 'DELETE',
  suffix: string,
  { context, params }: PluginRequest,
): Promise<PluginResponse> {
  const id = params.id ?? ''
  if (context.query.get('stream') === 'true')
    return refusal(new GatewayError('TKL_REQUEST_INVALID', 'A stored reply cannot be streamed here.', { param: 'stream' }))
  // A path that ends in dots would be another one at the provider.
  const target = /^\.*$/.test(id) ? undefined : findTarget(api, owners, id, { context, params })
  if (!target) return refusal(notFound(id))
  const query = queryOf(context.query)
  const answer = await api.fetch(`${target.origin}${target.path}/${encodeURIComponent(id)}${suffix}${query}`, {
    method,
    headers: { accept: 'application/json', ...target.headers },
    signal: context.signal,
    ...(target.ca !== undefined && { ca: target.ca }),
  })
  if (method === 'DELETE' && answer.status < 300) owners.forget(id)
  return { status: answer.status, headers: { 'content-type': 'application/json', ...retryHeaders(answer.headers) }, body: answer.body }
}

/** Without a key of this gateway, which callers may have put there. */
function queryOf(given: URLSearchParams): string {
  const query = new URLSearchParams(given)
  query.delete('key')
  return query.size === 0 ? '' : `?${query}`
}

function retryHeaders(headers: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(['retry-after', 'retry-after-ms'].flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])))
}

/** The provider that gave the reply; for callers without a name also the only one that can have given it before the gateway was started. */
function findTarget({ registry }: PluginApi, owners: ReplyOwners, id: string, { context }: PluginRequest): ProviderTarget | undefined {
  const owner = owners.find(id)
  const principal = context.principal?.id
  if (owner && owner.principal !== principal) return undefined
  const keepers = registry.all('provider').filter(([, provider]) => provider.supports(protocolId, operation))
  const known = keepers.find(([providerId]) => providerId === owner?.provider)
  const keeper = known ?? (owner === undefined && principal === undefined && keepers.length === 1 ? keepers[0] : undefined)
  return keeper?.[1].open({ protocol: protocolId, operation, model: '', stream: false, path: 'identity', callerHeaders: context.headers })
}

function notFound(id: string): GatewayError {
  return new GatewayError(
    'TKL_NOT_FOUND',
    `No reply with the id "${id}" is known here: only replies of providers that speak this protocol themselves are kept.`,
  )
}

function refusal(error: GatewayError): PluginResponse {
  return { status: error.status, body: encodeError(error.toWire()) }
}
