import type { RequestHeaders } from '../contracts/protocol.ts'

const hopByHop = ['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']

const neverForwarded = new Set([
  ...hopByHop,
  'host',
  'content-length',
  'content-encoding',
  'accept-encoding',
  'expect',
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
  'cookie',
  'forwarded',
  'via',
  'x-real-ip',
  'x-request-id',
  'origin',
  'referer',
])

const neverReturned = new Set([...hopByHop, 'content-length', 'content-encoding', 'set-cookie', 'x-request-id', 'alt-svc'])

/** The caller's headers that go to a provider of the same protocol, with the provider's own laid over them. Alternating names and values. */
export function identityRequestHeaders(caller: RequestHeaders, own: Readonly<Record<string, string>>): string[] {
  const named = connectionNamed(caller.connection)
  const headers: string[] = []
  for (const name in caller) {
    if (
      neverForwarded.has(name) ||
      named?.includes(name) ||
      name in own ||
      name.startsWith('x-tokligence-') ||
      name.startsWith('x-forwarded-') ||
      name.startsWith('sec-')
    )
      continue
    const value = caller[name]
    if (typeof value === 'string') headers.push(name, value)
    else if (value) for (const item of value) headers.push(name, item)
  }
  return withOwn(headers, own)
}

/** A translated request carries nothing of the caller's headers but its name. */
export function translatedRequestHeaders(caller: RequestHeaders, own: Readonly<Record<string, string>>, stream: boolean): string[] {
  const headers = ['content-type', 'application/json', 'accept', stream ? 'text/event-stream' : 'application/json']
  const agent = caller['user-agent']
  if (typeof agent === 'string' && !('user-agent' in own)) headers.push('user-agent', agent)
  return withOwn(headers, own)
}

function withOwn(headers: string[], own: Readonly<Record<string, string>>): string[] {
  headers.push('accept-encoding', 'identity')
  for (const name in own) headers.push(name, own[name] as string)
  return headers
}

function connectionNamed(value: string | string[] | undefined): string[] | undefined {
  if (value === undefined || value === 'keep-alive' || value === 'close') return undefined
  return String(value)
    .split(',')
    .map((name) => name.trim().toLowerCase())
}

type HeaderMap = Record<string, string | string[]>

/** The provider's headers that go back to a caller of the same protocol. */
export function identityReplyHeaders(upstream: Readonly<HeaderMap>): HeaderMap {
  const named = connectionNamed(upstream.connection)
  const headers: HeaderMap = {}
  for (const name in upstream) if (!neverReturned.has(name) && !named?.includes(name)) headers[name] = upstream[name] as string | string[]
  return withVendorId(headers, upstream)
}

/** The provider's headers that mean the same in every protocol: waiting times, limits, the vendor's ids. */
export function translatedReplyHeaders(upstream: Readonly<HeaderMap>): HeaderMap {
  const headers: HeaderMap = {}
  for (const name in upstream)
    if (name === 'retry-after' || name === 'retry-after-ms' || name === 'request-id' || name.includes('ratelimit'))
      headers[name] = upstream[name] as string | string[]
  return withVendorId(headers, upstream)
}

/** Our own id stands in `x-request-id`; the vendor's moves to a name of its own. */
function withVendorId(headers: HeaderMap, upstream: Readonly<HeaderMap>): HeaderMap {
  const id = upstream['x-request-id']
  if (id !== undefined) headers['x-upstream-request-id'] = id
  return headers
}

/** The id under which the vendor knows the request. */
export function vendorRequestId(upstream: Readonly<HeaderMap>): string | undefined {
  const id = upstream['x-request-id'] ?? upstream['request-id']
  return Array.isArray(id) ? id[0] : id
}
