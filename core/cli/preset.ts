import type { HostModules } from '../config/bundle.ts'
import type { GatewayConfig } from '../config/define.ts'
import { GatewayError } from '../errors.ts'

/** What the command line takes from the built-in plugins' module; it knows nothing of the plugins themselves. */
export interface Preset {
  /** The configuration when there is no file. Throws GatewayError `TKL_CONFIG_INVALID` that names the variable at fault. */
  environmentConfig(environment: NodeJS.ProcessEnv): GatewayConfig
  /** The text of a new gateway.config.ts. */
  readonly starterConfig: string
  /** The text of a new .env.example. */
  readonly starterEnvironment: string
}

export function presetOf(hostModules: HostModules): Preset {
  const module = hostModules('tokligence/plugins')
  if (!module || !isPreset(module)) throw new GatewayError('TKL_INTERNAL', 'The built-in plugins are missing from this installation; install tokligence again.')
  return module
}

function isPreset(module: object): module is Preset {
  return 'environmentConfig' in module && typeof module.environmentConfig === 'function' && 'starterConfig' in module && 'starterEnvironment' in module
}
