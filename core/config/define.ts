import type { LossPolicy } from '../contracts/router.ts'
import type { Plugin } from '../plugin.ts'

/** What may stand in `plugins`: a plugin, something falsy (so that `condition && plugin()` works), or a list of these. */
export type PluginEntry = Plugin | false | null | undefined | 0 | '' | readonly PluginEntry[]

/** Marks a router plugin with the provider ids that its routes name, for the type check only; never there at run time. */
export declare const routedProviders: unique symbol

export interface RoutesTo<Provider extends string> {
  readonly [routedProviders]?: Provider
}

type FlattenEntries<Entries> = Entries extends readonly (infer Entry)[] ? FlattenEntries<Entry> : Entries extends Plugin ? Entries : never

/** The ids of a kind's plugins; `string` as soon as one of the plugins could be of any kind. */
type IdsOf<Entries, Kind extends string> =
  | Extract<FlattenEntries<Entries>, { readonly kind: Kind }>['id']
  | (string extends Extract<FlattenEntries<Entries>, Plugin>['kind'] ? string : never)

type RoutedBy<Entries> =
  FlattenEntries<Entries> extends infer Entry ? (Entry extends { readonly [routedProviders]?: infer Provider } ? Extract<Provider, string> : never) : never

/** Provider ids that a route names and no plugin has. `never` when ids are not literal: boot checks them then. */
type UnknownProviders<Entries> =
  string extends IdsOf<Entries, 'provider'> ? never : string extends RoutedBy<Entries> ? never : Exclude<RoutedBy<Entries>, IdsOf<Entries, 'provider'>>

type CheckedEntries<Entries> = [UnknownProviders<Entries>] extends [never]
  ? Entries
  : { readonly 'A route names a provider that no plugin has': UnknownProviders<Entries> }

/** Everything but the plugins; all of it optional. */
export interface GatewaySettings {
  readonly listen?: {
    /** `127.0.0.1` when absent. Another address needs an auth plugin. */
    readonly host?: string
    /** 8081 when absent; 0 takes a free one. */
    readonly port?: number
  }
  /** Host names answered while there is no authentication, beside the loopback ones. */
  readonly allowedHosts?: readonly string[]
  /** Origins of web pages that may call the gateway, such as `http://localhost:3000`. */
  readonly allowedOrigins?: readonly string[]
  readonly limits?: {
    /** Bytes of a request body after decompression; 32 MiB when absent. */
    readonly requestBytes?: number
    /** Bytes of a unary reply; 128 MiB when absent. */
    readonly replyBytes?: number
  }
  /** `report` when absent. A route can override it. */
  readonly onLoss?: LossPolicy
  /** Milliseconds that live requests are given on shutdown; 30,000 when absent. */
  readonly drainTimeout?: number
  /** Milliseconds between pings on an idle translated stream; 15,000 when absent, 0 for none. */
  readonly pingInterval?: number
  readonly log?: {
    /** `info` when absent. */
    readonly level?: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
    /** `json` for programs, `pretty` for people; by default `pretty` in `dev` and on a terminal. */
    readonly format?: 'json' | 'pretty'
  }
  /** Freezes what hooks are given, so that a plugin that mutates it fails loudly. True in `dev` and in the testing kit. */
  readonly freeze?: boolean
}

export interface GatewayConfig extends GatewaySettings {
  readonly plugins: readonly PluginEntry[]
}

/** The configuration with all defaults filled in and the plugins flattened. */
export interface ResolvedConfig {
  readonly plugins: readonly Plugin[]
  readonly listen: { readonly host: string; readonly port: number }
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly limits: { readonly requestBytes: number; readonly replyBytes: number }
  readonly onLoss: LossPolicy
  readonly drainTimeout: number
  readonly pingInterval: number
  readonly log: { readonly level: string; readonly format: 'json' | 'pretty' | undefined }
  readonly freeze: boolean
}

/**
 * Types a configuration and gives it back unchanged. A route that names a provider id no plugin has does not compile, as far as ids are
 * literal; where they are not, boot checks them.
 */
export function defineConfig<const Entries extends readonly PluginEntry[]>(
  config: GatewaySettings & { readonly plugins: Entries & CheckedEntries<Entries> },
): GatewayConfig {
  return config as GatewayConfig
}
