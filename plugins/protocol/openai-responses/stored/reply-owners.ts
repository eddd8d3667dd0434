import type { Keeper } from './kept-reply.ts'

/** Who holds a stored reply, and for whom. */
export interface ReplyOwner extends Keeper {
  readonly principal: string | undefined
}

/** So many replies are remembered; the oldest is forgotten first. */
const capacity = 10_000

/**
 * Which provider gave which reply to whom. Servers that are not the vendor may give one id to several callers; each has its own then. Kept over
 * reloads, and gone with the process.
 */
export class ReplyOwners {
  readonly #owners = new Map<string, ReplyOwner>()
  /** By id, how many principals have a reply of it. */
  readonly #counts = new Map<string, number>()
  #named = false

  /** True once anybody with a name has got a reply: until then none can be somebody else's. */
  get named(): boolean {
    return this.#named
  }

  remember(id: string, owner: ReplyOwner): void {
    this.#named ||= owner.principal !== undefined
    this.forget(owner.principal, id)
    this.#owners.set(placeOf(owner.principal, id), owner)
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1)
    if (this.#owners.size <= capacity) return
    const [oldest] = this.#owners.keys()
    if (oldest !== undefined) this.#drop(oldest)
  }

  find(principal: string | undefined, id: string): ReplyOwner | undefined {
    return this.#owners.get(placeOf(principal, id))
  }

  /** True where somebody is known to have a reply of that id, and this principal is not. */
  isForeign(principal: string | undefined, id: string): boolean {
    return this.#counts.has(id) && this.find(principal, id) === undefined
  }

  forget(principal: string | undefined, id: string): void {
    this.#drop(placeOf(principal, id))
  }

  #drop(place: string): void {
    if (!this.#owners.delete(place)) return
    const [, id] = JSON.parse(place) as [string | null, string]
    const count = this.#counts.get(id) ?? 0
    if (count > 1) this.#counts.set(id, count - 1)
    else this.#counts.delete(id)
  }
}

/** Nobody's is `null`, which no name is. */
function placeOf(principal: string | undefined, id: string): string {
  return JSON.stringify([principal ?? null, id])
}
