import { dirname, join } from 'node:path'
import type { GatewayConfig, Plugin } from 'tokligence'
import { health } from '../../admin/health/index.ts'
import { prefixWatch } from '../../detector/prefix-watch/index.ts'
import { sqliteLedger } from '../../ledger/sqlite/index.ts'
import { inMemory } from '../../ledger/sqlite/ledger-path.ts'
import { models } from '../../models/directory/index.ts'
import { loopback } from '../../provider/loopback/index.ts'
import { modelRoutes } from '../../router/model-routes/index.ts'
import { memorySessions } from '../../session/memory/index.ts'
import { sqliteSessions } from '../../session/sqlite/index.ts'
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

/** Protocols, translations, each provider whose key is set, routes, the ledger, and what conversations leave behind; nothing that needs the network at start. */
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
    blamed('TOKLIGENCE_LEDGER_PATH', () => sessions(ledgerPath)),
    health(),
    requestLog(),
    ...(variables.TOKLIGENCE_PREFIX_WATCH === 'true' ? [prefixWatch()] : []),
  ]
}

/** Beside the ledger; nothing on disk where that is not. */
function sessions(ledgerPath: string | undefined): Plugin {
  if (ledgerPath === inMemory) return memorySessions()
  return sqliteSessions(ledgerPath ? { path: join(dirname(ledgerPath), 'sessions.db') } : {})
}

export default environment
