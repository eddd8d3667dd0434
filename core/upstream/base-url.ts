import { GatewayError } from '../errors.ts'

/** A provider's base URL, cut where an endpoint's own path begins. */
export interface BaseUrl {
  /** Scheme, host and port. */
  readonly origin: string
  /** The path without a slash at its end; empty when there is none. */
  readonly prefix: string
}

/** What is wrong with a base URL, or undefined. Never repeats the text, which may hold a password. */
export function baseUrlFault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be a whole URL such as https://api.example.com/v1'
  const { protocol, username, password, search, hash } = new URL(text)
  if (protocol !== 'https:' && protocol !== 'http:') return 'must begin with https:// or http://'
  if (username !== '' || password !== '') return 'must not hold a user name or a password; credentials belong in `apiKey`'
  if (search !== '' || hash !== '') return 'must not hold a query or a fragment'
  return undefined
}

/** Throws GatewayError `TKL_CONFIG_INVALID`. */
export function parseBaseUrl(text: string): BaseUrl {
  const fault = baseUrlFault(text)
  if (fault !== undefined) throw new GatewayError('TKL_CONFIG_INVALID', `The base URL ${fault}.`)
  const { origin, pathname } = new URL(text)
  return { origin, prefix: pathname.replace(/\/+$/, '') }
}
