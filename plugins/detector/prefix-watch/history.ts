import type { Usage } from 'tokligence'
import { commonParts, goesOn, Turns } from './continuation.ts'
import { type Fingerprint, firstDifference } from './fingerprint.ts'

/** A request that was answered, as it is remembered. */
export interface Remembered {
  /** What it can be compared with: principal, provider, account, protocols, model. */
  readonly scope: string
  /** As the caller sent it. */
  readonly asked: Fingerprint
  /** As it went to the provider; the same object where that is the same. */
  readonly sent: Fingerprint
  /** Unix milliseconds at which it was answered. */
  readonly at: number
  /** What the provider said of it. */
  readonly usage: Usage | undefined
  /** Input tokens, counted here. */
  readonly estimatedInput: number
  /** Hooks by which plugins changed it on its way. */
  readonly changedBy: readonly string[]
  /** The breaks of the conversation that the log has a warning of. */
  readonly warned: Set<string>
}

export interface HistoryLimits {
  readonly conversations: number
  /** Milliseconds. */
  readonly within: number
}

/** Of the conversations that end with the same turn, so many are remembered: all of them are looked at. */
const mostAlike = 32

/** The last request of each conversation, the least recently used forgotten first. Outlives a reload. */
export class History {
  /** By scope and last turn. */
  readonly #endings = new Map<string, Map<number, Set<Remembered>>>()
  /** In the order in which they were answered. */
  readonly #byAge = new Set<Remembered>()

  get size(): number {
    return this.#byAge.size
  }

  /** The request that a later one goes on from; of several, that with the longest common beginning, and then the newest. */
  find(scope: string, asked: Fingerprint, within: number): Remembered | undefined {
    const oldest = Date.now() - within
    const candidates = this.#endedWithTurnOf(scope, asked).filter(({ at }) => at >= oldest)
    if (candidates.length === 0) return undefined
    const turns = new Turns(asked)
    let best: { readonly found: Remembered; readonly common: number } | undefined
    for (const found of candidates) {
      if (!goesOn(found.asked, turns)) continue
      const common = commonParts(found.asked, asked)
      if (!best || common > best.common || (common === best.common && found.at >= best.found.at)) best = { found, common }
    }
    return best?.found
  }

  /** Puts a request in the place of the one that it goes on from, and of those that were the same. */
  remember(request: Remembered, { conversations, within }: HistoryLimits, before?: Remembered): void {
    if (before) this.#forget(before)
    const { scope, asked } = request
    // What has no turn, nothing goes on from.
    if (!asked.lastTurn) return
    const alike = [...(this.#endings.get(scope)?.get(asked.lastTurn.hash) ?? [])]
    for (const known of alike) if (isSame(known.asked, asked)) this.#forget(known)
    if (alike[0] && alike.length >= mostAlike) this.#forget(alike[0])
    this.#add(request, asked.lastTurn.hash)
    const oldest = Date.now() - within
    for (const known of this.#byAge) {
      if (this.#byAge.size <= conversations && known.at >= oldest) return
      this.#forget(known)
    }
  }

  clear(): void {
    this.#endings.clear()
    this.#byAge.clear()
  }

  #endedWithTurnOf(scope: string, { hashes, turns }: Fingerprint): readonly Remembered[] {
    const ended = this.#endings.get(scope)
    if (!ended) return []
    const found = new Set<Remembered>()
    for (const [index, hashed] of hashes.entries()) if (turns[index] === 1) for (const known of ended.get(hashed) ?? []) found.add(known)
    return [...found]
  }

  #add(request: Remembered, lastTurn: number): void {
    const ended = this.#endings.get(request.scope) ?? new Map<number, Set<Remembered>>()
    this.#endings.set(request.scope, ended)
    const alike = ended.get(lastTurn) ?? new Set()
    ended.set(lastTurn, alike.add(request))
    this.#byAge.add(request)
  }

  #forget(request: Remembered): void {
    this.#byAge.delete(request)
    const lastTurn = request.asked.lastTurn?.hash
    const ended = this.#endings.get(request.scope)
    const alike = lastTurn === undefined ? undefined : ended?.get(lastTurn)
    if (lastTurn === undefined || !alike?.delete(request)) return
    if (alike.size === 0) ended?.delete(lastTurn)
    if (ended?.size === 0) this.#endings.delete(request.scope)
  }
}

function isSame(one: Fingerprint, other: Fingerprint): boolean {
  return one.hashes.length === other.hashes.length && one.characters === other.characters && firstDifference(one, other) === undefined
}
