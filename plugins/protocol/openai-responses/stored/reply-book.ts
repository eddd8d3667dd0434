import { GatewayError, type JsonObject, type PluginApi, peekJson, type SessionEntry, type SessionStore } from 'tokligence'
import { type History, type KeptReply, outputOf } from './kept-reply.ts'
import type { ReplyOwners } from './reply-owners.ts'

const hour = 3_600_000

/** As long as the vendor keeps a reply (his guide of conversation state); the store's own limit may be shorter. */
const lifetime = 30 * 24 * hour

/** What is gone on with lives at least so much longer. */
const renewedWithin = 12 * hour

/** Longer ids are nobody's: a key has 512 characters. */
const longestId = 256

/** What is known of an id to one principal. */
export interface KnownReply {
  /** A reply that was translated. */
  readonly kept?: KeptReply
  /** The provider that keeps the reply itself. */
  readonly provider?: string
  /** It was given to another principal. */
  readonly foreign?: true
}

/** Replies by id, for each principal its own: the translated ones whole, of the others who keeps them. All methods reject as the store does. */
export class ReplyBook {
  readonly #api: PluginApi
  readonly #owners: ReplyOwners

  constructor(api: PluginApi, owners: ReplyOwners) {
    this.#api = api
    this.#owners = owners
  }

  async find(principal: string | undefined, id: string): Promise<KnownReply> {
    const owner = this.#owners.find(id)
    if (owner) return owner.principal === principal ? { provider: owner.provider } : { foreign: true }
    if (id.length > longestId) return {}
    for (const { key, value } of (await this.#store?.get(principal, [replyKey(id), ownerKey(id)])) ?? []) {
      if (key === replyKey(id)) return { kept: JSON.parse(value) as KeptReply }
      const { provider, account } = JSON.parse(value) as { readonly provider: string; readonly account: string }
      // Another account of the provider has another's replies.
      if (this.#api.registry.find('provider', provider)?.account === account) return { provider }
    }
    return {}
  }

  /** The items of a kept reply's input, those before it included; undefined when a part is gone. Throws GatewayError `TKL_REQUEST_TOO_LARGE`. */
  async inputOf(principal: string | undefined, { earlier, input }: KeptReply): Promise<readonly JsonObject[] | undefined> {
    const before = await this.#chain(principal, earlier)
    return before && [...itemsIn(before), ...input]
  }

  /** For a request that goes on from a kept reply; undefined when a part is gone. What it rests on is kept for longer. */
  async historyOf(principal: string | undefined, id: string, { earlier }: KeptReply): Promise<History | undefined> {
    const ids = [...earlier, id]
    const entries = await this.#chain(principal, ids)
    if (!entries) return undefined
    const now = Date.now()
    const ageing = entries.filter(({ expiresAt }) => expiresAt < now + renewedWithin).map((entry) => ({ ...entry, expiresAt: now + lifetime }))
    if (ageing.length > 0) await this.#store?.put(principal, ageing).catch((error: unknown) => this.#api.logger.error({ error }, 'replies were not renewed'))
    return { ids, items: itemsIn(entries) }
  }

  async keep(principal: string | undefined, reply: KeptReply): Promise<void> {
    const entry = { key: replyKey(String(reply.response.id)), value: JSON.stringify(reply), expiresAt: Date.now() + lifetime }
    await this.#store?.put(principal, [entry])
  }

  /** Remembers who keeps a reply, in this process and, when it is kept at all, in the store. */
  async remember(principal: string | undefined, id: string, provider: string, request: Buffer): Promise<void> {
    this.#owners.remember(id, { provider, principal })
    if (!this.#store || id.length > longestId || peekJson(request, ['store']).get('store')?.value === false) return
    const account = this.#api.registry.find('provider', provider)?.account
    await this.#store.put(principal, [{ key: ownerKey(id), value: JSON.stringify({ provider, account }), expiresAt: Date.now() + lifetime }])
  }

  async forget(principal: string | undefined, id: string): Promise<void> {
    this.#owners.forget(id)
    await this.#store?.delete(principal, [replyKey(id), ownerKey(id)])
  }

  get #store(): SessionStore | undefined {
    return this.#api.registry.all('session')[0]?.[1]
  }

  /** The entries of the ids in their order; undefined when one is gone. */
  async #chain(principal: string | undefined, ids: readonly string[]): Promise<readonly SessionEntry[] | undefined> {
    if (ids.length === 0) return []
    const found = (await this.#store?.get(principal, ids.map(replyKey))) ?? []
    const byKey = new Map(found.map((entry) => [entry.key, entry]))
    const entries = ids.map((id) => byKey.get(replyKey(id))).filter((entry) => entry !== undefined)
    if (entries.length < ids.length) return undefined
    const limit = this.#api.config.limits.requestBytes
    if (entries.reduce((sum, { value }) => sum + value.length, 0) <= limit) return entries
    throw new GatewayError('TKL_REQUEST_TOO_LARGE', `The conversation that the reply belongs to is larger than ${limit} bytes.`)
  }
}

function itemsIn(entries: readonly SessionEntry[]): readonly JsonObject[] {
  return entries.flatMap(({ value }) => {
    const reply = JSON.parse(value) as KeptReply
    return [...reply.input, ...outputOf(reply)]
  })
}

function replyKey(id: string): string {
  return `reply:${id}`
}

function ownerKey(id: string): string {
  return `owner:${id}`
}
