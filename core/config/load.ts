import { GatewayError } from '../errors.ts'
import { type Bundle, bundleConfig, type HostModules } from './bundle.ts'
import { ConfigError, type ConfigProblem, problemsOf } from './config-error.ts'
import type { GatewayConfig } from './define.ts'
import { resolveConfig } from './resolve.ts'
import { runBundle } from './run-bundle.ts'
import { failedImport, findMember, findWord, positionOf, type SourcePosition } from './source-position.ts'

export interface LoadOptions {
  readonly hostModules: HostModules
  /** Paths in error messages are relative to it. */
  readonly cwd?: string
}

export interface LoadedConfig {
  readonly config: GatewayConfig
  /** Absolute. */
  readonly path: string
  /** Absolute paths of the configuration and of everything local that it imports. */
  readonly dependencies: readonly string[]
}

/**
 * Loads a configuration file. Its default export is the configuration, or a function that returns it.
 * Throws ConfigError (`TKL_CONFIG_*`) that names file, line and column of what is wrong.
 */
export async function loadConfig(path: string, options: LoadOptions): Promise<LoadedConfig> {
  const cwd = options.cwd ?? process.cwd()
  const bundle = await bundleConfig(path, options.hostModules, cwd)
  try {
    const exported = runBundle(path, bundle, options.hostModules)
    const config: unknown = typeof exported === 'function' ? await exported() : exported
    resolveConfig(config)
    return { config: config as GatewayConfig, path, dependencies: bundle.files }
  } catch (error) {
    throw placed(error, path, bundle, cwd)
  }
}

/** The error with its place in the user's files. */
function placed(error: unknown, path: string, bundle: Bundle, cwd: string): ConfigError {
  const options = { cwd, files: bundle.files, cause: error }
  if (GatewayError.is(error)) {
    const thrownAt = error instanceof ConfigError ? undefined : positionOf(error, path, bundle)
    const problems = problemsOf(error).map((problem) => ({ ...problem, ...placeOf(problem, thrownAt, path) }))
    return new ConfigError(problems, { ...options, code: error.code })
  }
  const thrownAt = positionOf(error, path, bundle)
  if (thrownAt) return new ConfigError([{ message: describeThrown(error), ...thrownAt }], options)
  const failed = failedImport(error, bundle)
  if (!failed) return new ConfigError([{ message: describeThrown(error), file: path }], options)
  const { specifier, ...place } = failed
  return new ConfigError([{ message: `the package "${specifier}" cannot be loaded: ${describeThrown(error)}`, ...place }], options)
}

/** Options are checked when a factory is called: the place is the option inside of that call. */
function placeOf(problem: ConfigProblem, call: SourcePosition | undefined, path: string): SourcePosition {
  if (!call) return findWord(path, problem.words ?? [])
  const option = /option "([^"]+)"/.exec(problem.message)?.[1]?.split('.').at(-1)
  return option === undefined ? call : findMember(call, option)
}

function describeThrown(error: unknown): string {
  if (!(error instanceof Error)) return `the configuration threw ${JSON.stringify(error) ?? String(error)}, which is not an error.`
  if ('code' in error && error.code === 'ERR_REQUIRE_ASYNC_MODULE') return 'it uses top-level await, and loading a configuration cannot wait.'
  // esbuild writes calls of imported functions as `(0, import_x.name)()`.
  const message = error.message.replace(/\(0 , \w+\.(\w+)\)/g, '$1').split('\nRequire stack:')[0] ?? ''
  return `${error.name}: ${message.replace(/\s*\n\s*/g, ' ')}`
}
