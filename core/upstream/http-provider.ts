import { createHash } from 'node:crypto'
import type { Secret } from '../config/secret.ts'
import type { Operation, ProtocolId } from '../contracts/protocol.ts'
import type { Provider, ProviderCall, ProviderTarget } from '../contracts/provider.ts'
import type { UpstreamTimeouts } from '../contracts/upstream.ts'
import { GatewayError } from '../errors.ts'
import { parseBaseUrl } from './base-url.ts'
import { callerLogin } from './caller-login.ts'
import { listModels, type ModelListing } from './model-listing.ts'

/**
 * Whose credentials go to the provider:
 * - `own`: the configured key.
 * - `forward`: the caller's own vendor login, on identity routes only; the configured key is never used.
 * - `own-else-forward`: the configured key, or the caller's login where there is none.
 */
export type CredentialsPolicy = 'own' | 'forward' | 'own-else-forward'

/** A path behind the base URL, beginning with a slash. */
export type EndpointPath = string | ((call: ProviderCall) => string)

export interface HttpProviderSettings {
  /** The plugin's id, for messages. */
  readonly id: string
  /** With or without a path and a slash at its end. */
  readonly baseUrl: string
  /** The richest first. */
  readonly protocols: readonly ProtocolId[]
  /** protocol → operation → path. */
  readonly endpoints: Readonly<Record<ProtocolId, Readonly<Record<string, EndpointPath>>>>
  readonly key: Secret | undefined
  /** The headers that carry the key, lower-cased. */
  readonly authorize: (key: string) => Readonly<Record<string, string>>
  /** `false` when the provider also answers without a key. True when absent. */
  readonly keyRequired?: boolean
  /** The headers, lower-cased, in which callers carry this vendor's login. */
  readonly forwardable: readonly string[]
  /** `own` when absent. */
  readonly credentials?: CredentialsPolicy
  /** Set over whatever the caller sent; lower-cased names. */
  readonly headers?: Readonly<Record<string, string>>
  /** Set where an identity caller did not send the header itself; lower-cased names. */
  readonly defaultHeaders?: Readonly<Record<string, string>>
  readonly timeouts?: { readonly [Name in keyof UpstreamTimeouts]?: number | undefined }
  /** Extra certificate authorities, PEM. */
  readonly ca?: string | undefined
  /** True when absent. */
  readonly streamUsage?: boolean
  readonly adapt?: Provider['adapt']
  readonly bodyHeaders?: Provider['bodyHeaders']
  readonly models?: ModelListing
}

const defaultTimeouts: UpstreamTimeouts = { connect: 10_000, firstByte: 600_000, idle: 300_000 }

/** Makes a provider that is reached over HTTP. Throws GatewayError `TKL_CONFIG_INVALID` for a base URL that cannot be used. */
export function httpProvider(given: HttpProviderSettings): Provider {
  const settings = given.credentials === 'forward' ? { ...given, key: undefined } : given
  const { protocols, key, ca, adapt, bodyHeaders, models } = settings
  const base = parseBaseUrl(settings.baseUrl)
  const timeouts = mergeTimeouts(settings.timeouts)
  const login = loginFor(settings)
  const headers = headersFor(settings)
  // A list of models is asked for without a caller, so it needs a key of our own where the provider demands one.
  const listing = models && (key !== undefined || settings.keyRequired === false) ? models : undefined
  return {
    protocols,
    account: key === undefined ? 'none' : digestOf(base.origin, key),
    streamUsage: settings.streamUsage ?? true,
    supports: (protocol, operation) => endpointOf(settings, protocol, operation) !== undefined,
    open(call): ProviderTarget {
      const path = endpointOf(settings, call.protocol, call.operation)
      if (path === undefined)
        throw new GatewayError(
          'TKL_OPERATION_UNSUPPORTED',
          `The provider "${settings.id}" has no operation "${call.operation}" in the protocol "${call.protocol}".`,
        )
      return {
        method: 'POST',
        origin: base.origin,
        path: base.prefix + (typeof path === 'string' ? path : path(call)),
        headers: { ...headers(call), ...login(call) },
        timeouts,
        ...(ca !== undefined && { ca }),
      }
    },
    ...(adapt && { adapt }),
    ...(bodyHeaders && { bodyHeaders }),
    ...(listing && {
      listModels: (signal: AbortSignal) =>
        listModels(listing, { id: settings.id, url: base.origin + base.prefix, headers: listingHeaders(settings), ...(ca !== undefined && { ca }) }, signal),
    }),
  }
}

/** The same key at another server is another account: local servers take any, and many are given the same. */
function digestOf(origin: string, key: Secret): string {
  return createHash('sha256').update(`${origin}\n${key.reveal()}`).digest('hex').slice(0, 12)
}

function endpointOf({ protocols, endpoints }: HttpProviderSettings, protocol: ProtocolId, operation: Operation): EndpointPath | undefined {
  const operations = protocols.includes(protocol) && Object.hasOwn(endpoints, protocol) ? endpoints[protocol] : undefined
  return operations && Object.hasOwn(operations, operation) ? operations[operation] : undefined
}

function mergeTimeouts(given: HttpProviderSettings['timeouts'] = {}): UpstreamTimeouts {
  return {
    connect: given.connect ?? defaultTimeouts.connect,
    firstByte: given.firstByte ?? defaultTimeouts.firstByte,
    idle: given.idle ?? defaultTimeouts.idle,
  }
}

/** The headers of a call, credentials excepted. */
function headersFor(settings: HttpProviderSettings): (call: ProviderCall) => Readonly<Record<string, string>> {
  const fixed = settings.headers ?? {}
  const everything = { ...settings.defaultHeaders, ...fixed }
  const yielding = Object.keys(settings.defaultHeaders ?? {}).filter((name) => !(name in fixed))
  if (yielding.length === 0) return () => everything
  return (call) => {
    if (call.path !== 'identity' || !yielding.some((name) => call.callerHeaders[name] !== undefined)) return everything
    return Object.fromEntries(Object.entries(everything).filter(([name]) => !yielding.includes(name) || call.callerHeaders[name] === undefined))
  }
}

function listingHeaders({ defaultHeaders, headers, key, authorize }: HttpProviderSettings): Readonly<Record<string, string>> {
  return { accept: 'application/json', ...defaultHeaders, ...headers, ...(key && authorize(key.reveal())) }
}

/** The credentials of a call. The answer throws GatewayError `TKL_PROVIDER_KEY_MISSING` when there are none to send. */
function loginFor(settings: HttpProviderSettings): (call: ProviderCall) => Readonly<Record<string, string>> {
  const { key, forwardable, credentials = 'own', keyRequired = true } = settings
  if (key !== undefined) {
    const own = settings.authorize(key.reveal())
    return () => own
  }
  return (call) => {
    const forwarded = credentials === 'own' || call.path !== 'identity' ? undefined : callerLogin(call.callerHeaders, forwardable)
    if (forwarded) return forwarded
    if (!keyRequired && credentials !== 'forward') return {}
    throw new GatewayError('TKL_PROVIDER_KEY_MISSING', keyMissing(settings, call))
  }
}

function keyMissing({ id, credentials = 'own', forwardable }: HttpProviderSettings, call: ProviderCall): string {
  if (credentials === 'own') return `The provider "${id}" has no key. Set its option \`apiKey\`.`
  const remedy = credentials === 'forward' ? 'Set its option `credentials` to "own" and give it an `apiKey`' : 'Set its option `apiKey`'
  if (call.path !== 'identity')
    return `The provider "${id}" has no key for this request: the caller's own login can be passed on only where both speak the same protocol. ${remedy}.`
  return `The provider "${id}" has no key, and the caller sent no login of its own in ${forwardable.join(' or ')} (a key of this gateway goes in x-tokligence-key). ${remedy}, or send one.`
}
