import { createRequire } from 'node:module'
import pino, { type DestinationStream, type Logger } from 'pino'

/** Header and option names whose values must not be printed, at any depth up to two. */
const secretNames = [
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
  'x-tokligence-key',
  'cookie',
  'set-cookie',
  'apiKey',
  'password',
  'secret',
  'token',
]

const redactedPaths = secretNames.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`])

/** A bearer token or a key-shaped word inside free text. */
const secretText = /\b(Bearer\s+)[\w.~+/=-]{8,}|\b(?:sk|tk|pk|rk|key)-[\w-]{16,}|\bAIza[\w-]{30,}|([?&]key=)[^&\s"']+/g

export function redactText(text: string): string {
  return text.replace(secretText, (_match, bearer: string | undefined, query: string | undefined) => `${bearer ?? query ?? ''}[redacted]`)
}

export interface LoggerOptions {
  readonly level: string
  readonly format: 'json' | 'pretty'
  /** Standard output when absent. */
  readonly destination?: DestinationStream
}

/** Logs as JSON lines, or readable for people. Secrets are taken out of known fields, error messages and stacks. */
export function createLogger(options: LoggerOptions): Logger {
  const stream = options.format === 'pretty' ? prettyStream(options.destination) : (options.destination ?? pino.destination({ dest: 1, sync: true }))
  return pino(
    {
      level: options.level,
      base: null,
      redact: { paths: redactedPaths, censor: '[redacted]' },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: serializeError, err: serializeError },
      hooks: {
        logMethod(parameters, method) {
          method.apply(this, parameters.map((parameter) => (typeof parameter === 'string' ? redactText(parameter) : parameter)) as Parameters<typeof method>)
        },
      },
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

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? redactText(error) : error
  const cause = error.cause === undefined ? {} : { cause: serializeError(error.cause) }
  const code = 'code' in error ? { code: error.code } : {}
  return { type: error.name, message: redactText(error.message), ...code, stack: redactText(error.stack ?? ''), ...cause }
}
