import type { RequestContext } from 'tokligence'
import { madeId } from '../reply/made-id.ts'
import type { Keeper } from './kept-reply.ts'

/** So many are known at a time; the oldest is given up first. */
const capacity = 10_000

/** A reply that is being written, or is whole and not yet kept. */
interface Running {
  readonly principal: string | undefined
  readonly over: Promise<void>
  readonly end: () => void
  /** Under which its caller may know it. */
  readonly ids: Set<string>
  /** Who will keep it himself; undefined for one that is translated. */
  keeper: Keeper | undefined
  deleted: boolean
}

/** How a wait has ended: the reply is kept or never will be, the time is over, or there is no such reply. */
export type Waited = 'over' | 'late' | 'unknown'

/** The replies of this process that are not over, by their requests' ids and by their own. */
export class RunningReplies {
  readonly #running = new Map<string, Running>()
  /** By principal and the reply's id. */
  readonly #named = new Map<string, Running>()

  /** To be called for every attempt. `keeper`: who will keep the reply himself. */
  begin({ id, principal }: RequestContext, keeper: Keeper | undefined): void {
    const known = this.#running.get(id)
    if (known) known.keeper = keeper
    else this.#add(id, principal?.id, keeper)
    if (keeper === undefined) this.name(id, madeId(id))
  }

  /** The caller of a request gets to know the id of its reply. */
  name(request: string, id: string): void {
    const running = this.#running.get(request)
    if (!running || running.ids.has(id)) return
    running.ids.add(id)
    this.#named.set(placeOf(running.principal, id), running)
  }

  /** The reply to a request is kept, or never will be. */
  end(request: string): void {
    const running = this.#running.get(request)
    if (!running) return
    this.#running.delete(request)
    for (const id of running.ids) {
      const place = placeOf(running.principal, id)
      if (this.#named.get(place) === running) this.#named.delete(place)
    }
    running.end()
  }

  /** A reply of a principal's, by the id that its caller has seen. */
  find(principal: string | undefined, id: string): { readonly keeper: Keeper | undefined } | undefined {
    return this.#named.get(placeOf(principal, id))
  }

  /** The caller has deleted the reply: it is not to be kept. Tells whether there is one. */
  delete(principal: string | undefined, id: string): boolean {
    const running = this.#named.get(placeOf(principal, id))
    if (running) running.deleted = true
    return running !== undefined
  }

  /** True when the reply to a request was deleted before it was over. */
  isDeleted(request: string): boolean {
    return this.#running.get(request)?.deleted === true
  }

  /** The ids under which a deleted reply may have been kept all the same, because it was on its way to the store. */
  deletedIds(request: string): readonly string[] {
    const running = this.#running.get(request)
    return running?.deleted ? [...running.ids] : []
  }

  /** Waits for the end of a reply of the caller's, so many milliseconds at most. Rejects when the caller leaves, with the reason. */
  async wait(context: RequestContext, id: string, milliseconds: number): Promise<Waited> {
    const running = this.#named.get(placeOf(context.principal?.id, id))
    if (!running) return 'unknown'
    const { signal } = context
    signal.throwIfAborted()
    let timer: NodeJS.Timeout | undefined
    let leave: () => void = () => undefined
    const stopped = new Promise<Waited>((resolve, reject) => {
      timer = setTimeout(() => resolve('late'), milliseconds)
      leave = () => reject(signal.reason)
      signal.addEventListener('abort', leave)
    })
    try {
      return await Promise.race([stopped, running.over.then((): Waited => 'over')])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
    }
  }

  #add(request: string, principal: string | undefined, keeper: Keeper | undefined): void {
    let end: () => void = () => undefined
    const over = new Promise<void>((resolve) => {
      end = resolve
    })
    this.#running.set(request, { principal, over, end, ids: new Set(), keeper, deleted: false })
    const [oldest] = this.#running.keys()
    if (oldest !== undefined && this.#running.size > capacity) this.end(oldest)
  }
}

function placeOf(principal: string | undefined, id: string): string {
  return JSON.stringify([principal ?? null, id])
}
