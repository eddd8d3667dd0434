import { GatewayError } from './errors.ts'
import type { PluginKinds } from './plugin.ts'

/** (kind, id) → contribution, in configuration order. */
export interface Registry {
  /** Throws GatewayError `TKL_PLUGIN_MISSING`. */
  get<Kind extends keyof PluginKinds & string>(kind: Kind, id: string): PluginKinds[Kind]
  find<Kind extends keyof PluginKinds & string>(kind: Kind, id: string): PluginKinds[Kind] | undefined
  all<Kind extends keyof PluginKinds & string>(kind: Kind): readonly (readonly [id: string, contribution: PluginKinds[Kind]])[]
}

export class PluginRegistry implements Registry {
  readonly #kinds = new Map<string, Map<string, unknown>>()

  add(kind: string, id: string, contribution: unknown): void {
    let ids = this.#kinds.get(kind)
    if (!ids) {
      ids = new Map()
      this.#kinds.set(kind, ids)
    }
    if (ids.has(id))
      throw new GatewayError('TKL_PLUGIN_DUPLICATE', `Two plugins of kind "${kind}" have the id "${id}". Give one of them another: { id: '${id}-2' }.`)
    ids.set(id, contribution)
  }

  get<Kind extends keyof PluginKinds & string>(kind: Kind, id: string): PluginKinds[Kind] {
    const found = this.find(kind, id)
    if (found === undefined && !this.#kinds.get(kind)?.has(id)) {
      const known = [...(this.#kinds.get(kind)?.keys() ?? [])].join(', ') || 'none'
      throw new GatewayError('TKL_PLUGIN_MISSING', `No plugin of kind "${kind}" has the id "${id}" (configured: ${known}).`)
    }
    return found as PluginKinds[Kind]
  }

  find<Kind extends keyof PluginKinds & string>(kind: Kind, id: string): PluginKinds[Kind] | undefined {
    return this.#kinds.get(kind)?.get(id) as PluginKinds[Kind] | undefined
  }

  all<Kind extends keyof PluginKinds & string>(kind: Kind): readonly (readonly [string, PluginKinds[Kind]])[] {
    return [...(this.#kinds.get(kind)?.entries() ?? [])] as [string, PluginKinds[Kind]][]
  }
}
