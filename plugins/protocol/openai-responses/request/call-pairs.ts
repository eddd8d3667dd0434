import type { Turn } from 'tokligence'
import { legalCallId } from '../item/call-id.ts'

/** A call of the caller's program, as it is told on the wire. */
export interface PairedCall {
  readonly wireId: string
  readonly form: 'json' | 'text'
  answered: boolean
}

/**
 * Which result belongs to which call. The vendor demands one result for each call, anywhere behind it, and ids that stand for one call only; a
 * result belongs to the first call of its id that has none.
 */
export class CallPairs {
  readonly #calls = new Map<string, PairedCall>()
  readonly #results = new Map<string, PairedCall>()
  /** How often an id was asked for; made ids are among them. */
  readonly #taken = new Map<string, number>()

  constructor(turns: readonly Turn[]) {
    const open = new Map<string, PairedCall[]>()
    for (const [index, turn] of turns.entries()) {
      for (const [position, block] of turn.blocks.entries()) {
        const place = placeOf(index, position)
        if (block.type === 'tool-call' && block.executedBy === 'client' && turn.role === 'assistant') {
          const call = { wireId: this.#freeId(legalCallId(block.id)), form: block.form, answered: false }
          this.#calls.set(place, call)
          const waiting = open.get(block.id)
          if (waiting) waiting.push(call)
          else open.set(block.id, [call])
        } else if (block.type === 'tool-result' && turn.role !== 'assistant') {
          const call = open.get(block.callId)?.shift()
          if (!call) continue
          call.answered = true
          this.#results.set(place, call)
        }
      }
    }
  }

  call(turn: number, block: number): PairedCall | undefined {
    return this.#calls.get(placeOf(turn, block))
  }

  /** The call that the result answers. */
  answered(turn: number, block: number): PairedCall | undefined {
    return this.#results.get(placeOf(turn, block))
  }

  #freeId(id: string): string {
    const count = (this.#taken.get(id) ?? 0) + 1
    this.#taken.set(id, count)
    return count === 1 && id !== '' ? id : this.#freeId(legalCallId(`${id === '' ? 'call' : id}_${count}`))
  }
}

function placeOf(turn: number, block: number): string {
  return `${turn}.${block}`
}
