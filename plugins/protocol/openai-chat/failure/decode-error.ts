import { type ErrorKind, isJsonObject, type Json, type JsonObject, kindOfStatus, type RequestHeaders, readRetryAfter, type WireError } from 'tokligence'

/** What the vendor's codes stand for; a code says more than the type, and both more than the status. */
const codes = new Map<string, ErrorKind>([
  ['invalid_api_key', 'authentication'],
  ['invalid_organization', 'authentication'],
  ['model_not_found', 'not-found'],
  ['insufficient_quota', 'billing'],
  ['billing_hard_limit_reached', 'billing'],
  ['billing_not_active', 'billing'],
  ['rate_limit_exceeded', 'rate-limit'],
  ['context_length_exceeded', 'invalid-request'],
  ['string_above_max_length', 'invalid-request'],
  ['content_filter', 'invalid-request'],
  ['content_policy_violation', 'invalid-request'],
  ['unsupported_country_region_territory', 'permission'],
])

const types = new Map<string, ErrorKind>([
  ['authentication_error', 'authentication'],
  ['permission_error', 'permission'],
  ['not_found_error', 'not-found'],
  ['insufficient_quota', 'billing'],
  ['rate_limit_error', 'rate-limit'],
  // The vendor names the limit that was passed.
  ['requests', 'rate-limit'],
  ['tokens', 'rate-limit'],
  ['overloaded_error', 'overloaded'],
  ['engine_overloaded', 'overloaded'],
  ['timeout', 'timeout'],
])

/** Whatever a host answers instead of a reply. Never throws. */
export function decodeError(status: number, body: Buffer, headers: RequestHeaders): WireError {
  const text = body.toString('utf8').trim()
  const retryAfter = readRetryAfter(headers)
  return { ...readBody(status, text), ...(retryAfter !== undefined && { retryAfter }) }
}

/** An error that came inside a stream or inside an answer with status 200; it may name its own status as its code. */
export function decodeErrorValue(value: Json): WireError {
  const code = isJsonObject(value) ? (value.status ?? value.code) : undefined
  const named = typeof code === 'number' && code >= 400 && code < 600 ? code : undefined
  const error = fromEnvelope(named ?? 502, { error: value })
  return named === undefined && error.kind !== 'upstream' ? { ...error, status: statuses[error.kind] } : error
}

const statuses: Readonly<Record<ErrorKind, number>> = {
  'invalid-request': 400,
  authentication: 401,
  billing: 402,
  permission: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'unsupported-media': 415,
  'rate-limit': 429,
  overloaded: 503,
  timeout: 504,
  upstream: 502,
  internal: 500,
}

function readBody(status: number, text: string): WireError {
  const bare = (message: string): WireError => ({ status, kind: kindOfStatus(status), message })
  if (text === '') return bare(`The provider answered with status ${status} and no body.`)
  let parsed: Json
  try {
    parsed = JSON.parse(text) as Json
  } catch {
    // Proxies on the way answer in HTML or plain text.
    return bare(/^<(!doctype|html|\?xml)/i.test(text) ? describeHtml(status, text) : clip(text))
  }
  return fromEnvelope(status, parsed)
}

/** `{error: {…}}`, `{error: "…"}`, `[{error: …}]` (Gemini's endpoint), a bare `{message}` (Mistral), `{detail}` (FastAPI). */
function fromEnvelope(status: number, parsed: Json): WireError {
  const outer = Array.isArray(parsed) ? (parsed[0] as Json | undefined) : parsed
  if (!isJsonObject(outer)) return { status, kind: kindOfStatus(status), message: clip(typeof outer === 'string' ? outer : JSON.stringify(parsed)) }
  const error = outer.error ?? outer
  if (!isJsonObject(error)) return { status, kind: kindOfStatus(status), message: clip(typeof error === 'string' ? error : JSON.stringify(error)) }
  const { message, type, param, code: rawCode, ...rest } = error
  const code = typeof rawCode === 'string' ? rawCode : typeof rawCode === 'number' ? String(rawCode) : undefined
  const details = error === outer ? withoutMessage(rest) : rest
  return {
    status,
    kind: kindOf(status, code, typeof type === 'string' ? type : undefined),
    message: clip(messageOf(message ?? outer.message ?? outer.detail, error)),
    ...(code !== undefined && { code }),
    ...(typeof type === 'string' && { vendorType: type }),
    ...(typeof param === 'string' && { param }),
    ...(Object.keys(details).length > 0 && { details }),
  }
}

function withoutMessage(rest: JsonObject): JsonObject {
  const { detail: _, object: __, ...others } = rest
  return others
}

function kindOf(status: number, code: string | undefined, type: string | undefined): ErrorKind {
  return (code === undefined ? undefined : codes.get(code)) ?? (type === undefined ? undefined : types.get(type)) ?? kindOfStatus(status)
}

function messageOf(message: Json | undefined, error: JsonObject): string {
  if (typeof message === 'string' && message !== '') return message
  return JSON.stringify(message ?? error)
}

function describeHtml(status: number, html: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(html)?.[1]?.trim()
  return title ? `The provider answered with status ${status} and a web page: ${clip(title)}` : `The provider answered with status ${status} and a web page.`
}

const longestMessage = 4_000

function clip(text: string): string {
  return text.length <= longestMessage ? text : `${text.slice(0, longestMessage)}…`
}
