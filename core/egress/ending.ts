import type { Ending } from '../contracts/ledger.ts'
import type { GatewayError } from '../errors.ts'

/** Whose doing it was that a request or attempt did not end well. */
export function endingOf(error: GatewayError): Ending {
  if (error.code === 'TKL_CLIENT_GONE') return 'client-gone'
  if (error.code === 'TKL_SHUTTING_DOWN') return 'interrupted'
  return isProviderFault(error) ? 'upstream-error' : 'rejected'
}

/** True when another provider might do better. */
export function isProviderFault(error: GatewayError): boolean {
  return error.code.startsWith('TKL_UPSTREAM_')
}
