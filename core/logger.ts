import { createRequire } from 'node:module'
import { isNativeError } from 'node:util/types'
import pino, { type DestinationStream, type Logger } from 'pino'

/** How the name of a field ends whose value must not be printed, whatever it is. */
const secretName = /(?:authorization|token|(?:cookie|passw(?:or)?d|passphrase|secret|credential|(?:api|private|access|secret|tokligence)[-_]?key)s?)$/i

const headerName = '(?:(?:[Aa]pi|API)[-_](?:[Kk]ey|KEY)|[Tt]okligence-[Kk]ey|[Aa]uthorization|AUTHORIZATION)'
const parameterName = '(?:[Aa]pi_?[Kk]ey|[Pp]assword|[Ss]ecret|[?&]key|[Tt]oken)'

/** What secrets look like inside of text. The groups, one in each of the first five, are what stays in front of them. */
const secretText = new RegExp(
  [
    // A member of an object as JSON, perhaps inside of a string. Stars stand for a value that is hidden already.
    `((?:${headerName}|${parameterName})\\\\?["']\\s*[:=]\\s*\\\\?["'])[^"'\\\\*]{3,}`,
    // Without quotes, `apiKey: value` is how code and people write about options.
    `((?:${headerName}\\s*[:=]\\s*|${parameterName}=)["']?)(?:(?:[Bb]earer|BEARER|[Bb]asic|BASIC|[Tt]oken|[Dd]igest)\\s+)?[^\\s"',;&{}<>[\\]\\\\]{3,}`,
    String.raw`(\b(?:[Bb]earer|BEARER)\s+)[\w.~+/=-]{8,}`,
    // Base64 of a name and a password; "basic authentication" is not.
    String.raw`(\b(?:[Bb]asic|BASIC)\s+)(?=[a-z]*[A-Z0-9+/=])[\w+/=-]{8,}`,
    // In a URL, up to the last at sign before the path: a password may contain one.
    `(://)[^\\s/?#"'<>]+(?=@)`,
    String.raw`\b(?:sk|tk|pk|rk|key|xai)-[\w-]{16,}|\b(?:gsk|hf|gh[opsru]|[spr]k_live|[spr]k_test)_[A-Za-z0-9]{10,}|\bgithub_pat_\w{10,}`,
    String.raw`\bAIza[\w-]{30,}|\bA[KS]IA[0-9A-Z]{12,}|\beyJ[\w-]{4,500}\.[\w-]+\.[\w-]*`,
  ].join('|'),
  'g',
)

export function redactText(text: string): string {
  if (text.length < 8) return text
  return text.replace(secretText, (_match, ...groups: readonly unknown[]) => `${groups.slice(0, 5).find((kept) => kept !== undefined) ?? ''}[redacted]`)
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
  const logger = pino(
    {
      level: options.level,
      base: null,
      formatters: { level: (label) => ({ level: label }), log: printable },
      timestamp: pino.stdTimeFunctions.isoTime,
      // `log` has made plain objects of errors already. The message is looked at once its parameters are in it.
      serializers: { err: (error: unknown) => error, msg: (message: unknown) => (typeof message === 'string' ? redactText(message) : message) },
    },
    stream,
  )
  const { child } = logger
  // Fields of a child logger do not pass through `formatters`.
  logger.child = function (this: Logger, fields: object, ...options: never[]) {
    return child.call(this, printable(fields), ...options)
  } as Logger['child']
  return logger
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
const largest = { depth: 8, count: 2_000, text: 16_384 }

function printable(fields: object): Record<string, unknown> {
  const copy = sanitise(fields, [], { left: largest.count })
  return typeof copy === 'object' ? (copy as Record<string, unknown>) : { value: copy }
}

/** A copy that can be printed: without secrets, cycles, and what is beyond the bounds. `above` are the objects that the value is inside of. */
function sanitise(value: unknown, above: readonly object[], budget: { left: number }): unknown {
  if (typeof value === 'string') return sanitiseText(value)
  if (typeof value !== 'object' || value === null) return value
  if (above.includes(value)) return '[circular]'
  if (above.length >= largest.depth || budget.left <= 0) return '[cut]'
  try {
    const inside = [...above, value]
    if (isNativeError(value) || value instanceof Error) return sanitiseError(value, inside, budget)
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    if ('toJSON' in value && typeof value.toJSON === 'function') return sanitise(value.toJSON(), inside, budget)
    if (!Array.isArray(value)) return sanitiseFields(value, inside, budget)
    const shown = value.slice(0, Math.max(0, budget.left))
    budget.left -= shown.length
    return shown.map((item) => sanitise(item, inside, budget))
  } catch (error) {
    // A getter or a proxy of somebody else's; the rest of the line is worth printing.
    return `[unreadable: ${redactText(String(error))}]`
  }
}

function sanitiseText(text: string): string {
  if (text.length <= largest.text) return redactText(text)
  // Looked at a little further, so that the cut leaves no half of a secret.
  return `${redactText(text.slice(0, largest.text + 4_096)).slice(0, largest.text)}… [${text.length} characters]`
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
