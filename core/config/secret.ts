import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { z } from 'zod'
import { GatewayError } from '../errors.ts'

/** A value that prints as `[secret]` wherever it ends up: logs, JSON, string templates, inspection. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself. Call it where the value is used, and nowhere else. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [inspect.custom](): string {
    return '[secret]'
  }
}

/** Where a secret comes from: an environment variable (the first that is set), a file (trimmed), or the text itself. */
export type SecretSource =
  | string
  | { readonly env: string | readonly string[]; readonly optional?: boolean | undefined }
  | { readonly file: string; readonly optional?: boolean | undefined }

const source = z.union([
  z.string().min(1, 'is empty'),
  z.strictObject({ env: z.union([z.string().min(1), z.array(z.string().min(1)).readonly()]), optional: z.boolean().optional() }),
  z.strictObject({ file: z.string().min(1), optional: z.boolean().optional() }),
])

/**
 * A zod schema for a secret option. Gives a `Secret`, or undefined when the source is marked `optional` and is not there.
 * Throws GatewayError `TKL_CONFIG_SECRET_MISSING` otherwise.
 */
export function secret() {
  return source.transform((value): Secret | undefined => resolveSecret(value))
}

export function resolveSecret(value: SecretSource): Secret | undefined {
  if (typeof value === 'string') return new Secret(value)
  if ('env' in value) {
    const names = typeof value.env === 'string' ? [value.env] : value.env
    for (const name of names) {
      const found = process.env[name]
      if (found) return new Secret(found)
    }
    if (value.optional) return undefined
    throw new GatewayError(
      'TKL_CONFIG_SECRET_MISSING',
      `The environment variable ${names.join(' or ')} is not set. Set it, or write it to .env beside the configuration.`,
    )
  }
  let text: string
  try {
    text = readFileSync(value.file, 'utf8').trim()
  } catch (error) {
    if (value.optional) return undefined
    throw new GatewayError('TKL_CONFIG_SECRET_MISSING', `The secret file ${value.file} cannot be read.`, { cause: error })
  }
  if (text !== '') return new Secret(text)
  if (value.optional) return undefined
  throw new GatewayError('TKL_CONFIG_SECRET_MISSING', `The secret file ${value.file} is empty.`)
}
