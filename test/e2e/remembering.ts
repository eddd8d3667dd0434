import { setTimeout as wait } from 'node:timers/promises'
import { definePlugin, GatewayError, type Plugin, type PluginEntry, type SessionEntry, type SessionStore } from 'tokligence'
import { openai } from 'tokligence/plugins'
import { z } from 'zod'
import { captureReplies } from '../../plugins/session/memory/capture-replies.ts'
import { startVendors, type Vendors, type VendorsOptions } from './vendors.ts'

/** A store in memory that outlives gateways, and can be told to fail, or to take its time. */
export interface Shelf {
  readonly plugin: Plugin
  /** By principal and key. */
  readonly entries: Map<string, SessionEntry>
  failing: boolean
  /** Milliseconds that writing takes, and reading. */
  delay: number
  readDelay: number
  /** Milliseconds that entries live at most. */
  timeToLive: number
  /** How many entries were put, and how many renewed. */
  written: number
  renewed: number
}

export function shelf(capture: 'translated' | 'all' = 'translated'): Shelf {
  const entries = new Map<string, SessionEntry>()
  const place = (principal: string | undefined, key: string) => JSON.stringify([principal ?? null, key])
  const made: Omit<Shelf, 'plugin'> = { entries, failing: false, delay: 0, readDelay: 0, timeToLive: Number.POSITIVE_INFINITY, written: 0, renewed: 0 }
  const keep = (principal: string | undefined, entry: SessionEntry) => {
    const latest = Date.now() + made.timeToLive
    entries.set(place(principal, entry.key), { ...entry, expiresAt: Math.min(entry.expiresAt, latest) })
  }
  const reach = () => {
    if (made.failing) throw new GatewayError('TKL_SESSION_UNAVAILABLE', 'The shelf fell down.')
  }
  const store: SessionStore = {
    get timeToLive() {
      return made.timeToLive
    },
    async put(principal, given) {
      reach()
      if (made.delay > 0) await wait(made.delay)
      for (const entry of given) keep(principal, entry)
      made.written += given.length
    },
    async get(principal, keys) {
      reach()
      if (made.readDelay > 0) await wait(made.readDelay)
      return keys.flatMap((key) => entries.get(place(principal, key)) ?? [])
    },
    async renew(principal, keys, expiresAt) {
      reach()
      if (made.delay > 0) await wait(made.delay)
      for (const key of keys) {
        const entry = entries.get(place(principal, key))
        if (entry) keep(principal, { ...entry, expiresAt })
      }
      made.renewed += keys.length
    },
    async delete(principal, keys) {
      reach()
      return keys.filter((key) => entries.delete(place(principal, key))).length
    },
    erase: async () => 0,
  }
  const sessions = definePlugin({
    kind: 'session',
    name: 'shelf',
    apiVersion: 1,
    options: z.strictObject({}),
    setup(api) {
      captureReplies(api, capture)
      return store
    },
  })
  return Object.assign(made, { plugin: sessions() })
}

/** Whoever says a name has it. */
export const callers = definePlugin({
  kind: 'auth',
  name: 'callers',
  apiVersion: 1,
  options: z.strictObject({}),
  setup: (api) => api.hooks.resolvePrincipal.tap(({ headers }) => (typeof headers['x-caller'] === 'string' ? { id: headers['x-caller'] } : undefined)),
})

/** Every call as the caller of that name. */
export function callerOf(name: string): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('x-caller', name)
    return fetch(input, { ...init, headers })
  }
}

/**
 * All vendors behind a gateway that knows its callers and remembers their replies. The vendor of Responses has another account there, under the name
 * `second`. `upstream`: the vendors that another gateway has asked already.
 */
export function startRemembering(
  sessions: Pick<Shelf, 'plugin'>,
  extra: readonly PluginEntry[] = [],
  options: Pick<VendorsOptions, 'settings' | 'upstream'> = {},
): Promise<Vendors> {
  const second = (upstream: string) => openai({ id: 'second', apiKey: 'sk-second', baseUrl: `${upstream}/v1`, protocols: ['openai-responses'] })
  return startVendors({ ...options, extra: (url) => [callers(), sessions.plugin, second(url), ...extra] })
}
