import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { resolveSecret, type Secret, type SecretSource, secret } from '../config/secret.ts'
import { baseUrlFault } from './base-url.ts'
import type { CredentialsPolicy } from './http-provider.ts'

/** Headers that the gateway itself writes. */
const reservedHeaders = ['host', 'content-length', 'content-type', 'accept-encoding', 'connection', 'transfer-encoding']

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is no header name')
  .toLowerCase()
  .refine((name) => !reservedHeaders.includes(name), 'is set by the gateway itself')

const headerValue = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'holds a character that a header cannot carry')

const milliseconds = z.number().int().min(0)

const certificate = z.string().includes('-----BEGIN CERTIFICATE-----', { message: 'must be PEM text with at least one certificate' })

const certificateFile = z.strictObject({ file: z.string().min(1) }).transform(({ file }, context) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    context.addIssue({ code: 'custom', message: `the file ${file} cannot be read`, input: file })
    return z.NEVER
  }
})

/** Null stands for a source that was given, is marked `optional`, and is not there: the default source must not take its place. */
const apiKey = secret()
  .transform((found): Secret | null => found ?? null)
  .optional()

/** A zod schema for a base URL. */
export function baseUrl() {
  return z.string().superRefine((text, context) => {
    const fault = baseUrlFault(text)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault, input: text })
  })
}

/**
 * The options that every HTTP provider takes, `baseUrl` excepted, as the shape of a `z.strictObject`. `byDefault` are the protocols that are spoken
 * when the option does not say. Follow it by
 * `.overwrite(defaultApiKey(source))` where the key has a usual place.
 */
export function httpProviderOptions<const Protocols extends readonly [string, ...string[]]>(
  protocols: Protocols,
  byDefault: readonly Protocols[number][] = protocols,
) {
  return {
    apiKey,
    /** Restricts the protocols that are spoken, the richest first. */
    protocols: z
      .array(z.enum(protocols))
      .nonempty()
      .default(() => [...byDefault] as [Protocols[number], ...Protocols[number][]]),
    credentials: z.enum(['own', 'forward', 'own-else-forward']).default('own'),
    /** Set over whatever the caller sent. */
    headers: z.record(headerName, headerValue).default({}),
    /** Milliseconds; 0 switches one off. */
    timeouts: z.strictObject({ connect: milliseconds.optional(), firstByte: milliseconds.optional(), idle: milliseconds.optional() }).default({}),
    /** Whether streams report usage when they are asked to. */
    streamUsage: z.boolean().default(true),
    /** Extra certificate authorities: PEM text, or a file of it. */
    ca: z.union([certificate, certificateFile.pipe(certificate)]).optional(),
  }
}

/**
 * Takes the key from its usual place when the configuration does not name one. Throws GatewayError `TKL_CONFIG_SECRET_MISSING` when it is not
 * there and no caller's login can stand for it.
 */
export function defaultApiKey(source: Extract<SecretSource, { env: unknown }>) {
  return <Options extends { readonly apiKey?: Secret | null | undefined; readonly credentials: CredentialsPolicy }>(options: Options): Options => {
    if (options.apiKey !== undefined || options.credentials === 'forward') return options
    return { ...options, apiKey: resolveSecret({ ...source, optional: options.credentials !== 'own' }) ?? null }
  }
}
