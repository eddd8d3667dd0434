import { createHash } from 'node:crypto'

interface OpenCall {
  readonly id: string
  readonly name: string
  /** The wire gave it no id. */
  readonly invented: boolean
  /** The number of the model's turn that it stands in. */
  readonly turn: number
}

/** A call's or a result's id in the neutral form. */
export interface PairedId {
  readonly id: string
  /** False when the wire gave another id, or none. */
  readonly given: boolean
}

/**
 * Ids for calls, which this protocol may leave without one, and the pairing of results with them: by id, else by name and order.
 *
 * An id that is made up rests on the call's number and name alone, so that the same history has the same ids on every turn and cached prompts hold.
 * Replies take a seed of their own, because their ids have to differ from those of every other turn.
 */
export class CallIds {
  readonly #seed: string
  readonly #open: OpenCall[] = []
  #count = 0
  #turn = 0

  constructor(seed = '') {
    this.#seed = seed
  }

  /** The model speaks again: names mean its new calls first, because a call of an earlier turn may have been given up without a result. */
  nextTurn(): void {
    this.#turn++
  }

  call(name: string, id: string | undefined): PairedId {
    this.#count++
    const known = id ?? this.#invent('call', name)
    this.#open.push({ id: known, name, invented: id === undefined, turn: this.#turn })
    return { id: known, given: id !== undefined }
  }

  result(name: string, id: string | undefined): PairedId {
    const at = this.#find(name, id)
    const [call] = at === -1 ? [] : this.#open.splice(at, 1)
    if (call) return { id: call.id, given: call.id === id }
    this.#count++
    return id === undefined ? { id: this.#invent('result', name), given: false } : { id, given: true }
  }

  #find(name: string, id: string | undefined): number {
    const same = id === undefined ? -1 : this.#open.findIndex((call) => call.id === id)
    if (same !== -1) return same
    const isMeant = (call: OpenCall) => call.name === name && (id === undefined || call.invented)
    const newest = this.#open.findIndex((call) => call.turn === this.#turn && isMeant(call))
    return newest === -1 ? this.#open.findIndex(isMeant) : newest
  }

  #invent(kind: string, name: string): string {
    return `call_${createHash('sha256')
      .update(JSON.stringify([this.#seed, kind, this.#count, name]))
      .digest('hex')
      .slice(0, 24)}`
  }
}
