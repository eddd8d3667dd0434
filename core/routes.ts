import findMyWay, { type HTTPMethod } from 'find-my-way'
import type { Operation, Protocol, RequestHeaders, RouteClaims } from './contracts/protocol.ts'
import { GatewayError } from './errors.ts'
import type { PluginRoute } from './plugin.ts'

/** What answers on a path: an operation of a protocol, or a plugin itself. */
export type Endpoint =
  | { readonly type: 'protocol'; readonly protocol: Protocol; readonly operation: Operation; readonly claims: Claims }
  | { readonly type: 'plugin'; readonly protocol: Protocol | undefined; readonly route: PluginRoute; readonly claims: Claims }

type Claims = RouteClaims | undefined

export interface FoundEndpoint {
  readonly endpoint: Endpoint
  readonly params: Readonly<Record<string, string | undefined>>
}

const methods: readonly HTTPMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']

/** Method and path → endpoint. Several plugins may share a path; the first whose `claims` says yes answers, one without `claims` takes the rest. */
export class RouteTable {
  readonly #router = findMyWay({ ignoreTrailingSlash: true, maxParamLength: 500 })
  readonly #lists = new Map<string, Endpoint[]>()

  add(method: HTTPMethod, path: string, endpoint: Endpoint): void {
    const key = `${method} ${path}`
    const list = this.#lists.get(key)
    if (list) {
      if (!endpoint.claims && list.some((other) => !other.claims))
        throw new GatewayError('TKL_CONFIG_INVALID', `Two plugins answer ${key}. Remove one of them.`)
      list.push(endpoint)
      list.sort((a, b) => Number(a.claims === undefined) - Number(b.claims === undefined))
      return
    }
    const created = [endpoint]
    this.#lists.set(key, created)
    try {
      this.#router.on(method, path, () => undefined, created)
    } catch (error) {
      throw new GatewayError('TKL_CONFIG_INVALID', `The endpoint ${key} cannot stand beside another one: ${(error as Error).message}`, { cause: error })
    }
  }

  /** Throws GatewayError `TKL_NOT_FOUND` or `TKL_METHOD_NOT_ALLOWED`. */
  find(method: string, path: string, headers: RequestHeaders, query: () => URLSearchParams): FoundEndpoint {
    const found = this.#router.find(method as HTTPMethod, path)
    if (found) {
      for (const endpoint of found.store as Endpoint[])
        if (!endpoint.claims || endpoint.claims(headers, query(), found.params)) return { endpoint, params: found.params }
    }
    const allowed = found ? [] : this.allowedMethods(path)
    if (allowed.length > 0)
      throw new GatewayError('TKL_METHOD_NOT_ALLOWED', `${path} does not take ${method}; it takes ${allowed.join(', ')}.`, {
        details: { allow: allowed.join(', ') },
      })
    throw new GatewayError('TKL_NOT_FOUND', `There is no ${method} ${path} here.`)
  }

  allowedMethods(path: string): HTTPMethod[] {
    return methods.filter((method) => this.#router.find(method, path) !== null)
  }

  /** The protocol whose endpoints a path is nearest to, for the envelope of errors on unknown paths. */
  protocolOf(path: string, headers: RequestHeaders, query: URLSearchParams): Protocol | undefined {
    for (const method of methods) {
      const found = this.#router.find(method, path)
      const store = (found?.store ?? []) as Endpoint[]
      const near = store.find(({ claims }) => !claims || claimsIt(claims, headers, query, found?.params)) ?? store[0]
      if (near?.protocol) return near.protocol
    }
    return undefined
  }
}

/** A claim may answer with an error, which is then the answer of its own protocol. */
function claimsIt(claims: RouteClaims, headers: RequestHeaders, query: URLSearchParams, params: FoundEndpoint['params'] = {}): boolean {
  try {
    return claims(headers, query, params)
  } catch {
    return true
  }
}
