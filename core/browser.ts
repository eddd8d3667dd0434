import type { ServerResponse } from 'node:http'
import type { ResolvedConfig } from './config/define.ts'
import type { RequestHeaders } from './contracts/protocol.ts'
import { GatewayError } from './errors.ts'
import { acceptRequestId, createId } from './identifiers.ts'
import { isLoopback } from './loopback-address.ts'

/**
 * While there is no authentication, any web page open on this machine could spend the operator's tokens, and DNS rebinding could make a foreign name
 * point here. So: only known host names, only allowed origins, and only JSON bodies, which a page cannot send without asking first.
 */
export function refuseBrowsers(config: ResolvedConfig, method: string, headers: RequestHeaders): void {
  const host = hostName(headers.host)
  if (!isLoopback(host) && host !== config.listen.host && !config.allowedHosts.some((allowed) => hostName(allowed) === host))
    throw new GatewayError(
      'TKL_HOST_REJECTED',
      `The host name "${host}" is not answered while authentication is off. Add it to allowedHosts, or call 127.0.0.1.`,
    )
  const origin = headers.origin
  if (typeof origin === 'string' && !config.allowedOrigins.includes(origin))
    throw new GatewayError('TKL_ORIGIN_REJECTED', `Web pages of ${origin} may not call this gateway. Add the origin to allowedOrigins if they should.`)
  if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH') return
  // Without a body there is nothing to be read, and nothing to be spent.
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return
  const type = headers['content-type']
  if (typeof type !== 'string' || !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type))
    throw new GatewayError(
      'TKL_CONTENT_TYPE_REJECTED',
      `The body must be JSON: send "content-type: application/json"${typeof type === 'string' ? ` instead of "${type}"` : ''}.`,
    )
}

function hostName(value: string | string[] | undefined): string {
  const text = String(value ?? '').toLowerCase()
  if (text.startsWith('[')) return text.slice(1, text.indexOf(']'))
  const colon = text.lastIndexOf(':')
  return colon === -1 ? text : text.slice(0, colon)
}

/** Answers a preflight of an allowed origin, and lets allowed pages read the answer. True when the request is answered. */
export function answerPreflight(config: ResolvedConfig, method: string, headers: RequestHeaders, response: ServerResponse): boolean {
  const origin = headers.origin
  if (typeof origin !== 'string' || !config.allowedOrigins.includes(origin)) return false
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('vary', 'origin')
  response.setHeader('access-control-expose-headers', '*')
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false
  response.writeHead(204, {
    'x-request-id': acceptRequestId(headers['x-request-id']) ?? createId(),
    'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers': String(headers['access-control-request-headers'] ?? '*'),
    'access-control-max-age': '600',
  })
  response.end()
  return true
}
