import { GatewayError, type PluginApi, type PluginRequest, type PluginResponse, type ProviderTarget, type RequestContext } from 'tokligence'
import { encodeError } from '../failure.ts'
import { protocolId } from '../wire/wire-memo.ts'
import { listInputItems } from './input-items.ts'
import type { KeptReply } from './kept-reply.ts'
import { type KnownReply, ReplyBook } from './reply-book.ts'
import type { ReplyOwners } from './reply-owners.ts'
import type { RunningReplies } from './running-replies.ts'

/** The operation under which a provider tells where its stored replies are. */
const operation = 'stored-replies'

const path = '/v1/responses/:id'

type Method = 'GET' | 'POST' | 'DELETE'

/**
 * `GET` and `DELETE /v1/responses/{id}`, `…/cancel` and `…/input_items` (openai 6.49.0, resources/responses/responses.d.ts): answered here for replies
 * that were translated and kept, else asked of the provider that keeps the reply.
 */
export function addStoredReplies(api: PluginApi, owners: ReplyOwners, running: RunningReplies): ReplyBook {
  const book = new ReplyBook(api, owners)
  const add = (method: Method, suffix: string) =>
    api.addRoute({ method, path: path + suffix, protocol: protocolId, handle: (request) => answer({ api, book, running }, method, suffix, request) })
  add('GET', '')
  add('DELETE', '')
  add('POST', '/cancel')
  add('GET', '/input_items')
  return book
}

/** Where replies are looked for. */
interface Sources {
  readonly api: PluginApi
  readonly book: ReplyBook
  readonly running: RunningReplies
}

async function answer(sources: Sources, method: Method, suffix: string, { context, params }: PluginRequest): Promise<PluginResponse> {
  const id = params.id ?? ''
  if (context.query.get('stream') === 'true')
    return refusal(new GatewayError('TKL_REQUEST_INVALID', 'A stored reply cannot be streamed here.', { param: 'stream' }))
  // A path that ends in dots would be another one at the provider.
  if (/^\.*$/.test(id)) return refusal(notFound(id))
  const { api, book, running } = sources
  const principal = context.principal?.id
  const found = await book.find(principal, id)
  if (found.kept) return answerKept(sources, method, suffix, id, found.kept, context)
  // One that is being written is known by its caller before anything is kept of it; where it is translated, no provider knows the id.
  const written = found.keeper ? undefined : running.find(principal, id)
  const known = written?.keeper ? { keeper: written.keeper } : found
  const target = written && !written.keeper ? undefined : findTarget(api, book, known, context)
  if (!target) return method === 'DELETE' && (await forget(sources, principal, id)) ? deleted(id) : refusal(notFound(id))
  const query = queryOf(context.query)
  const reply = await api.fetch(`${target.origin}${target.path}/${encodeURIComponent(id)}${suffix}${query}`, {
    method,
    headers: { accept: 'application/json', ...target.headers },
    signal: context.signal,
    ...(target.ca !== undefined && { ca: target.ca }),
  })
  // What the vendor no longer has is to be found nowhere else either. A store that fails is an error: what it holds could still be gone on from.
  if (method === 'DELETE' && (reply.status < 300 || reply.status === 404)) await forget(sources, principal, id)
  return { status: reply.status, headers: { 'content-type': 'application/json', ...retryHeaders(reply.headers) }, body: reply.body }
}

async function answerKept(sources: Sources, method: Method, suffix: string, id: string, kept: KeptReply, context: RequestContext): Promise<PluginResponse> {
  const principal = context.principal?.id
  if (method === 'POST')
    return refusal(new GatewayError('TKL_REQUEST_INVALID', 'The reply is over, and did not run in the background: there is nothing to cancel.'))
  if (method === 'DELETE') {
    await forget(sources, principal, id)
    return deleted(id)
  }
  if (suffix === '') return { status: 200, body: kept.response }
  const items = await sources.book.inputOf(principal, kept)
  return items ? { status: 200, body: listInputItems(items, id, context.query) } : refusal(notFound(id))
}

/** Removes what is kept of a reply, or keeps it from being kept; tells whether it was still being written. Rejects as the store does. */
async function forget({ book, running }: Sources, principal: string | undefined, id: string): Promise<boolean> {
  // First, or it could be kept in between.
  const ran = running.delete(principal, id)
  await book.forget(principal, id)
  return ran
}

function deleted(id: string): PluginResponse {
  return { status: 200, body: { id, object: 'response', deleted: true } }
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
