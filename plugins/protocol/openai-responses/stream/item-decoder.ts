import { type Block, isJsonObject, type Json, type JsonObject, replyReader as read } from 'tokligence'
import { decodeMessagePart, logprobsOf } from '../item/decode-message.ts'
import { decodeOutputItem } from '../item/decode-output-item.ts'
import { partBreak } from '../item/reasoning-parts.ts'
import { logprobPiece } from '../reply/decode-reply.ts'
import { protocolId } from '../wire/wire-memo.ts'
import { type Emit, LiveBlock } from './live-block.ts'

const path = 'output[]'

const emptyText: JsonObject = { type: 'output_text', text: '', annotations: [], logprobs: [] }

const argumentFields: Readonly<Record<string, string>> = { function_call: 'arguments', custom_tool_call: 'input' }

type ThoughtList = 'summary' | 'content'

/**
 * One item of a stream. Texts, thoughts and the input of calls come live; all else, and what did not come in pieces, when the item is done. What
 * its last event says is what `decodeOutputItem` makes of it, whatever came before.
 */
export class ItemDecoder {
  readonly #allocate: () => number
  /** As it was announced; undefined when the item came at once. */
  #announced: JsonObject | undefined
  #done = false
  /** By their place among the blocks of the item. */
  readonly #live = new Map<number, LiveBlock>()
  readonly #thoughts: Readonly<Record<ThoughtList, string[]>> = { summary: [], content: [] }
  /** The part of an item of reasoning that came last, over both lists. */
  #thoughtNumber = 0

  constructor(allocate: () => number) {
    this.#allocate = allocate
  }

  get done(): boolean {
    return this.#done
  }

  get id(): Json | undefined {
    return this.#announced?.id
  }

  /** Undefined when neither its beginning nor its end came. */
  get type(): Json | undefined {
    return this.#announced?.type
  }

  announce(item: JsonObject, emit: Emit): void {
    this.#announced ??= item
    const { type, call_id: callId, name } = item
    if (typeof type === 'string' && Object.hasOwn(argumentFields, type) && typeof callId === 'string' && typeof name === 'string') this.#call(item, emit)
  }

  /** An event inside of the item; its name without `response.`. */
  push(name: string, event: JsonObject, emit: Emit): void {
    if (this.#done) return
    const [base = '', last = ''] = [name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.') + 1)]
    switch (base) {
      case 'output_text':
      case 'refusal': {
        if (last !== 'delta' && last !== 'done') return
        const said = last === 'delta' ? event.delta : base === 'refusal' ? event.refusal : event.text
        this.#text(base, place(event.content_index), last, said, event.logprobs, emit)
        return
      }
      case 'content_part':
        if (last === 'done' && isJsonObject(event.part)) this.#wholePart(place(event.content_index), event.part, emit)
        return
      case 'output_text.annotation':
        if (last === 'added' && event.annotation !== undefined) this.#part('output_text', place(event.content_index), emit).annotate(event.annotation, emit)
        return
      case 'reasoning_summary_text':
        this.#thought('summary', place(event.summary_index), last, last === 'delta' ? event.delta : event.text, emit)
        return
      case 'reasoning_text':
        this.#thought('content', place(event.content_index), last, last === 'delta' ? event.delta : event.text, emit)
        return
      case 'function_call_arguments':
      case 'custom_tool_call_input': {
        const input = last === 'delta' ? event.delta : (event.arguments ?? event.input)
        const live = this.#live.get(0)
        if (live?.type !== 'tool-call' || typeof input !== 'string') return
        if (last === 'delta') live.append(input, emit)
        else live.setText(input, emit)
      }
    }
  }

  /** The whole item. */
  finish(item: JsonObject, emit: Emit): void {
    if (this.#done) return
    this.#done = true
    this.#announced ??= item
    const blocks = decodeOutputItem(item, path, read)
    if (this.#live.get(0)?.type === 'reasoning') this.#restOfThoughts(item, emit)
    for (const [position, block] of blocks.entries()) {
      const live = this.#live.get(position)
      this.#live.delete(position)
      if (live && live.type === block.type) live.end(block, emit)
      else {
        live?.end(undefined, emit)
        this.#emitWhole(block, emit)
      }
    }
    for (const live of this.#live.values()) live.end(undefined, emit)
    this.#live.clear()
  }

  /** The reply is over, and the item never was: what came of it stays. */
  abandon(emit: Emit): void {
    if (this.#done) return
    this.#done = true
    for (const live of this.#live.values()) live.end(undefined, emit)
    this.#live.clear()
  }

  #emitWhole(block: Block, emit: Emit): void {
    const index = this.#allocate()
    emit({ type: 'block-start', index, block })
    const logprobs = logprobsOf(block)
    if (logprobs.length > 0) {
      const { logprobs: value, tokens } = logprobPiece(logprobs)
      emit({ type: 'block-delta', index, delta: { type: 'logprobs', protocol: protocolId, value, ...(tokens && { tokens }) } })
    }
    emit({ type: 'block-end', index })
  }

  #text(kind: 'output_text' | 'refusal', position: number, last: string, text: Json | undefined, logprobs: Json | undefined, emit: Emit): void {
    if (typeof text !== 'string') return
    if (last !== 'delta') {
      if (text !== '' || last === 'whole') this.#part(kind, position, emit).setText(text, emit)
      return
    }
    const pieces = Array.isArray(logprobs) ? (logprobs as readonly Json[]) : []
    if (text === '' && pieces.length === 0) return
    const part = this.#part(kind, position, emit)
    part.append(text, emit)
    part.addLogprobs(pieces, emit)
  }

  /** The block of a part, begun as the item would have it with nothing in it. */
  #part(kind: 'output_text' | 'refusal', position: number, emit: Emit): LiveBlock {
    return this.#live.get(position) ?? this.#beginPart(position, kind === 'refusal' ? { type: kind, refusal: '' } : emptyText, emit)
  }

  /** A part that nothing came of in pieces takes its place before the next one does. */
  #wholePart(position: number, part: JsonObject, emit: Emit): void {
    const { type } = part
    if (this.#announced?.type === 'reasoning' || this.#live.has(position) || typeof type !== 'string') return
    if (type === 'output_text' || type === 'refusal') this.#text(type, position, 'whole', type === 'refusal' ? part.refusal : part.text, undefined, emit)
    else this.#beginPart(position, part, emit)
  }

  /** Parts have begun without gaps, so as many of them as there are stand before this one. */
  #beginPart(position: number, part: JsonObject, emit: Emit): LiveBlock {
    const message = { type: 'message', role: 'assistant', ...this.#announced }
    for (let before = this.#live.size; before < position; before++) this.#begin(before, decodeMessagePart(message, emptyText, before, path, read), emit)
    return this.#begin(position, decodeMessagePart(message, part, position, path, read), emit)
  }

  /** All parts of an item are one text, so that one block holds the item whole. A delta of nothing but a break stands between two of them. */
  #thought(list: ThoughtList, position: number, last: string, text: Json | undefined, emit: Emit): void {
    if (typeof text !== 'string' || (last !== 'delta' && last !== 'done')) return
    const texts = this.#thoughts[list]
    while (texts.length <= position) texts.push('')
    const before = texts[position] as string
    if (last === 'done' && !text.startsWith(before)) return
    const piece = last === 'delta' ? text : text.slice(before.length)
    const number = list === 'summary' ? position : this.#thoughts.summary.length + position
    if (piece === '' || number < this.#thoughtNumber) return
    texts[position] = before + piece
    const live = this.#live.get(0) ?? this.#begin(0, this.#emptyThought(), emit)
    this.#breakUpTo(number, live, emit)
    appendThought(live, piece, emit)
  }

  #breakUpTo(number: number, live: LiveBlock, emit: Emit): void {
    for (; this.#thoughtNumber < number; this.#thoughtNumber++) live.append(partBreak, emit)
  }

  /** What a whole item of reasoning has that did not come in pieces. */
  #restOfThoughts(item: JsonObject, emit: Emit): void {
    const lists = [item.summary, item.content].map((parts) => (Array.isArray(parts) ? (parts as readonly Json[]) : []))
    for (const [which, parts] of lists.entries())
      for (const [position, part] of parts.entries())
        this.#thought(which === 0 ? 'summary' : 'content', position, 'done', isJsonObject(part) ? part.text : undefined, emit)
    const live = this.#live.get(0)
    if (live) this.#breakUpTo(lists.flat().length - 1, live, emit)
  }

  #emptyThought(): Block {
    const { encrypted_content: _, ...announced } = this.#announced ?? {}
    const [block] = decodeOutputItem({ ...announced, type: 'reasoning', summary: [], content: [] }, path, read)
    return { ...(block as Extract<Block, { type: 'reasoning' }>), ...(this.#thoughts.summary.length > 0 && { summary: true }) }
  }

  #call(item: JsonObject, emit: Emit): void {
    const field = argumentFields[String(item.type)] as string
    const live = this.#begin(0, decodeOutputItem({ ...item, [field]: '' }, path, read)[0] as Block, emit)
    const input = item[field]
    if (typeof input === 'string') live.append(input, emit)
  }

  #begin(position: number, start: Block, emit: Emit): LiveBlock {
    const live = new LiveBlock(this.#allocate(), start, emit)
    this.#live.set(position, live)
    return live
  }
}

/** Words of the provider that would look like a break come in two pieces. */
function appendThought(live: LiveBlock, text: string, emit: Emit): void {
  const pieces = text === partBreak ? [text.slice(0, 1), text.slice(1)] : [text]
  for (const piece of pieces) live.append(piece, emit)
}

function place(index: Json | undefined): number {
  return Number.isInteger(index) && (index as number) >= 0 && (index as number) < 10_000 ? (index as number) : 0
}
