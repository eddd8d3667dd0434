import type { Logger } from 'pino'
import type { ResolvedConfig } from './config/define.ts'
import { suggestion } from './config/describe-issues.ts'
import type { Ledger } from './contracts/ledger.ts'
import type { ModelFacts } from './contracts/models.ts'
import type { Protocol } from './contracts/protocol.ts'
import type { Router } from './contracts/router.ts'
import type { SealIssuer } from './contracts/seal.ts'
import type { Translation } from './contracts/translation.ts'
import { viaConversation } from './conversation/via-conversation.ts'
import { withDeadline } from './deadline.ts'
import { GatewayError } from './errors.ts'
import { HookSet } from './hook-runtime.ts'
import type { Awaitable } from './hooks.ts'
import type { Plugin, PluginApi, PluginCommand, PluginKinds } from './plugin.ts'
import { PluginRegistry } from './registry.ts'
import { RouteTable } from './routes.ts'
import type { SharedStore } from './shared.ts'
import { createFetch } from './upstream/fetch.ts'
import { HttpTransport } from './upstream/transport.ts'

/** How long a plugin's `setup` may take. Milliseconds. */
const setupTimeout = 60_000

export interface GenerationOptions {
  readonly config: ResolvedConfig
  readonly shared: SharedStore
  readonly logger: Logger
  readonly number: number
  readonly serving: boolean
}

/** Everything that one configuration makes: plugins, hooks, routes. A request belongs to one generation from its first byte to its end. */
export class Generation {
  readonly number: number
  readonly config: ResolvedConfig
  readonly logger: Logger
  readonly registry = new PluginRegistry()
  readonly routes = new RouteTable()
  readonly commands: PluginCommand[] = []
  readonly hooks: HookSet
  readonly transport: HttpTransport
  ledger: Ledger | undefined
  seals: SealIssuer | undefined
  routers: readonly Router[] = []
  readonly #options: GenerationOptions
  readonly #disposers: (() => Awaitable<void>)[] = []
  readonly #identities = new Map<string, Translation>()
  #inFlight = 0
  #idle: (() => void) | undefined

  /** Sets up all plugins in configuration order. On failure everything already set up is disposed again. */
  static async assemble(options: GenerationOptions): Promise<Generation> {
    const generation = new Generation(options)
    try {
      for (const plugin of options.config.plugins) await generation.#setUp(plugin)
      generation.#finish()
      if (options.serving && generation.hooks.used.onReady) await generation.hooks.run('onReady')
    } catch (error) {
      await generation.dispose()
      throw error
    }
    return generation
  }

  private constructor(options: GenerationOptions) {
    this.#options = options
    this.number = options.number
    this.config = options.config
    this.logger = options.logger
    this.hooks = new HookSet(options.logger, options.config.freeze)
    this.transport = new HttpTransport(options.shared)
    this.#disposers.push(() => this.transport.dispose())
  }

  enter(): void {
    this.#inFlight++
  }

  leave(): void {
    if (--this.#inFlight === 0) this.#idle?.()
  }

  /** Lets observers go on after the answer is out; the generation lives until they are done. What they throw is logged by the hook runtime. */
  observe(running: Promise<unknown>): void {
    this.enter()
    running.catch((error: unknown) => this.hooks.onError(GatewayError.from(error), undefined)).finally(() => this.leave())
  }

  /** Resolves when no request is left. */
  drained(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle = resolve
    })
  }

  /** Runs the disposers, last registered first; a failing one is logged and does not stop the others. */
  async dispose(): Promise<void> {
    for (const dispose of this.#disposers.splice(0).reverse()) {
      try {
        await dispose()
      } catch (error) {
        this.logger.error({ error }, 'a plugin failed while it was disposed')
      }
    }
  }

  translation(from: string, to: string): Translation | undefined {
    return this.#translations.get(`${from}>${to}`)
  }

  /** The caller's protocol on both sides, for replies or requests that hooks look into. */
  identityTranslation(protocol: Protocol): Translation {
    let translation = this.#identities.get(protocol.id)
    if (!translation) {
      translation = viaConversation(protocol, protocol)
      this.#identities.set(protocol.id, translation)
    }
    return translation
  }

  facts(model: string): ModelFacts {
    return this.registry.all('models')[0]?.[1].facts(model) ?? {}
  }

  readonly #translations = new Map<string, Translation>()

  async #setUp(plugin: Plugin): Promise<void> {
    let contribution: unknown
    try {
      contribution = await withDeadline(plugin.setup(this.#apiFor(plugin)), setupTimeout, `it was not done after ${setupTimeout / 1_000} s`)
    } catch (error) {
      if (GatewayError.is(error)) throw error
      const reason = error instanceof Error ? error.message : String(error)
      throw new GatewayError('TKL_PLUGIN_SETUP_FAILED', `The ${plugin.kind} plugin "${plugin.id}" could not be set up: ${reason}`, { cause: error })
    }
    this.registry.add(plugin.kind, plugin.id, contribution)
  }

  #finish(): void {
    this.hooks.seal()
    for (const [, protocol] of this.registry.all('protocol'))
      for (const route of protocol.routes)
        this.routes.add(route.method, route.path, { type: 'protocol', protocol, operation: route.operation, claims: route.claims })
    for (const [, translation] of this.registry.all('translation')) this.#translations.set(`${translation.from}>${translation.to}`, translation)
    this.routers = this.registry.all('router').map(([, router]) => router)
    this.#checkRoutes()
    this.ledger = this.#only('ledger')
    this.seals = this.#only('seal')
    this.#only('session')
  }

  #only<Kind extends 'ledger' | 'seal' | 'session'>(kind: Kind): PluginKinds[Kind] | undefined {
    const found = this.registry.all(kind)
    if (found.length > 1)
      throw new GatewayError(
        'TKL_CONFIG_INVALID',
        `There can be one ${kind} plugin, but ${found.map(([id]) => `"${id}"`).join(' and ')} are configured. Keep one.`,
      )
    return found[0]?.[1]
  }

  #checkRoutes(): void {
    const providers = this.registry.all('provider').map(([id]) => id)
    for (const [id, router] of this.registry.all('router'))
      for (const named of router.providers())
        if (!providers.includes(named))
          throw new GatewayError(
            'TKL_CONFIG_INVALID',
            `router plugin "${id}": a route names the provider "${named}", which no plugin has${suggestion(named, providers)}.`,
          )
  }

  #apiFor(plugin: Plugin): PluginApi {
    const { shared, serving } = this.#options
    return {
      id: plugin.id,
      hooks: this.hooks.tapsFor(plugin.id),
      tappedBy: (hook) => this.hooks.tappedBy(hook),
      logger: this.logger.child({ plugin: `${plugin.kind}/${plugin.id}` }),
      config: this.config,
      registry: this.registry,
      fetch: createFetch(this.transport.exchange),
      serving,
      addRoute: (route) => {
        const endpoint = { type: 'plugin', route, claims: route.claims, protocol: undefined } as const
        this.routes.add(
          route.method,
          route.path,
          Object.defineProperty({ ...endpoint }, 'protocol', { get: () => (route.protocol ? this.registry.find('protocol', route.protocol) : undefined) }),
        )
      },
      addCommand: (command) => {
        if (this.commands.some((known) => known.name === command.name))
          throw new GatewayError('TKL_PLUGIN_COMMAND_DUPLICATE', `Two plugins contribute the command "${command.name}"; "${plugin.id}" is the second.`)
        this.commands.push(command)
      },
      onDispose: (dispose) => void this.#disposers.push(dispose),
      shared: (key, create, dispose) => {
        const value = shared.acquire(key, create, dispose)
        this.#disposers.push(() => shared.release(key))
        return value
      },
    }
  }
}
