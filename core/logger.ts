import { createRequire } from 'node:module'
import { isNativeError } from 'node:util/types'
import pino, { type DestinationStream, type Logger } from 'pino'

/** How a field is called whose value must not be printed, whatever it is: the end of its name. */
const secretName = /(?:authorization|cookie|password|passwd|passphrase|secret|token|credentials?|(?:api|private|access|secret|tokligence)[-_]?key)$/i

/** What secrets look like inside of text. The groups are what stays in front of them. */
const secretText = new RegExp(
  [
    // The value of a header, a parameter or a JSON member; `apiKey: value` without quotes is how people and code write about options.
    /((?:(?:(?:api|Api|API)[-_]?(?:key|Key|KEY)|(?:access|refresh|auth)_token|client_secret|[Pp]assword|[?&](?:key|token))\\?["']?=|(?:(?:api|Api|API)[-_](?:key|Key|KEY)|[Tt]okligence-[Kk]ey|[Aa]uthorization|AUTHORIZATION)\\?["']?\s*[:=]|(?:api_?[Kk]ey|[Pp]assword|[Ss]ecret|[Tt]oken)\\?["']\s*:\s*(?=\\?["']))\s*\\?["']?)(?:(?:[Bb]earer|BEARER|[Bb]asic|BASIC|[Tt]oken|[Dd]igest)\s+)?[^\s"',;&{}<>[\]\\]{3,}/,
    /(\b(?:[Bb]earer|BEARER)\s+)[\w.~+/=-]{8,}/,
    // Base64 of a name and a password; "basic authentication" is not.
    /(\b(?:[Bb]asic|BASIC)\s+)(?=[a-z]*[A-Z0-9+/=])[\w+/=-]{8,}/,
    // Up to the last at sign before the path: a password may contain one.
    /(:\/\/)[^\s/?#"'<>]+(?=@)/,
    /\b(?:sk|tk|pk|rk|key|xai)-[\w-]{16,}|\b(?:gsk|hf|gh[opsru]|[spr]k_live|[spr]k_test)_[A-Za-z0-9]{10,}|\bgithub_pat_\w{10,}/,
    /\bAIza[\w-]{30,}|\bA[KS]IA[0-9A-Z]{12,}|\beyJ[\w-]{4,2000}\.[\w-]+\.[\w-]*/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
)

export function redactText(text: string): string {
  if (text.length < 8) return text
  return text.replace(
    secretText,
    (_match, field?: string, bearer?: string, basic?: string, url?: string) => `${field ?? bearer ?? basic ?? url ?? ''}[redacted]`,
  )
}

export interface LoggerOptions {
  readonly level: string
  readonly format: 'json' | 'pretty'
  /** Standard output when absent. */
  readonly destination?: DestinationStream
}

/** Logs as JSON lines, or readable for people. Secrets are taken out of messages, of fields named like one, and of all text in the others. */
export function createLogger(options: LoggerOptions): Logger {
  const stream = options.format === 'pretty' ? prettyStream(options.destination) : (options.destination ?? pino.destination({ dest: 1, sync: true }))
  return pino(
    {
      level: options.level,
      base: null,
      formatters: { level: (label) => ({ level: label }), log: (fields) => sanitise(fields, [], { left: largestCount }) as Record<string, unknown> },
      timestamp: pino.stdTimeFunctions.isoTime,
      // `log` has made plain objects of errors already. The message is looked at once its parameters are in it.
      serializers: { err: (error: unknown) => error, msg: (message: unknown) => (typeof message === 'string' ? redactText(message) : message) },
    },
    stream,
  )
}

function prettyStream(destination: DestinationStream | undefined): DestinationStream {
  const pretty = createRequire(import.meta.url)('pino-pretty') as (options: object) => DestinationStream
  return pretty({
    colorize: !process.env.NO_COLOR && Boolean(process.stdout.isTTY),
    translateTime: 'HH:MM:ss.l',
    ignore: 'pid,hostname',
    destination: destination ?? 1,
    sync: true,
  })
}

/** Bounds of one log line: levels of nesting, values in all, characters of one text. */
const largestDepth = 8
const largestCount = 2_000
const largestText = 16_384

/** A copy that can be printed: without secrets, cycles, and what is beyond the bounds. `above` are the objects that the value is inside of. */
function sanitise(value: unknown, above: readonly object[], budget: { left: number }): unknown {
  if (typeof value === 'string') return sanitiseText(value)
  if (typeof value !== 'object' || value === null) return value
  if (above.includes(value)) return '[circular]'
  if (above.length >= largestDepth || budget.left <= 0) return '[cut]'
  try {
    const inside = [...above, value]
    if (isNativeError(value) || value instanceof Error) return sanitiseError(value, inside, budget)
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    if ('toJSON' in value && typeof value.toJSON === 'function') return sanitise(value.toJSON(), inside, budget)
    return Array.isArray(value) ? sanitiseList(value, inside, budget) : sanitiseFields(value, inside, budget)
  } catch (error) {
    // A getter or a proxy of somebody else's; the rest of the line is worth printing.
    return `[unreadable: ${redactText(String(error))}]`
  }
}

function sanitiseText(text: string): string {
  return text.length <= largestText ? redactText(text) : `${redactText(text.slice(0, largestText))}… [${text.length} characters]`
}

function sanitiseList(list: readonly unknown[], above: readonly object[], budget: { left: number }): unknown[] {
  const shown = list.slice(0, Math.max(0, budget.left))
  budget.left -= shown.length
  return shown.map((item) => sanitise(item, above, budget))
}

function sanitiseFields(fields: object, above: readonly object[], budget: { left: number }): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(fields)) {
    if (budget.left-- <= 0) return { ...copy, '…': '[cut]' }
    const value: unknown = fields[name as keyof typeof fields]
    // Counts, such as the time to the first token, are no secrets.
    const secret = secretName.test(name) && value !== undefined && value !== null && !(typeof value === 'number' && /token$/i.test(name))
    copy[name] = secret ? '[redacted]' : sanitise(value, above, budget)
  }
  return copy
}

function sanitiseError(error: Error, above: readonly object[], budget: { left: number }): Record<string, unknown> {
  const { name: type, message, stack = '', cause } = error
  const fields = { type, message, ...('code' in error && { code: error.code }), stack, ...(cause !== undefined && { cause }) }
  return sanitiseFields(fields, above, budget)
}
