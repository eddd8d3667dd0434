import { randomBytes } from 'node:crypto'
import { GatewayError, type PluginApi, type Secret } from 'tokligence'
import { GatewaySeals } from './gateway-seals.ts'
import { readOrCreateKey, sealKeyPath } from './key-file.ts'
import type { LargeSeals } from './large-seals.ts'
import { RefusedSeals } from './refused-seals.ts'
import { keysOf, readSealKey, sealKeyLength } from './seal-key.ts'

/** Keys that were checked as options. */
export interface ConfiguredKeys {
  readonly key: Secret | undefined
  readonly olderKeys?: readonly Secret[]
}

/**
 * The seals under the configured key, else under `TOKLIGENCE_SEAL_KEY`, else under the one in the key file, which is not touched before
 * something is sealed. Throws GatewayError `TKL_CONFIG_INVALID` for a key that is none.
 */
export function openSealKeys(
  { shared, logger }: Pick<PluginApi, 'shared' | 'logger'>,
  { key, olderKeys = [] }: ConfiguredKeys,
  environment: NodeJS.ProcessEnv = process.env,
  large?: LargeSeals,
): GatewaySeals {
  const refused = shared(
    'signed-seals:refused',
    () => new RefusedSeals(),
    () => undefined,
  )
  const older = olderKeys.flatMap((secret) => readSealKey(secret.reveal()) ?? [])
  const given = key?.reveal() ?? environment.TOKLIGENCE_SEAL_KEY
  if (given) {
    const bytes = readSealKey(given)
    // The configured one is checked as an option.
    if (!bytes)
      throw new GatewayError(
        'TKL_CONFIG_INVALID',
        `TOKLIGENCE_SEAL_KEY: must be ${sealKeyLength} bytes in base64 or hex, such as \`openssl rand -base64 ${sealKeyLength}\` prints.`,
      )
    return new GatewaySeals(() => keysOf(bytes, older), large, refused)
  }
  const path = sealKeyPath(environment)
  // Outlives a reload: a key that could not be written down must still open what it closed.
  const file = shared(
    `signed-seals:${path}`,
    () => new KeyInFile(path, logger),
    () => undefined,
  )
  return new GatewaySeals(() => keysOf(file.bytes, older), large, refused)
}

/** Looked up once, when it is first asked for. */
class KeyInFile {
  readonly #path: string
  readonly #logger: PluginApi['logger']
  #bytes: Buffer | undefined

  constructor(path: string, logger: PluginApi['logger']) {
    this.#path = path
    this.#logger = logger
  }

  get bytes(): Buffer {
    this.#bytes ??= keyInFile(this.#path, this.#logger)
    return this.#bytes
  }
}

function keyInFile(path: string, logger: PluginApi['logger']): Buffer {
  try {
    return readOrCreateKey(path)
  } catch (error) {
    logger.warn(
      { error },
      `no key for seals can be kept in ${path}: reasoning sealed by this process cannot be given back after a restart, or through another process. Set TOKLIGENCE_SEAL_KEY`,
    )
    return randomBytes(sealKeyLength)
  }
}
