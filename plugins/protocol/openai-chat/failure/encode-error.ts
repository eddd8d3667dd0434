import { type ErrorKind, formatEvent, type JsonObject, type WireError } from 'tokligence'

const types: Readonly<Record<ErrorKind, string>> = {
  'invalid-request': 'invalid_request_error',
  authentication: 'authentication_error',
  billing: 'insufficient_quota',
  permission: 'permission_error',
  'not-found': 'not_found_error',
  conflict: 'invalid_request_error',
  'too-large': 'invalid_request_error',
  'unsupported-media': 'invalid_request_error',
  'rate-limit': 'rate_limit_error',
  overloaded: 'server_error',
  timeout: 'server_error',
  upstream: 'server_error',
  internal: 'server_error',
}

/** Words for types of errors that vendors of this protocol do not use. */
const foreignTypes = new Set(['api_error', 'billing_error', 'overloaded_error', 'request_too_large', 'timeout_error'])

/** The vendor's envelope. Its own word for the type is kept when a vendor of this protocol said it. */
export function encodeError(error: WireError): JsonObject {
  const { vendorType, kind, message, param, code } = error
  return {
    error: {
      message,
      type: vendorType !== undefined && isOurs(vendorType) ? vendorType : types[kind],
      param: param ?? null,
      code: code ?? (kind === 'billing' ? 'insufficient_quota' : null),
    },
  }
}

/** Words in capitals are the canonical codes of Google's APIs. */
function isOurs(vendorType: string): boolean {
  return !foreignTypes.has(vendorType) && !/^[A-Z][A-Z_]+$/.test(vendorType)
}

export function encodeStreamError(error: WireError): string {
  return formatEvent(JSON.stringify(encodeError(error)))
}
