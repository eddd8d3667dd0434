import { type Block, isJsonObject, type Json, type JsonObject, type ReplyEvent, replyReader as read, type ToolCallBlock } from 'tokligence'
import { inventCallId, takeSignature } from '../message/tool-call.ts'
import { rememberInner } from '../wire/wire-memo.ts'

type Emit = (event: ReplyEvent) => void

interface Slot {
  /** As the host gave it. */
  id: string | undefined
  /** The block's index, once it is open. */
  block: number | undefined
  /** What came before the name did. */
  early: string
}

/**
 * Fragments of tool calls. The vendor numbers calls by `index` and gives id and name on the first fragment; hosts leave the index out, reuse
 * one for the next call, or repeat id and name on every fragment.
 */
export class ToolCallDecoder {
  readonly #open: (block: Block, emit: Emit) => number
  readonly #slots: Slot[] = []
  readonly #byIndex = new Map<number, Slot>()
  #legacy: Slot | undefined

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
    const block = (called: string): ToolCallBlock => ({
      type: 'tool-call',
      id: slot.id ?? inventCallId(),
      name: called,
      argumentsText: '',
      form: free ? 'text' : 'json',
      executedBy: 'client',
      ...sealed,
      ...rememberInner(withoutNulls(rest), free ? 'custom' : 'function', withoutNulls(inner), {}),
    })
    this.#advance(slot, nonEmpty(name), textOf(input), block, emit)
  }

  pushLegacy(value: Json, emit: Emit): void {
    const { name, arguments: input } = read.object(value, 'choices[].delta.function_call')
    this.#legacy ??= this.#newSlot(undefined)
    const block = (called: string): ToolCallBlock => ({
      type: 'tool-call',
      id: inventCallId(),
      name: called,
      argumentsText: '',
      form: 'json',
      executedBy: 'client',
      ...rememberInner({}, 'function_call', {}, { legacy: true }),
    })
    this.#advance(this.#legacy, nonEmpty(name), textOf(input), block, emit)
  }

  close(emit: Emit): void {
    for (const slot of this.#slots) {
      // A call that never got a name is passed on without one: the caller's program can answer it, nobody else.
      if (slot.block === undefined) {
        slot.block = this.#open({ ...nameless, id: slot.id ?? inventCallId() }, emit)
        if (slot.early !== '') emit({ type: 'block-delta', index: slot.block, delta: { type: 'text', text: slot.early } })
      }
      emit({ type: 'block-end', index: slot.block })
    }
  }

  #advance(slot: Slot, name: string | undefined, text: string, block: (name: string) => ToolCallBlock, emit: Emit): void {
    if (slot.block === undefined && name === undefined) {
      slot.early += text
      return
    }
    slot.block ??= this.#open(block(name as string), emit)
    const fragment = slot.early + text
    slot.early = ''
    if (fragment !== '') emit({ type: 'block-delta', index: slot.block, delta: { type: 'text', text: fragment } })
  }

  #slotOf(index: Json | undefined, id: string | undefined, name: string | undefined): Slot {
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

  #slotWithoutIndex(id: string | undefined, name: string | undefined): Slot | undefined {
    if (id !== undefined) return this.#slots.find((slot) => slot.id === id)
    return name === undefined ? this.#slots.at(-1) : undefined
  }

  #newSlot(id: string | undefined): Slot {
    const slot: Slot = { id, block: undefined, early: '' }
    this.#slots.push(slot)
    return slot
  }
}

const nameless: ToolCallBlock = { type: 'tool-call', id: '', name: '', argumentsText: '', form: 'json', executedBy: 'client' }

function nonEmpty(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Some hosts send the whole arguments as an object. */
function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
}
