import { dirname, join } from 'node:path'
import type { HostModules } from '../config/bundle.ts'
import { ConfigError, displayPath } from '../config/config-error.ts'
import type { GatewayConfig } from '../config/define.ts'
import { EnvironmentFile } from '../config/environment-file.ts'
import { configNames, findConfig } from '../config/find.ts'
import { loadConfig } from '../config/load.ts'
import { type CommandContext, type OptionValues, textOption } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { presetOf } from './preset.ts'
import { UsageError } from './usage-error.ts'

export interface LoadedSource {
  readonly config: GatewayConfig
  /** Absolute; absent when the environment's preset is used. */
  readonly path?: string
  /** Where it came from, for people. */
  readonly description: string
  /** Names of variables that `.env` set anew, changed or took away. */
  readonly changedVariables: readonly string[]
}

/** Where a command's configuration comes from: the named file, the file in this folder, or the environment's preset; with `.env` beside it. */
export class ConfigSource {
  readonly #io: CommandIo
  readonly #hostModules: HostModules
  readonly #options: OptionValues
  readonly #environmentFiles = new Map<string, EnvironmentFile>()
  #dependencies: readonly string[] = []
  /** The last configuration file that was loaded. */
  #path: string | undefined

  constructor({ io, hostModules, options }: CommandContext) {
    this.#io = io
    this.#hostModules = hostModules
    this.#options = options
  }

  /** Absolute paths of every file whose change, appearance or removal can change the configuration, those that do not exist included. */
  get watched(): readonly string[] {
    const named = textOption(this.#options, 'config')
    const places = named === undefined ? configNames.map((name) => join(this.#io.cwd, name)) : []
    return [...new Set([...places, ...this.#environmentFiles.keys(), ...this.#dependencies])]
  }

  /** Reads everything again. Throws GatewayError `TKL_CONFIG_*`, or UsageError for wrong options. */
  async load(): Promise<LoadedSource> {
    const { cwd } = this.#io
    const overrides = listenOverrides(this.#options)
    try {
      const path = await findConfig(cwd, textOption(this.#options, 'config'))
      // The environment's preset stands for a folder without a configuration, not for one that was deleted or is being replaced.
      if (path === undefined && this.#path !== undefined)
        throw new ConfigError([{ message: `The configuration file ${displayPath(this.#path, cwd)} is gone.` }], { code: 'TKL_CONFIG_NOT_FOUND', cwd })
      const changedVariables = this.#loadEnvironment(path === undefined ? cwd : dirname(path))
      if (path === undefined)
        return {
          config: withListen(presetOf(this.#hostModules).environmentConfig(this.#io.environment), overrides),
          description: 'the environment (there is no gateway.config.ts here)',
          changedVariables,
        }
      const { config, dependencies } = await loadConfig(path, { cwd, hostModules: this.#hostModules })
      this.#dependencies = dependencies
      this.#path = path
      return { config: withListen(config, overrides), path, description: displayPath(path, cwd), changedVariables }
    } catch (error) {
      // A file that is missing or broken now is what the next change will be in.
      if (error instanceof ConfigError) this.#dependencies = [...new Set([...this.#dependencies, ...error.files])]
      throw error
    }
  }

  #loadEnvironment(folder: string): readonly string[] {
    const path = join(folder, '.env')
    const file = this.#environmentFiles.get(path) ?? new EnvironmentFile(path, this.#io.environment)
    this.#environmentFiles.set(path, file)
    return file.load()
  }
}

interface ListenOverrides {
  readonly host?: string
  readonly port?: number
}

function listenOverrides(options: OptionValues): ListenOverrides {
  const host = textOption(options, 'host')
  const port = textOption(options, 'port')
  if (port !== undefined && !(/^\d+$/.test(port) && Number(port) <= 65_535)) throw new UsageError(`The port must be a number from 0 to 65535, not "${port}".`)
  return { ...(host !== undefined && { host }), ...(port !== undefined && { port: Number(port) }) }
}

function withListen(config: GatewayConfig, overrides: ListenOverrides): GatewayConfig {
  return { ...config, listen: { ...config.listen, ...overrides } }
}
