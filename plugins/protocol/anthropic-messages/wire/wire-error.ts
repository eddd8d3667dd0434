import {
  type ErrorKind,
  formatEvent,
  isJsonObject,
  type Json,
  type JsonObject,
  kindOfStatus,
  type RequestHeaders,
  readRetryAfter,
  type WireError,
} from 'tokligence'

/** ErrorType in @anthropic-ai/sdk 1.12.0, with the status that each comes with in the vendor's documentation. */
const kinds: ReadonlyMap<string, ErrorKind> = new Map([
  ['invalid_request_error', 'invalid-request'],
  ['authentication_error', 'authentication'],
  ['billing_error', 'billing'],
  ['permission_error', 'permission'],
  ['not_found_error', 'not-found'],
  ['conflict_error', 'conflict'],
  ['request_too_large', 'too-large'],
  ['rate_limit_error', 'rate-limit'],
  ['api_error', 'internal'],
  ['timeout_error', 'timeout'],
  ['overloaded_error', 'overloaded'],
])

const statuses: { readonly [Kind in ErrorKind]: number } = {
  'invalid-request': 400,
  authentication: 401,
  billing: 402,
  permission: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'unsupported-media': 415,
  'rate-limit': 429,
  overloaded: 529,
  timeout: 504,
  upstream: 502,
  internal: 500,
}

const types: { readonly [Kind in ErrorKind]: string } = {
  'invalid-request': 'invalid_request_error',
  authentication: 'authentication_error',
  billing: 'billing_error',
  permission: 'permission_error',
  'not-found': 'not_found_error',
  conflict: 'invalid_request_error',
  'too-large': 'request_too_large',
  'unsupported-media': 'invalid_request_error',
  'rate-limit': 'rate_limit_error',
  overloaded: 'overloaded_error',
  timeout: 'timeout_error',
  upstream: 'api_error',
  internal: 'api_error',
}

/** Longest piece of an unreadable body that is shown. */
const excerptLength = 500

export function decodeError(status: number, body: Buffer, headers: RequestHeaders): WireError {
  const text = body.toString('utf8').trim()
  const retryAfter = readRetryAfter(headers)
  return { ...describe(status, text), status, ...(retryAfter !== undefined && { retryAfter }) }
}

/** The error inside of a stream's `error` event, or of a reply that came with status 200: it has no status of its own. */
export function decodeStreamError(data: JsonObject): WireError {
  const { vendorType, ...rest } = readEnvelope(502, data)
  const kind = (vendorType === undefined ? undefined : kinds.get(vendorType)) ?? 'upstream'
  return { ...rest, kind, status: statuses[kind], ...(vendorType !== undefined && { vendorType }) }
}

function describe(status: number, text: string): Omit<WireError, 'status'> {
  const kind = kindOfStatus(status)
  if (text === '') return { kind, message: `The provider answered with status ${status} and an empty body.` }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind, message: describeText(status, text) }
  }
  return isJsonObject(value) ? readEnvelope(status, value) : { kind, message: describeText(status, text) }
}

function readEnvelope(status: number, body: JsonObject): Omit<WireError, 'status'> {
  const error: JsonObject = isJsonObject(body.error) ? body.error : typeof body.error === 'string' ? { message: body.error } : body
  const vendorType = typeof error.type === 'string' && error.type !== 'error' ? error.type : undefined
  const message = [error.message, error.detail].find((part): part is string => typeof part === 'string' && part !== '')
  const details = error.details ?? undefined
  const code = isJsonObject(details) && typeof details.error_code === 'string' ? details.error_code : typeof error.code === 'string' ? error.code : undefined
  return {
    kind: (vendorType === undefined ? undefined : kinds.get(vendorType)) ?? kindOfStatus(status),
    message: message ?? `The provider answered with status ${status}: ${JSON.stringify(body).slice(0, excerptLength)}`,
    ...(vendorType !== undefined && { vendorType }),
    ...(code !== undefined && { code }),
    ...(details !== undefined && { details }),
  }
}

function describeText(status: number, text: string): string {
  if (!/^\s*<(?:!doctype|html|\?xml)/i.test(text)) return text.slice(0, excerptLength)
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text.slice(0, 65_536))?.[1]?.trim()
  return `The provider answered with status ${status} and a page instead of an error${title ? `: ${title}` : ''}.`
}

/** The vendor's own word stays where it is a word of this protocol for the same kind of failure. */
function errorType({ kind, vendorType }: WireError): string {
  return vendorType !== undefined && kinds.get(vendorType) === kind ? vendorType : types[kind]
}

export function encodeError(error: WireError, requestId?: string): JsonObject {
  const details: Json | undefined = error.details
  return {
    type: 'error',
    error: { type: errorType(error), message: error.message, ...(details !== undefined && { details }) },
    ...(requestId !== undefined && { request_id: requestId }),
  }
}

export function encodeStreamError(error: WireError, requestId?: string): string {
  return formatEvent(JSON.stringify(encodeError(error, requestId)), 'error')
}
