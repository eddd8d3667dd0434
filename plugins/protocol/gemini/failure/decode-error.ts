import { type ErrorKind, isJsonObject, type Json, type JsonObject, kindOfStatus, type RequestHeaders, readRetryAfter, type WireError } from 'tokligence'
import { detailTypes, statusWords } from './status-words.ts'

/** Reasons in an ErrorInfo that say more than the status word: a wrong key is a 400 INVALID_ARGUMENT. */
const reasons: ReadonlyMap<string, ErrorKind> = new Map([
  ['API_KEY_INVALID', 'authentication'],
  ['API_KEY_EXPIRED', 'authentication'],
  ['ACCESS_TOKEN_EXPIRED', 'authentication'],
  ['BILLING_DISABLED', 'billing'],
])

/** Longest piece of a body that is shown. */
const longestMessage = 4_000

/** Whatever a host answers instead of a reply: google.rpc.Status as `{error: …}`, also within a list. Never throws. */
export function decodeError(status: number, body: Buffer, headers: RequestHeaders): WireError {
  const text = body.toString('utf8').trim()
  const { retryAfter: told, ...error } = readBody(status, text)
  const retryAfter = readRetryAfter(headers) ?? told
  return { ...error, status, ...(retryAfter !== undefined && { retryAfter }) }
}

/** An error that came inside of a stream, or under status 200; it names its own status as its code. */
export function decodeErrorValue(value: Json): WireError {
  const { code, status } = isJsonObject(value) ? value : {}
  const named = typeof code === 'number' && code >= 400 && code < 600 ? code : undefined
  const known = typeof status === 'string' ? statusWords.get(status) : undefined
  return readError(named ?? known?.status ?? 502, value)
}

function readBody(status: number, text: string): WireError {
  const bare = (message: string): WireError => ({ status, kind: kindOfStatus(status), message })
  if (text === '') return bare(`The provider answered with status ${status} and no body.`)
  let parsed: Json
  try {
    parsed = JSON.parse(text) as Json
  } catch {
    return bare(/^<(!doctype|html|\?xml)/i.test(text) ? describePage(status, text) : clip(text))
  }
  const outer: Json | undefined = Array.isArray(parsed) ? (parsed as readonly Json[])[0] : parsed
  return readError(status, (isJsonObject(outer) ? outer.error : undefined) ?? outer ?? parsed)
}

function readError(status: number, error: Json): WireError {
  if (!isJsonObject(error)) return { status, kind: kindOfStatus(status), message: clip(typeof error === 'string' ? error : JSON.stringify(error)) }
  const { message, status: word, details } = error
  const vendorType = typeof word === 'string' && word !== '' ? word : undefined
  const list: readonly Json[] = Array.isArray(details) ? details : []
  const reason = detail(list, detailTypes.errorInfo)?.reason
  const violations = detail(list, detailTypes.badRequest)?.fieldViolations
  const violation: Json | undefined = Array.isArray(violations) ? (violations as readonly Json[])[0] : undefined
  const param = isJsonObject(violation) ? violation.field : undefined
  const retryAfter = secondsOf(detail(list, detailTypes.retryInfo)?.retryDelay)
  const kind = (typeof reason === 'string' ? reasons.get(reason) : undefined) ?? kindOf(status, vendorType)
  return {
    status,
    kind,
    message: clip(typeof message === 'string' && message !== '' ? message : JSON.stringify(error)),
    ...(typeof reason === 'string' && { code: reason }),
    ...(vendorType !== undefined && { vendorType }),
    ...(typeof param === 'string' && param !== '' && { param }),
    ...(retryAfter !== undefined && { retryAfter }),
    ...(details !== undefined && details !== null && { details }),
  }
}

/** The word is the vendor's; a host in between may use another status with it. */
function kindOf(status: number, word: string | undefined): ErrorKind {
  const known = word === undefined ? undefined : statusWords.get(word)
  // A body that is too large is an INVALID_ARGUMENT too.
  return known && !(known.kind === 'invalid-request' && status !== 400) ? known.kind : kindOfStatus(status)
}

function detail(details: readonly Json[], type: string): JsonObject | undefined {
  return details.find((entry): entry is JsonObject => isJsonObject(entry) && entry['@type'] === type)
}

/** google.protobuf.Duration as JSON: `48s`, `0.5s`. A part of a second is rounded up. */
function secondsOf(duration: Json | undefined): number | undefined {
  const seconds = typeof duration === 'string' && /^\d+(\.\d+)?s$/.test(duration) ? Number(duration.slice(0, -1)) : Number.NaN
  return Number.isNaN(seconds) ? undefined : Math.ceil(seconds)
}

function describePage(status: number, html: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(html.slice(0, 65_536))?.[1]?.trim()
  return `The provider answered with status ${status} and a web page${title ? `: ${clip(title)}` : '.'}`
}

function clip(text: string): string {
  return text.length <= longestMessage ? text : `${text.slice(0, longestMessage)}…`
}
