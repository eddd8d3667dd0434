import pino from 'pino'
import type { ResolvedConfig } from '../config/define.ts'
import { resolveConfig } from '../config/resolve.ts'
import { HookSet } from '../hook-runtime.ts'
import type { Awaitable } from '../hooks.ts'
import type { PluginApi, PluginCommand, PluginRoute, UpstreamFetch } from '../plugin.ts'
import { PluginRegistry } from '../registry.ts'
import { SharedStore } from '../shared.ts'

/** What a plugin did with the API it was given, and the means to play the gateway's part. */
export interface FakePluginApi extends PluginApi {
  /** `hookSet.run('guardRequest', context)` runs the taps as the gateway does: time-outs, failure policies and frozen values included. */
  readonly hookSet: HookSet
  /** `registry.add(kind, id, contribution)` puts another plugin's contribution there. */
  readonly registry: PluginRegistry
  readonly routes: readonly PluginRoute[]
  readonly commands: readonly PluginCommand[]
  /** Runs what was given to `onDispose`, last first, and gives back what was shared. */
  dispose(): Promise<void>
}

export interface FakePluginApiOptions {
  /** `test` when absent. */
  readonly id?: string
  /** False for a plugin that is set up by a command. True when absent. */
  readonly serving?: boolean
  readonly config?: Partial<ResolvedConfig>
  /** Answers the plugin's own HTTP calls; without it they reject. */
  readonly fetch?: UpstreamFetch
  /** Outlives a reload: give the same one to two APIs to test that. */
  readonly sharedStore?: SharedStore
}

/** A plugin API without a gateway, for unit tests of plugins: `definition.setup(fakePluginApi(), options)`. */
export function fakePluginApi(options: FakePluginApiOptions = {}): FakePluginApi {
  const { id = 'test', serving = true, sharedStore = new SharedStore() } = options
  const logger = pino({ level: 'silent' })
  const hookSet = new HookSet(logger, true)
  const routes: PluginRoute[] = []
  const commands: PluginCommand[] = []
  const disposers: (() => Awaitable<void>)[] = []
  return {
    id,
    serving,
    logger,
    hookSet,
    hooks: hookSet.tapsFor(id),
    tappedBy: (hook) => hookSet.tappedBy(hook),
    registry: new PluginRegistry(),
    config: { ...resolveConfig({ plugins: [] }), ...options.config },
    routes,
    commands,
    addRoute: (route) => void routes.push(route),
    addCommand: (command) => void commands.push(command),
    fetch: options.fetch ?? ((url) => Promise.reject(new Error(`fakePluginApi was given no fetch, and ${url} was asked for.`))),
    onDispose: (dispose) => void disposers.push(dispose),
    shared(key, create, dispose) {
      disposers.push(() => sharedStore.release(key))
      return sharedStore.acquire(key, create, dispose)
    },
    async dispose() {
      for (const dispose of disposers.splice(0).reverse()) await dispose()
    },
  }
}
