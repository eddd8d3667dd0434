import { isDeepStrictEqual } from 'node:util'
import type { BlockEnd, Delta, Json, JsonObject, Sealed, ToolCallBlock } from 'tokligence'
import { inventCallId } from '../message/tool-call.ts'
import { protocolId, rememberInner } from '../wire/wire-memo.ts'

/** What a fragment says of its call beside id, name and arguments. */
export interface FragmentMembers {
  readonly sealed?: Sealed | undefined
  /** Members of the call, and of what it wraps, that only the host knows. */
  readonly outer: JsonObject
  readonly inner: JsonObject
}

/** One call of a stream, as far as it is known. */
export class CallSlot {
  /** As the host gave it. */
  id: string | undefined
  /** The block's index, once it is open. */
  block: number | undefined
  /** Arguments that came before the name did. */
  early = ''
  /** The member that wraps name and arguments; `function_call` has no call around it. */
  wrapper: 'function' | 'custom' | 'function_call' = 'function'
  #sealed: Sealed | undefined
  readonly #outer: { [field: string]: Json } = {}
  readonly #inner: { [field: string]: Json } = {}
  #hasLate = false

  constructor(id: string | undefined) {
    this.id = id
  }

  /** Keeps what a fragment says, and answers with what a block that is open has not said yet. Hosts repeat themselves on every fragment. */
  note({ sealed, outer, inner }: FragmentMembers): readonly Delta[] {
    const resealed = sealed && sealed.value !== this.#sealed?.value ? sealed : undefined
    const ofCall = newMembers(this.#outer, outer)
    const ofBody = newMembers(this.#inner, inner)
    Object.assign(this.#outer, ofCall)
    Object.assign(this.#inner, ofBody)
    this.#sealed = resealed ?? this.#sealed
    if (this.block === undefined) return []
    const members = ofCall || ofBody ? { ...ofCall, ...(ofBody && { [this.wrapper]: ofBody }) } : undefined
    this.#hasLate ||= members !== undefined
    return [
      ...(resealed ? [{ type: 'sealed', sealed: resealed } as const] : []),
      ...(members ? [{ type: 'foreign', protocol: protocolId, value: members } as const] : []),
    ]
  }

  /** The block as it opens. A call whose name never came has none. */
  opening(name: string): ToolCallBlock {
    return {
      type: 'tool-call',
      id: this.id ?? inventCallId(),
      name,
      argumentsText: '',
      form: this.wrapper === 'custom' ? 'text' : 'json',
      executedBy: 'client',
      ...(this.#sealed && { sealed: this.#sealed }),
      ...this.#remembered(),
    }
  }

  /** What the end of the block adds to what its start said. */
  ending(): Pick<BlockEnd, 'ext'> {
    return this.#hasLate ? this.#remembered() : {}
  }

  #remembered(): Pick<BlockEnd, 'ext'> {
    return rememberInner({ ...this.#outer }, this.wrapper, { ...this.#inner }, { legacy: this.wrapper === 'function_call' ? true : undefined })
  }
}

function newMembers(known: JsonObject, said: JsonObject): JsonObject | undefined {
  const members = Object.entries(said).filter(([field, value]) => value !== null && !isDeepStrictEqual(known[field], value))
  return members.length === 0 ? undefined : Object.fromEntries(members)
}
