import { pino } from 'pino'
import type { HookHandlers, HookName, Plugin, PluginApi, PluginRoute, UpstreamFetch } from 'tokligence'
import { PluginRegistry } from '../../core/registry.ts'

export interface FakeApi extends PluginApi {
  readonly registry: PluginRegistry
  readonly routes: readonly PluginRoute[]
  readonly taps: ReadonlyMap<HookName, (...input: unknown[]) => unknown>
  /** Every line that was logged, parsed. */
  readonly logged: readonly Record<string, unknown>[]
  readonly shares: Map<string, unknown>
}

export interface FakeApiOptions {
  readonly id?: string
  readonly registry?: PluginRegistry
  readonly fetch?: UpstreamFetch
  /** Pass another api's `shares` to stand for a reload. */
  readonly shares?: Map<string, unknown>
}

/** What a plugin is given, without a gateway around it. */
export function fakeApi(options: FakeApiOptions = {}): FakeApi {
  const routes: PluginRoute[] = []
  const taps = new Map<HookName, (...input: unknown[]) => unknown>()
  const logged: Record<string, unknown>[] = []
  const shares = options.shares ?? new Map<string, unknown>()
  const hooks = new Proxy({} as PluginApi['hooks'], {
    get: (_, name: HookName) => ({ tap: (handler: HookHandlers[HookName]) => taps.set(name, handler as (...input: unknown[]) => unknown) }),
  })
  return {
    id: options.id ?? 'test',
    hooks,
    routes,
    taps,
    logged,
    shares,
    logger: pino({ level: 'trace' }, { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) }),
    config: {
      plugins: [],
      listen: { host: '127.0.0.1', port: 0 },
      allowedHosts: [],
      allowedOrigins: [],
      limits: { requestBytes: 1, replyBytes: 1 },
      onLoss: 'report',
      drainTimeout: 0,
      pingInterval: 0,
      log: { level: 'silent', format: undefined },
      freeze: true,
    },
    registry: options.registry ?? new PluginRegistry(),
    fetch: options.fetch ?? (() => Promise.reject(new Error('This test has no network.'))),
    serving: true,
    addRoute: (route) => void routes.push(route),
    addCommand: () => undefined,
    onDispose: () => undefined,
    shared: (key, create) => {
      if (!shares.has(key)) shares.set(key, create())
      return shares.get(key) as ReturnType<typeof create>
    },
  }
}

/** Sets a plugin up and gives its contribution. */
export async function setUp<Contribution>(plugin: Plugin, options: FakeApiOptions = {}): Promise<Contribution> {
  return (await plugin.setup(fakeApi({ id: plugin.id, ...options }))) as Contribution
}
