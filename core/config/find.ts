import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { cosmiconfig, type Options } from 'cosmiconfig'
import { ConfigError, displayPath } from './config-error.ts'

/** In order of precedence. */
export const configNames = ['gateway.config.ts', 'gateway.config.mts', 'gateway.config.js', 'gateway.config.mjs'] as const

/** cosmiconfig only finds the file: reading it is ours, and an empty one is a mistake rather than none. */
const locateOnly = (): object => ({})

/**
 * The configuration file's absolute path: the one that was named, else the one in the folder itself (parents are not searched), else undefined.
 * Throws GatewayError `TKL_CONFIG_NOT_FOUND` when the named one is not there.
 */
export async function findConfig(cwd: string, named?: string): Promise<string | undefined> {
  if (named !== undefined) return requireFile(resolve(cwd, named), cwd)
  const found = await search(cwd)
  if (found !== undefined) return found
  const unreadable = configNames.map((name) => join(cwd, name)).find((path) => existsSync(path))
  if (unreadable !== undefined) throw new ConfigError([{ file: unreadable, message: 'is there but cannot be read; it must be a readable file.' }], { cwd })
  return undefined
}

async function search(cwd: string): Promise<string | undefined> {
  const loaders = Object.fromEntries(['.ts', '.mts', '.js', '.mjs'].map((extension) => [extension, locateOnly]))
  const options: Partial<Options> = { searchPlaces: [...configNames], searchStrategy: 'none', ignoreEmptySearchPlaces: false, cache: false, loaders }
  try {
    const found = await cosmiconfig('gateway', options).search(cwd)
    return found?.filepath
  } catch (error) {
    // It also reads the folder's package.json, for settings of its own.
    throw new ConfigError([{ message: error instanceof Error ? error.message : String(error) }], { cwd, cause: error })
  }
}

function requireFile(path: string, cwd: string): string {
  const status = statSync(path, { throwIfNoEntry: false })
  if (status?.isFile()) return path
  const what = status ? 'is not a file' : 'does not exist'
  throw new ConfigError([{ message: `The configuration file ${displayPath(path, cwd)} ${what}.` }], { code: 'TKL_CONFIG_NOT_FOUND', cwd, files: [path] })
}
