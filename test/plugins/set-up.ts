import { type Logger, pino } from 'pino'
import type { Plugin } from 'tokligence'
import { type FakePluginApi, type FakePluginApiOptions, fakePluginApi } from 'tokligence/testing'

export interface SetUp<Contribution> {
  readonly api: FakePluginApi
  readonly contribution: Contribution
}

/** Sets a plugin up with an API of its own. */
export async function setUpWithApi<Contribution>(
  plugin: Plugin,
  options: FakePluginApiOptions & { readonly logger?: Logger } = {},
): Promise<SetUp<Contribution>> {
  const { logger, ...rest } = options
  const made = fakePluginApi({ id: plugin.id, ...rest })
  const api = logger ? { ...made, logger } : made
  return { api, contribution: (await plugin.setup(api)) as Contribution }
}

/** Sets a plugin up and gives its contribution. */
export async function setUp<Contribution>(plugin: Plugin, options: FakePluginApiOptions = {}): Promise<Contribution> {
  return (await setUpWithApi<Contribution>(plugin, options)).contribution
}

/** A logger, and every line that it wrote. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: readonly Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  return {
    lines,
    logger: pino(
      { level: 'trace', serializers: { error: pino.stdSerializers.err } },
      { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) },
    ),
  }
}
