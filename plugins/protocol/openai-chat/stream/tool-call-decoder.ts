import { type Block, isJsonObject, type Json, type ReplyEvent, replyReader as read } from 'tokligence'
import { takeSignature } from '../message/tool-call.ts'
import { CallSlot, type FragmentMembers } from './call-slot.ts'

type Emit = (event: ReplyEvent) => void

/**
 * Fragments of tool calls. The vendor numbers calls by `index` and gives id and name on the first fragment; hosts leave the index out, reuse
 * one for the next call, or repeat id and name on every fragment.
 */
export class ToolCallDecoder {
  readonly #open: (block: Block, emit: Emit) => number
  readonly #slots: CallSlot[] = []
  readonly #byIndex = new Map<number, CallSlot>()
  #legacy: CallSlot | undefined

  constructor(open: (block: Block, emit: Emit) => number) {
    this.#open = open
  }

  get count(): number {
    return this.#slots.length
  }

  push(value: Json, emit: Emit): void {
    const call = read.object(value, 'choices[].delta.tool_calls[]')
    const { index, id, type, function: functionBody, custom, ...left } = call
    const { sealed, rest } = takeSignature(left)
    const free = type === 'custom' || isJsonObject(custom)
    const body = free ? custom : functionBody
    const { name, [free ? 'input' : 'arguments']: input, ...inner } = isJsonObject(body) ? body : {}
    const slot = this.#slotOf(index, nonEmpty(id), nonEmpty(name))
    if (free && slot.block === undefined) slot.wrapper = 'custom'
    this.#note(slot, { ...sealed, outer: rest, inner }, emit)
    this.#advance(slot, nonEmpty(name), textOf(input), emit)
  }

  pushLegacy(value: Json, emit: Emit): void {
    const { name, arguments: input, ...inner } = read.object(value, 'choices[].delta.function_call')
    this.#legacy ??= this.#newSlot(undefined)
    this.#legacy.wrapper = 'function_call'
    this.#note(this.#legacy, { outer: {}, inner }, emit)
    this.#advance(this.#legacy, nonEmpty(name), textOf(input), emit)
  }

  close(emit: Emit): void {
    for (const slot of this.#slots) {
      // A call that never got a name is passed on without one: the caller's program can answer it, nobody else.
      this.#advance(slot, '', '', emit)
      emit({ type: 'block-end', index: slot.block as number, ...slot.ending() })
    }
  }

  #note(slot: CallSlot, members: FragmentMembers, emit: Emit): void {
    for (const delta of slot.note(members)) emit({ type: 'block-delta', index: slot.block as number, delta })
  }

  #advance(slot: CallSlot, name: string | undefined, text: string, emit: Emit): void {
    if (slot.block === undefined && name === undefined) {
      slot.early += text
      return
    }
    slot.block ??= this.#open(slot.opening(name as string), emit)
    const fragment = slot.early + text
    slot.early = ''
    if (fragment !== '') emit({ type: 'block-delta', index: slot.block, delta: { type: 'text', text: fragment } })
  }

  #slotOf(index: Json | undefined, id: string | undefined, name: string | undefined): CallSlot {
    const number = Number.isInteger(index) ? (index as number) : undefined
    const known = number !== undefined ? this.#byIndex.get(number) : this.#slotWithoutIndex(id, name)
    const another = known?.id !== undefined && id !== undefined && known.id !== id && name !== undefined
    if (known && !another) {
      known.id ??= id
      return known
    }
    const created = this.#newSlot(id)
    if (number !== undefined) this.#byIndex.set(number, created)
    return created
  }

  #slotWithoutIndex(id: string | undefined, name: string | undefined): CallSlot | undefined {
    if (id !== undefined) return this.#slots.find((slot) => slot.id === id)
    return name === undefined ? this.#slots.at(-1) : undefined
  }

  #newSlot(id: string | undefined): CallSlot {
    const slot = new CallSlot(id)
    this.#slots.push(slot)
    return slot
  }
}

function nonEmpty(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Some hosts send the whole arguments as an object. */
function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}
