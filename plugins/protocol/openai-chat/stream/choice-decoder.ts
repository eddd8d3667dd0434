import { type Block, type Json, type JsonObject, type Memo, type ReplyEvent, replyReader as read } from 'tokligence'
import { decodeContent } from '../message/decode-part.ts'
import { takeReasoning } from '../message/reasoning-fields.ts'
import { decodeFinish } from '../reply/finish-reason.ts'
import { protocolId, recall, remember } from '../wire/wire-memo.ts'
import { ToolCallDecoder } from './tool-call-decoder.ts'

type Emit = (event: ReplyEvent) => void
type FlowKind = 'text' | 'reasoning' | 'refusal'

/** One choice of a stream. */
export class ChoiceDecoder {
  readonly #candidate: number
  readonly #allocate: () => number
  readonly #tools: ToolCallDecoder
  /** The block that text is appended to; it closes when another kind begins. */
  #flow: { readonly kind: FlowKind; readonly index: number } | undefined
  /** The last text, for what belongs to it and comes late. */
  #lastText: number | undefined
  #rawFinish: string | undefined
  #refused = false
  #rest: JsonObject = {}

  constructor(candidate: number, allocate: () => number) {
    this.#candidate = candidate
    this.#allocate = allocate
    this.#tools = new ToolCallDecoder((block, emit) => this.#open(block, emit))
  }

  get finished(): boolean {
    return this.#rawFinish !== undefined
  }

  push(choice: JsonObject, emit: Emit): void {
    const { index: _, delta, logprobs, finish_reason: finish, ...rest } = choice
    if (delta !== undefined && delta !== null) this.#delta(read.object(delta, 'choices[].delta'), emit)
    if (logprobs !== undefined && logprobs !== null) this.#logprobs(logprobs, emit)
    if (typeof finish === 'string' && finish !== '') this.#rawFinish = finish
    for (const field in rest) if (rest[field] !== null) this.#rest = { ...this.#rest, [field]: rest[field] as Json }
  }

  closeBlocks(emit: Emit): void {
    this.#closeFlow(emit)
    this.#tools.close(emit)
  }

  finish(emit: Emit): void {
    const finish = decodeFinish(this.#rawFinish, { calls: this.#tools.count > 0, refusal: this.#refused })
    const memo: Memo = { form: this.#lastText === undefined ? 'none' : undefined, message: { content: null, refusal: null } }
    emit({ type: 'finish', finish, ...this.#numbered(), ...remember(this.#rest, memo) })
  }

  #delta(delta: JsonObject, emit: Emit): void {
    const { role: _, content, refusal, tool_calls: calls, function_call: legacy, annotations, ...unread } = delta
    const { block: thoughts, rest } = takeReasoning(unread)
    if (thoughts) this.#reasoning(thoughts, emit)
    if (typeof content === 'string') this.#append('text', content, emit)
    else for (const block of decodeContent(content, 'choices[].delta.content', read).blocks) this.#part(block, emit)
    if (typeof refusal === 'string') this.#append('refusal', refusal, emit)
    if (calls !== undefined && calls !== null) for (const call of read.array(calls, 'choices[].delta.tool_calls')) this.#tools.push(call, emit)
    if (legacy !== undefined && legacy !== null) this.#tools.pushLegacy(legacy, emit)
    if (Array.isArray(annotations)) for (const value of annotations as readonly Json[]) this.#annotate(value, emit)
    const unknown = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null))
    if (Object.keys(unknown).length > 0) emit({ type: 'foreign', protocol: protocolId, kind: 'delta', value: { choice: this.#candidate, delta: unknown } })
  }

  #append(kind: FlowKind, text: string, emit: Emit, block: Block = emptyBlock(kind)): void {
    if (text === '') return
    if (kind === 'refusal') this.#refused = true
    emit({ type: 'block-delta', index: this.#flowOf(kind, emit, block), delta: { type: 'text', text } })
  }

  /** Mistral streams parts in place of a string. */
  #part(part: Block, emit: Emit): void {
    if (part.type === 'text' || part.type === 'reasoning' || part.type === 'refusal') {
      this.#append(part.type, part.text, emit, { ...part, text: '' })
      return
    }
    this.#closeFlow(emit)
    emit({ type: 'block-end', index: this.#open(part, emit) })
  }

  #reasoning(block: Extract<Block, { type: 'reasoning' }>, emit: Emit): void {
    const { fields, memo } = recall(block)
    const { ext: _, ...bare } = block
    const opened: Block = { ...bare, text: '', ...remember({}, { spelling: memo.spelling }) }
    this.#append('reasoning', block.text, emit, opened)
    if (fields.reasoning_details === undefined) return
    const index = this.#flowOf('reasoning', emit, opened)
    emit({ type: 'block-delta', index, delta: { type: 'foreign', protocol: protocolId, value: { reasoning_details: fields.reasoning_details } } })
  }

  #annotate(value: Json, emit: Emit): void {
    const index = this.#lastText ?? this.#flowOf('text', emit)
    emit({ type: 'block-delta', index, delta: { type: 'annotation', annotation: { protocol: protocolId, value } } })
  }

  #logprobs(value: Json, emit: Emit): void {
    const lists = Object.values(read.object(value, 'choices[].logprobs'))
    if (!lists.some((list) => Array.isArray(list) && list.length > 0)) return
    const index = this.#flow?.index ?? this.#lastText ?? this.#flowOf('text', emit)
    emit({ type: 'block-delta', index, delta: { type: 'logprobs', protocol: protocolId, value } })
  }

  #flowOf(kind: FlowKind, emit: Emit, block: Block = emptyBlock(kind)): number {
    if (this.#flow?.kind === kind) return this.#flow.index
    const index = this.#open(block, emit)
    this.#flow = { kind, index }
    if (kind === 'text') this.#lastText = index
    return index
  }

  #open(block: Block, emit: Emit): number {
    this.#closeFlow(emit)
    const index = this.#allocate()
    emit({ type: 'block-start', index, block, ...this.#numbered() })
    return index
  }

  #closeFlow(emit: Emit): void {
    if (this.#flow) emit({ type: 'block-end', index: this.#flow.index })
    this.#flow = undefined
  }

  #numbered(): { readonly candidate?: number } {
    return this.#candidate === 0 ? {} : { candidate: this.#candidate }
  }
}

function emptyBlock(kind: FlowKind): Block {
  return { type: kind, text: '' }
}
