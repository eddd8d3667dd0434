import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { GatewayError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import type { SharedStore } from '../shared.ts'
import { GatewaySeals } from './gateway-seals.ts'
import { readOrCreateKey, sealKeyPath } from './key-file.ts'
import { keysOf, readSealKey, type SealKeys, sealKeyLength } from './seal-key.ts'

/** What a generation's seals are made from. */
export interface SealSources {
  /** The configuration's `seals.key`. */
  readonly key: Secret | undefined
  readonly shared: SharedStore
  readonly logger: Logger
  readonly environment?: NodeJS.ProcessEnv
}

/**
 * The seals under the configured key, else under `TOKLIGENCE_SEAL_KEY`, else under the one in the key file, which is not touched before
 * something is sealed. `release` ends the generation's part in them. Throws GatewayError `TKL_CONFIG_INVALID` for a key that is none.
 */
export function openSealKeys({ key, shared, logger, environment = process.env }: SealSources): { readonly seals: GatewaySeals; release(): Promise<void> } {
  const given = key?.reveal() ?? environment.TOKLIGENCE_SEAL_KEY
  if (given) {
    const bytes = readSealKey(given)
    if (!bytes)
      throw new GatewayError(
        'TKL_CONFIG_INVALID',
        `${key ? 'setting "seals.key"' : 'TOKLIGENCE_SEAL_KEY'}: must be ${sealKeyLength} bytes in base64 or hex, such as \`openssl rand -base64 ${sealKeyLength}\` prints.`,
      )
    return { seals: new GatewaySeals(() => keysOf(bytes)), release: async () => undefined }
  }
  const path = sealKeyPath(environment)
  const name = `seals ${path}`
  // Outlives a reload: a key that could not be written down must still open what it closed.
  const seals = shared.acquire(
    name,
    () => new GatewaySeals(() => keysInFile(path, logger)),
    () => undefined,
  )
  return { seals, release: () => shared.release(name) }
}

function keysInFile(path: string, logger: Logger): SealKeys {
  try {
    return keysOf(readOrCreateKey(path))
  } catch (error) {
    logger.warn(
      { error },
      `no key for seals can be kept in ${path}: reasoning sealed by this process cannot be given back after a restart, or through another process. Set TOKLIGENCE_SEAL_KEY`,
    )
    return keysOf(randomBytes(sealKeyLength))
  }
}
