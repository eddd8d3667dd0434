import { GatewayError, type PluginApi, type PluginRequest, type PluginResponse, type ProviderTarget, type RequestContext } from 'tokligence'
import { encodeError } from '../failure.ts'
import { protocolId } from '../wire/wire-memo.ts'
import { listInputItems } from './input-items.ts'
import type { KeptReply } from './kept-reply.ts'
import { type KnownReply, ReplyBook } from './reply-book.ts'
import { ReplyOwners } from './reply-owners.ts'

/** The operation under which a provider tells where its stored replies are. */
const operation = 'stored-replies'

const path = '/v1/responses/:id'

type Method = 'GET' | 'POST' | 'DELETE'

/**
 * `GET` and `DELETE /v1/responses/{id}`, `…/cancel` and `…/input_items` (openai 6.49.0, resources/responses/responses.d.ts): answered here for replies
 * that were translated and kept, else asked of the provider that keeps the reply.
 */
export function addStoredReplies(api: PluginApi): ReplyBook {
  const owners = api.shared(
    'protocol/openai-responses/owners',
    () => new ReplyOwners(),
    () => undefined,
  )
  const book = new ReplyBook(api, owners)
  const add = (method: Method, suffix: string) =>
    api.addRoute({ method, path: path + suffix, protocol: protocolId, handle: (request) => answer(api, book, method, suffix, request) })
  add('GET', '')
  add('DELETE', '')
  add('POST', '/cancel')
  add('GET', '/input_items')
  return book
}

async function answer(api: PluginApi, book: ReplyBook, method: Method, suffix: string, { context, params }: PluginRequest): Promise<PluginResponse> {
  const id = params.id ?? ''
  if (context.query.get('stream') === 'true')
    return refusal(new GatewayError('TKL_REQUEST_INVALID', 'A stored reply cannot be streamed here.', { param: 'stream' }))
  // A path that ends in dots would be another one at the provider.
  const known = /^\.*$/.test(id) ? undefined : await book.find(context.principal?.id, id)
  if (known?.kept) return answerKept(book, method, suffix, id, known.kept, context)
  const target = known && findTarget(api, book, known, context)
  if (!target) return refusal(notFound(id))
  const query = queryOf(context.query)
  const reply = await api.fetch(`${target.origin}${target.path}/${encodeURIComponent(id)}${suffix}${query}`, {
    method,
    headers: { accept: 'application/json', ...target.headers },
    signal: context.signal,
    ...(target.ca !== undefined && { ca: target.ca }),
  })
  // It is gone for good, whether the store hears of it or not.
  if (method === 'DELETE' && reply.status < 300)
    await book.forget(context.principal?.id, id).catch((error: unknown) => api.logger.error({ error }, 'the store did not forget a reply'))
  return { status: reply.status, headers: { 'content-type': 'application/json', ...retryHeaders(reply.headers) }, body: reply.body }
}

async function answerKept(book: ReplyBook, method: Method, suffix: string, id: string, kept: KeptReply, context: RequestContext): Promise<PluginResponse> {
  const principal = context.principal?.id
  if (method === 'POST')
    return refusal(new GatewayError('TKL_REQUEST_INVALID', 'The reply is over, and did not run in the background: there is nothing to cancel.'))
  if (method === 'DELETE') {
    await book.forget(principal, id)
    return { status: 200, body: { id, object: 'response', deleted: true } }
  }
  if (suffix === '') return { status: 200, body: kept.response }
  const items = await book.inputOf(principal, kept)
  return items ? { status: 200, body: listInputItems(items, id, context.query) } : refusal(notFound(id))
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
function findTarget({ registry }: PluginApi, book: ReplyBook, { keeper, foreign }: KnownReply, context: RequestContext): ProviderTarget | undefined {
  if (foreign === true) return undefined
  const { principal, headers } = context
  const able = registry.all('provider').filter(([, provider]) => provider.supports(protocolId, operation))
  const known = keeper && able.find(([id]) => book.isKeeper(id, keeper))
  const asked = known ?? (keeper === undefined && principal === undefined && able.length === 1 ? able[0] : undefined)
  return asked?.[1].open({ protocol: protocolId, operation, model: '', stream: false, path: 'identity', callerHeaders: headers })
}

function notFound(id: string): GatewayError {
  return new GatewayError('TKL_NOT_FOUND', `No reply with the id "${id}" is known here.`)
}

function refusal(error: GatewayError): PluginResponse {
  return { status: error.status, body: encodeError(error.toWire()) }
}
