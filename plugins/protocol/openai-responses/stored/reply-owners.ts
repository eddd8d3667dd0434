import type { Keeper } from './kept-reply.ts'

/** Who holds a stored reply, and for whom. */
export interface ReplyOwner extends Keeper {
  readonly principal: string | undefined
}

/** So many replies are remembered; the oldest is forgotten first. */
const capacity = 10_000

/** Which provider gave which reply. Kept over reloads, and gone with the process. */
export class ReplyOwners {
  readonly #owners = new Map<string, ReplyOwner>()

  remember(id: string, owner: ReplyOwner): void {
    this.#owners.delete(id)
    this.#owners.set(id, owner)
    if (this.#owners.size <= capacity) return
    const [oldest] = this.#owners.keys()
    if (oldest !== undefined) this.#owners.delete(oldest)
  }

  find(id: string): ReplyOwner | undefined {
    return this.#owners.get(id)
  }

  forget(id: string): void {
    this.#owners.delete(id)
  }
}
