import { GatewayError } from '../errors.ts'
import { UsageError } from './usage-error.ts'

/** The numbers of BSD's sysexits.h. */
export const exitCodes = { ok: 0, failure: 1, usage: 64, cannotListen: 69, configuration: 78 } as const

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage
  if (!GatewayError.is(error)) return exitCodes.failure
  if (error.code === 'TKL_LISTEN_FAILED') return exitCodes.cannotListen
  return /^TKL_(CONFIG|PLUGIN|NATIVE)_/.test(error.code) ? exitCodes.configuration : exitCodes.failure
}
