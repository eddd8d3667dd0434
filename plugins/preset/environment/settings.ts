import type { GatewaySettings } from 'tokligence'
import { invalid } from './blamed.ts'

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export function readSettings(variables: NodeJS.ProcessEnv): GatewaySettings {
  const port = readPort(variables.TOKLIGENCE_FACADE_PORT)
  const level = readLevel(variables.TOKLIGENCE_LOG_LEVEL)
  return { ...(port !== undefined && { listen: { port } }), ...(level !== undefined && { log: { level } }) }
}

/** Refuses what would have to be silently ignored. */
export function checkUnsupported(variables: NodeJS.ProcessEnv): void {
  const { TOKLIGENCE_AUTH_DISABLED: authDisabled, TOKLIGENCE_WORK_MODE: workMode, TOKLIGENCE_LEDGER_PATH: ledgerPath } = variables
  if (authDisabled && !/^(1|true|yes|on)$/i.test(authDisabled))
    throw invalid(
      'TOKLIGENCE_AUTH_DISABLED',
      `is "${authDisabled}", but there is no authentication without a configuration file. Unset it, or write a gateway.config.ts with an auth plugin.`,
    )
  if (workMode && workMode.toLowerCase() !== 'auto')
    throw invalid(
      'TOKLIGENCE_WORK_MODE',
      `is "${workMode}"; only "auto" is known: callers are answered in their own protocol where the provider speaks it, else translated.`,
    )
  if (ledgerPath && /^\w+:\/\//.test(ledgerPath)) throw invalid('TOKLIGENCE_LEDGER_PATH', 'is a URL; the ledger is an SQLite file, and the variable its path.')
}

/** `8081`, or `:8081` as listen addresses are often written. */
function readPort(text: string | undefined): number | undefined {
  if (!text) return undefined
  const port = /^:?(\d{1,5})$/.exec(text.trim())?.[1]
  if (port === undefined || Number(port) > 65_535) throw invalid('TOKLIGENCE_FACADE_PORT', `must be a port such as 8081, not "${text}".`)
  return Number(port)
}

function readLevel(text: string | undefined): (typeof levels)[number] | undefined {
  if (!text) return undefined
  const level = levels.find((known) => known === text.trim().toLowerCase())
  if (level === undefined) throw invalid('TOKLIGENCE_LOG_LEVEL', `must be one of ${levels.join(', ')}, not "${text}".`)
  return level
}
