import { definePlugin, type Loss, type Plugin, type PluginApi } from 'tokligence'
import { prefixWatch } from 'tokligence/plugins'
import { expect } from 'vitest'
import { z } from 'zod'
import { recordingLogger } from '../../plugins/set-up.ts'
import { type Fields, objects } from '../../support/json-fields.ts'
import { callers } from '../remembering.ts'
import { speakers } from '../thoughtful-vendors.ts'
import { ask, type Path, startVendors, type Vendors, type VendorsOptions } from '../vendors.ts'
import { CachingVendors } from './caching-vendors.ts'
import { inWordsOf, type Said } from './said.ts'

export interface WatchedGateway extends Vendors {
  readonly caches: CachingVendors
  readonly lines: readonly Fields[]
}

export interface WatchedOptions extends Omit<VendorsOptions, 'extra' | 'logger'> {
  readonly watch?: Parameters<typeof prefixWatch>[0]
  /** Stand before the watch. */
  readonly plugins?: readonly Plugin[]
  /** False for vendors that tell of no cache. */
  readonly tells?: boolean
}

/** All vendors, with caches, behind a gateway that watches prefixes and knows its callers. */
export async function startWatched({ watch = {}, plugins = [], tells = true, ...options }: WatchedOptions = {}): Promise<WatchedGateway> {
  const { logger, lines } = recordingLogger()
  const vendors = await startVendors({ ...options, logger, extra: [callers(), ...plugins, prefixWatch({ leastTokens: 1, ...watch })] })
  const caches = new CachingVendors(await speakers(), tells)
  vendors.upstream.always(caches.answer)
  return { ...vendors, caches, lines }
}

/** A plugin that changes what is on its way. */
export function changing(id: string, setup: (api: PluginApi) => void): Plugin {
  return definePlugin({ kind: 'firewall', name: 'changing', apiVersion: 1, options: z.strictObject({}), setup })({ id })
}

/** Says something, and gives what was lost of the prefix of the cache. */
export async function say(
  { url, ledger }: Pick<WatchedGateway, 'url' | 'ledger'>,
  { caller, model, stream = false, as = 'ada' }: Pick<Path, 'caller' | 'model'> & { readonly stream?: boolean; readonly as?: string },
  said: Said | Fields,
): Promise<Loss | undefined> {
  const fields = 'turns' in said ? inWordsOf(caller, said as Said) : said
  const reply = await ask(url, caller, { ...fields, model, stream }, { 'x-caller': as })
  const text = await reply.text()
  expect(reply.status, text).toBe(200)
  const losses =
    ledger
      .records()
      .at(-1)
      ?.losses.filter(({ feature }) => feature === 'cache-prefix') ?? []
  expect(losses.length).toBeLessThan(2)
  return losses[0]
}

/** The lines of the log that tell of a broken prefix, at a level of pino's. */
export function toldAt(level: 'warn' | 'debug', { lines }: Pick<WatchedGateway, 'lines'>): readonly Fields[] {
  const numbers = { debug: 20, warn: 40 }
  return objects(lines).filter((line) => line.level === numbers[level] && typeof line.brokenBy === 'string')
}
