import type { Logger } from 'pino'
import type { z } from 'zod'
import type { ResolvedConfig } from './config/define.ts'
import type { RequestContext } from './context.ts'
import type { Ledger } from './contracts/ledger.ts'
import type { ModelSource } from './contracts/models.ts'
import type { Protocol, ProtocolId, RouteClaims } from './contracts/protocol.ts'
import type { Provider } from './contracts/provider.ts'
import type { Router } from './contracts/router.ts'
import type { SealIssuer } from './contracts/seal.ts'
import type { SessionStore } from './contracts/session.ts'
import type { Translation } from './contracts/translation.ts'
import type { Awaitable, HookName, HookTaps } from './hooks.ts'
import type { Registry } from './registry.ts'

/** Every plugin kind and what its `setup` returns. Open: a package adds a kind by declaration merging. */
export interface PluginKinds {
  protocol: Protocol
  provider: Provider
  translation: Translation
  seal: SealIssuer
  mode: void
  detector: void
  ledger: Ledger
  marketplace: void
  router: Router
  auth: void
  limiter: void
  firewall: void
  pricing: void
  models: ModelSource
  session: SessionStore
  cache: void
  telemetry: void
  admin: void
  console: void
}

export type PluginKind = keyof PluginKinds & string

/** A plugin as it stands in `gateway.config.ts`: what to set up, and with which options. Made by a factory; setting it up is the gateway's work. */
export interface Plugin<Kind extends string = string, Id extends string = string> {
  readonly kind: Kind
  readonly id: Id
  /** The factory's name; the id's default. */
  readonly name: string
  readonly apiVersion: 1
  /** Sets up one instance for one generation. */
  readonly setup: (api: PluginApi) => Awaitable<unknown>
}

/** What a schema takes. Of an empty strict object zod says `Record<string, never>`, beside which no `id` could stand. */
type OptionsOf<Schema extends z.ZodType> = z.input<Schema> extends Record<string, never> ? {} : z.input<Schema>

/** Options of a factory: what the schema takes, plus an id. */
type FactoryArguments<Input> = {} extends Input ? [options?: Input & { readonly id?: never }] : [options: Input & { readonly id?: never }]

/**
 * A typed factory. Two overloads, so that a literal `id` survives; with one generic signature its type would widen to `string` and the check of
 * route names against provider ids would silently be gone.
 */
export interface PluginFactory<Kind extends PluginKind, Name extends string, Schema extends z.ZodType> {
  <const Id extends string>(options: OptionsOf<Schema> & { readonly id: Id }): Plugin<Kind, Id>
  (...options: FactoryArguments<OptionsOf<Schema>>): Plugin<Kind, Name>
  readonly definition: PluginDefinition<Kind, Name, Schema>
}

export interface PluginDefinition<Kind extends PluginKind, Name extends string, Schema extends z.ZodType> {
  readonly kind: Kind
  /** kebab-case, unique within the kind. */
  readonly name: Name
  readonly apiVersion: 1
  /** One sentence, for `tokligence check` and the docs. */
  readonly description?: string
  /** Checked when the factory is called. */
  readonly options: Schema
  /** Returns the kind's contribution and taps hooks. Called once per generation. */
  setup(api: PluginApi, options: z.output<Schema>): Awaitable<PluginKinds[Kind]>
}

/** An HTTP endpoint that a plugin answers itself. */
export interface PluginRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'
  readonly path: string
  /** The protocol whose error envelope the endpoint uses. */
  readonly protocol?: ProtocolId
  /** For paths that several plugins share; see ProtocolRoute.claims. */
  readonly claims?: RouteClaims
  /** True when it must answer without a principal (health checks). */
  readonly open?: boolean
  handle(request: PluginRequest): Awaitable<PluginResponse>
}

export interface PluginRequest {
  readonly context: RequestContext
  readonly params: Readonly<Record<string, string | undefined>>
}

export interface PluginResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: string | Buffer | object
}

/** A command of the CLI that a plugin brings along: `tokligence <name> …`. */
export interface PluginCommand {
  readonly name: string
  readonly description: string
  readonly options?: readonly { readonly flags: string; readonly description: string; readonly default?: string | number | boolean }[]
  /** Answers with the exit code. */
  run(input: { readonly arguments: readonly string[]; readonly options: Readonly<Record<string, unknown>> }): Awaitable<number>
}

/** What a plugin is given. */
export interface PluginApi {
  readonly id: string
  readonly hooks: HookTaps
  /** The ids of the plugins that tap a hook, in the order in which they run, once per tap. Complete from `onReady` on. */
  tappedBy(hook: HookName): readonly string[]
  /** A child logger with the plugin's kind and id. */
  readonly logger: Logger
  readonly config: ResolvedConfig
  /** Other plugins' contributions. Complete from `onReady` on. */
  readonly registry: Registry
  addRoute(route: PluginRoute): void
  addCommand(command: PluginCommand): void
  /** Small unary HTTP calls through the pools that provider calls use. Redirects are not followed. */
  readonly fetch: UpstreamFetch
  /** Runs when the generation is over: last registered, first run. */
  onDispose(dispose: () => Awaitable<void>): void
  /**
   * A process-wide thing, counted by reference: made once per key, kept over reloads as long as a live generation asks for it, then disposed.
   * The key is shared by all plugins: begin it with the plugin's name, and include the options that make it another thing.
   */
  shared<T>(key: string, create: () => T, dispose: (value: T) => Awaitable<void>): T
  /** True in `tokligence check` and other commands that assemble without serving. */
  readonly serving: boolean
}

/** A small unary HTTP call for plugins. */
export type UpstreamFetch = (
  url: string,
  options?: {
    readonly method?: 'GET' | 'POST' | 'DELETE'
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string | Buffer
    readonly signal?: AbortSignal
    readonly timeout?: number
    readonly ca?: string
  },
) => Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string | string[]>>; readonly body: Buffer }>
