import type { Ledger } from '../contracts/ledger.ts'
import { GatewayError } from '../errors.ts'
import type { Gateway } from '../gateway.ts'

/** The ledger that a command asks. Throws GatewayError `TKL_PLUGIN_MISSING` where there is none. */
export function ledgerOf(gateway: Gateway): Ledger {
  const ledger = gateway.registry.all('ledger')[0]?.[1]
  if (ledger) return ledger
  throw new GatewayError('TKL_PLUGIN_MISSING', 'The configuration has no ledger, so that nothing is recorded. Add a plugin of the kind "ledger".')
}
