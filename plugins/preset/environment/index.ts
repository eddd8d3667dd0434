import type { GatewayConfig, Plugin } from 'tokligence'
import { health } from '../../admin/health/index.ts'
import { sqliteLedger } from '../../ledger/sqlite/index.ts'
import { models } from '../../models/directory/index.ts'
import { loopback } from '../../provider/loopback/index.ts'
import { modelRoutes } from '../../router/model-routes/index.ts'
import { requestLog } from '../../telemetry/request-log/index.ts'
import { protocols } from '../protocols/index.ts'
import { translations } from '../translations/index.ts'
import { blamed } from './blamed.ts'
import { readRoutes } from './routes.ts'
import { checkUnsupported, readSettings } from './settings.ts'
import { vendors } from './vendors.ts'

/**
 * The configuration of a gateway without a configuration file: the plugins below, set by environment variables.
 * Throws GatewayError `TKL_CONFIG_INVALID` that names the variable at fault.
 */
export function environmentConfig(variables: NodeJS.ProcessEnv = process.env): GatewayConfig {
  checkUnsupported(variables)
  return { ...readSettings(variables), plugins: environment(variables) }
}

/** Protocols, translations, each provider whose key is set, routes, and the ledger; nothing that needs the network at start. */
export function environment(variables: NodeJS.ProcessEnv = process.env): readonly Plugin[] {
  const ledgerPath = variables.TOKLIGENCE_LEDGER_PATH
  return [
    ...protocols(),
    ...translations(),
    ...vendors.flatMap((vendor) => vendor.make(variables) ?? []),
    loopback(),
    modelRoutes(readRoutes(variables)),
    models(),
    blamed('TOKLIGENCE_LEDGER_PATH', () => sqliteLedger(ledgerPath ? { path: ledgerPath } : {})),
    health(),
    requestLog(),
  ]
}

export default environment
