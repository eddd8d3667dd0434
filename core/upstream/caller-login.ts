import type { RequestHeaders } from '../contracts/protocol.ts'

/** Our own keys begin with `tk-` or `tkl`, wherever in a header's value they stand: bare, behind a scheme, or in a list. */
const gatewayKey = /(?:^|[\s,;:="'])(?:tk-|tkl)/i

/**
 * The caller's own vendor login: those of the named headers that it sent. A value that looks like a key of this gateway is left out, because it
 * would hand our caller's key to a third party. Undefined when nothing is left.
 */
export function callerLogin(headers: RequestHeaders, names: readonly string[]): Readonly<Record<string, string>> | undefined {
  let login: Record<string, string> | undefined
  for (const name of names) {
    const value = headers[name]
    if (typeof value !== 'string' || value === '' || gatewayKey.test(value)) continue
    login ??= {}
    login[name] = value
  }
  return login
}
