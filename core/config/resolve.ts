import { z } from 'zod'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import type { ResolvedConfig } from './define.ts'
import { listIssues } from './describe-issues.ts'
import { describeValue, isPlugin, readPluginEntries } from './plugin-entries.ts'

const mebibyte = 1024 * 1024

const origin = z
  .string()
  .refine((text) => URL.canParse(text) && new URL(text).origin === text, 'must be an origin such as "http://localhost:3000", without a path')
const hostName = z.string().regex(/^[^\s/:]+$|^\[[\da-f:]+\]$/i, 'must be a host name without scheme and port')
const milliseconds = z.number().int().min(0)
const bytes = z.number().int().min(1)

const settings = z.strictObject({
  plugins: z.unknown(),
  listen: z.strictObject({ host: z.string().min(1).default('127.0.0.1'), port: z.number().int().min(0).max(65_535).default(8081) }).prefault({}),
  allowedHosts: z.array(hostName).default([]),
  allowedOrigins: z.array(origin).default([]),
  limits: z.strictObject({ requestBytes: bytes.default(32 * mebibyte), replyBytes: bytes.default(128 * mebibyte) }).prefault({}),
  onLoss: z.enum(['allow', 'report', 'reject']).default('report'),
  drainTimeout: milliseconds.default(30_000),
  pingInterval: milliseconds.default(15_000),
  log: z
    .strictObject({
      level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
      format: z.enum(['json', 'pretty']).optional(),
    })
    .prefault({}),
  freeze: z.boolean().default(false),
})

/**
 * Fills in the defaults and flattens the plugins. Throws GatewayError `TKL_CONFIG_INVALID` that names everything that is wrong, or
 * `TKL_PLUGIN_DUPLICATE` when two plugins have one id and nothing else is wrong.
 */
export function resolveConfig(config: unknown): ResolvedConfig {
  const shape = shapeProblem(config)
  if (shape !== undefined) throw new ConfigError([{ message: shape }])
  const parsed = settings.safeParse(config)
  const { plugins, problems, duplicates } = readPluginEntries((config as { readonly plugins?: unknown }).plugins)
  const wrong = [...(parsed.success ? [] : settingProblems(parsed.error)), ...problems]
  if (!parsed.success || wrong.length > 0) throw new ConfigError([...wrong, ...duplicates])
  if (duplicates.length > 0) throw new ConfigError(duplicates, { code: 'TKL_PLUGIN_DUPLICATE' })
  const { log, ...rest } = parsed.data
  return { ...rest, log: { level: log.level, format: log.format }, plugins }
}

function settingProblems(error: z.ZodError): ConfigProblem[] {
  return listIssues(error, settings, { noun: 'setting' }).map(({ path, message }) => ({ message, words: [...path].reverse() }))
}

function shapeProblem(config: unknown): string | undefined {
  const wanted = 'it must say export default defineConfig({ plugins: [ … ] })'
  if (config === undefined || isEmptyObject(config)) return `the configuration has no default export; ${wanted}.`
  if (isPlugin(config)) return `the configuration is a single plugin; ${wanted}.`
  if (Array.isArray(config)) return `the configuration is a list; ${wanted}.`
  if (typeof config !== 'object' || config === null) return `the configuration is ${describeValue(config)}; ${wanted}.`
  if (!('plugins' in config) || !Array.isArray(config.plugins)) return `setting "plugins": must be a list of plugins; ${wanted}.`
  return undefined
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
}
