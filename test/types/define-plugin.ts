// Compiled by tsc, never run.
import { definePlugin, type Ledger, type Plugin, type PluginApi, type Provider, type Router } from 'tokligence'
import { z } from 'zod'

declare const provider: Provider
declare const router: Router
declare const ledger: Ledger

export const optional = definePlugin({
  kind: 'detector',
  name: 'optional',
  apiVersion: 1,
  options: z.strictObject({ limit: z.number().default(3), mode: z.enum(['soft', 'hard']).optional() }),
  setup: (_api, options) => {
    const limit: number = options.limit
    const mode: 'soft' | 'hard' | undefined = options.mode
    // @ts-expect-error what the schema does not have is not there
    options.window
    return void [limit, mode]
  },
})

export const required = definePlugin({
  kind: 'provider',
  name: 'required',
  apiVersion: 1,
  options: z.strictObject({ region: z.string(), retries: z.number().optional() }),
  setup: () => provider,
})

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never

/** Kind and id survive as literals: everything that checks ids rests on it. */
const byName = optional()
const byId = required({ id: 'required-eu', region: 'eu' })
const byNameWithOptions = required({ region: 'eu' })
export const literals: [
  Same<typeof byName, Plugin<'detector', 'optional'>>,
  Same<typeof byId, Plugin<'provider', 'required-eu'>>,
  Same<typeof byNameWithOptions, Plugin<'provider', 'required'>>,
] = [true, true, true]

export const options = [
  optional(),
  optional({}),
  optional({ limit: 1, mode: 'hard' }),
  optional({ id: 'second' }),
  required({ region: 'eu' }),
  required({ id: 'eu', region: 'eu', retries: 1 }),
  // @ts-expect-error `region` is required
  required(),
  // @ts-expect-error `region` is required
  required({}),
  // @ts-expect-error `region` is required also beside an id
  required({ id: 'eu' }),
  // @ts-expect-error `region` is a string
  required({ region: 1 }),
  // @ts-expect-error `limit` is a number
  optional({ limit: '1' }),
  // @ts-expect-error `mode` has no such value
  optional({ mode: 'medium' }),
  // @ts-expect-error there is no option `limits`
  optional({ limits: 1 }),
  // @ts-expect-error an id is a string
  optional({ id: 7 }),
]

const none = z.strictObject({})

export const contributions = [
  definePlugin({ kind: 'router', name: 'a', apiVersion: 1, options: none, setup: () => router }),
  definePlugin({ kind: 'ledger', name: 'b', apiVersion: 1, options: none, setup: async () => ledger }),
  definePlugin({ kind: 'firewall', name: 'c', apiVersion: 1, options: none, setup: () => {} }),
  // @ts-expect-error a router is no ledger
  definePlugin({ kind: 'ledger', name: 'd', apiVersion: 1, options: none, setup: () => router }),
  // @ts-expect-error a provider must be answered with
  definePlugin({ kind: 'provider', name: 'e', apiVersion: 1, options: none, setup: () => {} }),
  // @ts-expect-error a method is missing
  definePlugin({ kind: 'router', name: 'f', apiVersion: 1, options: none, setup: () => ({ resolve: () => undefined, names: () => [] }) }),
  // @ts-expect-error also when it is awaited
  definePlugin({ kind: 'router', name: 'g', apiVersion: 1, options: none, setup: async () => ({ names: () => [] }) }),
  // @ts-expect-error there is no such kind
  definePlugin({ kind: 'weather', name: 'h', apiVersion: 1, options: none, setup: () => {} }),
  // @ts-expect-error this gateway speaks version 1
  definePlugin({ kind: 'firewall', name: 'i', apiVersion: 2, options: none, setup: () => {} }),
]

export function lookUp(api: PluginApi): void {
  const found: Ledger | undefined = api.registry.get('ledger', 'sqlite')
  // @ts-expect-error what is found under `ledger` is a ledger
  const wrong: Provider | undefined = api.registry.get('ledger', 'sqlite')
  // @ts-expect-error a shared value has the type that `create` answers with
  const shared: string = api.shared(
    'counter',
    () => 0,
    () => {},
  )
  void [found, wrong, shared]
}
