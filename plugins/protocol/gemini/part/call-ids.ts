import { createHash } from 'node:crypto'

interface Call {
  readonly id: string
  answered: boolean
}

/** Calls that one key means, in their order. */
class Waiting {
  readonly #calls: Call[] = []
  #next = 0

  add(call: Call): void {
    this.#calls.push(call)
  }

  /** The first that has no result yet. */
  get first(): Call | undefined {
    while (this.#calls[this.#next]?.answered) this.#next++
    return this.#calls[this.#next]
  }
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
  readonly #byId = new Map<string, Waiting>()
  /** By name, and those without an id of their own a second time. */
  readonly #byName = new Map<string, Waiting>()
  /** The same for the newest turn of the model alone. */
  #newest = new Map<string, Waiting>()
  #count = 0

  constructor(seed = '') {
    this.#seed = seed
  }

  /** The model speaks again: names mean its new calls first, because a call of an earlier turn may have been given up without a result. */
  nextTurn(): void {
    this.#newest = new Map()
  }

  call(name: string, id: string | undefined): PairedId {
    this.#count++
    const call: Call = { id: id ?? this.#invent('call', name), answered: false }
    put(this.#byId, call.id, call)
    for (const key of id === undefined ? [any(name), bare(name)] : [any(name)]) {
      put(this.#byName, key, call)
      put(this.#newest, key, call)
    }
    return { id: call.id, given: id !== undefined }
  }

  result(name: string, id: string | undefined): PairedId {
    const key = id === undefined ? any(name) : bare(name)
    const call = (id === undefined ? undefined : this.#byId.get(id)?.first) ?? this.#newest.get(key)?.first ?? this.#byName.get(key)?.first
    if (call) {
      call.answered = true
      return { id: call.id, given: call.id === id }
    }
    this.#count++
    return id === undefined ? { id: this.#invent('result', name), given: false } : { id, given: true }
  }

  #invent(kind: string, name: string): string {
    return `call_${createHash('sha256')
      .update(JSON.stringify([this.#seed, kind, this.#count, name]))
      .digest('hex')
      .slice(0, 24)}`
  }
}

/** A result without an id may answer every call of its name, one with an id of its own those that have none. */
const any = (name: string) => `any ${name}`
const bare = (name: string) => `bare ${name}`

function put(waiting: Map<string, Waiting>, key: string, call: Call): void {
  const known = waiting.get(key) ?? new Waiting()
  known.add(call)
  waiting.set(key, known)
}
