import { GatewayError, type PluginApi, type SessionEntry, type SessionStore } from 'tokligence'
import { type AskedReply, settingsKey } from './asked-reply.ts'
import { type History, type Keeper, type KeptReply, outputOf, type PastReply } from './kept-reply.ts'
import { type OwnerEntry, readKeptReply, readOwner, readSettingsText } from './read-entry.ts'
import type { ReplyOwners } from './reply-owners.ts'
import { timely } from './timely-store.ts'

const hour = 3_600_000

/** As long as the vendor keeps a reply (his guide of conversation state); the store's own limit may be shorter. */
const lifetime = 30 * 24 * hour

/** Longer ids are nobody's: a key has 512 characters. */
const longestId = 256

/** What is known of an id to one principal. */
export interface KnownReply {
  /** A reply that was translated. */
  readonly kept?: KeptReply
  /** Who keeps the reply itself. */
  readonly keeper?: Keeper
  /** It was given to another principal. */
  readonly foreign?: true
}

/** A reply as the store has it. */
interface Found {
  readonly entry: SessionEntry
  readonly reply: KeptReply
}

/**
 * Replies by id, for each principal its own: the translated ones whole, of the others who keeps them, and copies where they are wanted. All methods
 * reject as the store does, and with GatewayError `TKL_SESSION_UNAVAILABLE` when it takes too long.
 */
export class ReplyBook {
  readonly #api: PluginApi
  readonly #owners: ReplyOwners
  #timely: SessionStore | undefined
  #complained = false

  constructor(api: PluginApi, owners: ReplyOwners) {
    this.#api = api
    this.#owners = owners
  }

  async find(principal: string | undefined, id: string): Promise<KnownReply> {
    const owner = this.#owners.find(principal, id)
    if (owner) return { keeper: owner }
    let keeper: Keeper | undefined
    for (const entry of await this.#get(principal, id, [replyKey(id), ownerKey(id)])) {
      if (entry.key === ownerKey(id)) keeper = this.#read(entry, readOwner) ?? keeper
      else {
        const reply = this.#read(entry, readKeptReply)
        if (reply && !reply.keeper) return { kept: reply }
        keeper ??= reply?.keeper
      }
    }
    if (keeper) return { keeper }
    return this.#owners.isForeign(principal, id) ? { foreign: true } : {}
  }

  /** True when a provider is asked under the account that keeps a reply: one key is one account, by whatever name its provider goes. */
  isKeeper(provider: string, keeper: Keeper): boolean {
    const account = this.#api.registry.find('provider', provider)?.account
    return account === keeper.account && (account !== withoutKey || provider === keeper.provider)
  }

  /** The gateway's own copy of a reply that its vendor keeps. */
  async copyOf(principal: string | undefined, id: string): Promise<KeptReply | undefined> {
    const [entry] = await this.#get(principal, id, [replyKey(id)])
    return this.#read(entry, readKeptReply)
  }

  /** What was asked for a reply that its vendor keeps, and the calls that it made. */
  async askedFor(principal: string | undefined, id: string): Promise<AskedReply | undefined> {
    const [entry] = await this.#get(principal, id, [ownerKey(id)])
    return this.#read(entry, readOwner)?.asked
  }

  /** The settings of the request that a reply with calls answered, which its vendor keeps. */
  async settingsOf(principal: string | undefined, id: string): Promise<string | undefined> {
    const [entry] = await this.#get(principal, id, [settingsKey(id)])
    return this.#read(entry, readSettingsText)
  }

  /** The items of a kept reply's input, those before it included; undefined when a part is gone. Throws GatewayError `TKL_REQUEST_TOO_LARGE`. */
  async inputOf(principal: string | undefined, { earlier, input }: KeptReply) {
    const before = await this.#chain(principal, earlier)
    return before && [...before.flatMap(({ reply }) => pastReply(reply).items), ...input]
  }

  /**
   * For a request of so many bytes that goes on from a kept reply; undefined when a part is gone. What it rests on is kept for longer. Throws GatewayError
   * `TKL_REQUEST_TOO_LARGE` when both together are.
   */
  async historyOf(principal: string | undefined, id: string, { earlier }: KeptReply, requestBytes = 0): Promise<History | undefined> {
    const found = await this.#chain(principal, [...earlier, id], requestBytes)
    if (!found) return undefined
    const entries = found.map(({ entry }) => entry)
    await this.#renew(principal, entries)
    return found.map(({ reply }) => pastReply(reply))
  }

  /** Those of which less than half of their time is left, so that a conversation is not written again in each of its turns. */
  async #renew(principal: string | undefined, entries: readonly SessionEntry[]): Promise<void> {
    const now = Date.now()
    const life = Math.min(lifetime, this.#store?.timeToLive ?? lifetime)
    const ageing = entries.filter(({ expiresAt }) => expiresAt < now + life / 2).map(({ key }) => key)
    if (ageing.length === 0) return
    await this.#store?.renew(principal, ageing, now + lifetime).catch((error: unknown) => this.#api.logger.error({ error }, 'replies were not renewed'))
  }

  async keep(principal: string | undefined, reply: KeptReply): Promise<void> {
    const id = String(reply.response.id)
    if (id.length <= longestId) await this.#store?.put(principal, [{ key: replyKey(id), value: JSON.stringify(reply), expiresAt: Date.now() + lifetime }])
  }

  /** Remembers in this process who keeps a reply. */
  own(principal: string | undefined, id: string, keeper: Keeper): void {
    this.#owners.remember(id, { ...keeper, principal })
  }

  /** The same in the store. `settings`: of the request, where the reply has calls. */
  async remember(principal: string | undefined, id: string, keeper: Keeper, asked?: AskedReply, settings?: string): Promise<void> {
    if (id.length > longestId) return
    const entry: OwnerEntry = { ...keeper, ...(asked && { asked }) }
    const expiresAt = Date.now() + lifetime
    const apart = settings === undefined ? [] : [{ key: settingsKey(id), value: settings, expiresAt }]
    await this.#store?.put(principal, [...apart, { key: ownerKey(id), value: JSON.stringify(entry), expiresAt }])
  }

  /** Removes all that is kept of a reply. While the store cannot, this process still knows who keeps it, so that it can be tried again. */
  async forget(principal: string | undefined, id: string): Promise<void> {
    if (id.length <= longestId) await this.#store?.delete(principal, [replyKey(id), ownerKey(id), settingsKey(id)])
    this.#owners.forget(principal, id)
  }

  get #store(): SessionStore | undefined {
    const [first] = this.#api.registry.all('session')
    if (first) this.#timely ??= timely(first[1])
    return this.#timely
  }

  async #get(principal: string | undefined, id: string, keys: readonly string[]): Promise<readonly SessionEntry[]> {
    return id.length > longestId ? [] : ((await this.#store?.get(principal, keys)) ?? [])
  }

  /** The entries of the ids in their order; undefined when one is gone. */
  async #chain(principal: string | undefined, ids: readonly string[], requestBytes = 0): Promise<readonly Found[] | undefined> {
    if (ids.length === 0) return []
    const found = (await this.#store?.get(principal, ids.map(replyKey))) ?? []
    const byKey = new Map(found.map((entry) => [entry.key, entry]))
    const entries = ids.map((id) => byKey.get(replyKey(id))).filter((entry) => entry !== undefined)
    if (entries.length < ids.length) return undefined
    const limit = this.#api.config.limits.requestBytes
    if (entries.reduce((sum, { value }) => sum + Buffer.byteLength(value), requestBytes) > limit)
      throw new GatewayError('TKL_REQUEST_TOO_LARGE', `The conversation that the reply belongs to is larger than ${limit} bytes, with what is new.`)
    const replies = entries.flatMap((entry) => {
      const reply = this.#read(entry, readKeptReply)
      return reply ? [{ entry, reply }] : []
    })
    return replies.length < ids.length ? undefined : replies
  }

  /** What is no such entry counts as absent: the book did not write it. */
  #read<Value>(entry: SessionEntry | undefined, reader: (value: string) => Value | undefined): Value | undefined {
    if (!entry) return undefined
    const value = reader(entry.value)
    if (value === undefined && !this.#complained) {
      this.#complained = true
      this.#api.logger.error({ key: entry.key }, 'the session store holds something else under the key of a reply; such entries are passed over')
    }
    return value
  }
}

/** What a provider without a key of its own has for an account (contracts/provider.ts). */
const withoutKey = 'none'

function pastReply({ response, input, keeper }: KeptReply): PastReply {
  return { id: String(response.id), items: [...input, ...outputOf(response)], ...(keeper && { keeper }) }
}

function replyKey(id: string): string {
  return `reply:${id}`
}

function ownerKey(id: string): string {
  return `owner:${id}`
}
