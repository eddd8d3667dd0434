import { type Block, type Delta, type Json, type JsonObject, type Memo, type ReasoningBlock, type ReplyEvent, replyReader as read } from 'tokligence'
import { decodeContent } from '../message/decode-part.ts'
import { appendDetails, areOpaque } from '../message/reasoning-details.ts'
import { detailsOf, takeReasoning } from '../message/reasoning-fields.ts'
import { decodeAnnotation } from '../message/url-citation.ts'
import { decodeFinish } from '../reply/finish-reason.ts'
import { decodeTokens } from '../reply/token-logprobs.ts'
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
  #flow: { readonly kind: FlowKind; readonly index: number; readonly hidden: boolean } | undefined
  /** The last text, for what belongs to it and comes late. */
  #lastText: number | undefined
  /** Characters of all texts, and of those before the last one. */
  #textLength = 0
  #lastTextStart = 0
  /** Pieces of the open thoughts, which may be signed at their end. */
  #details: Json[] = []
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
    if (kind === 'text') this.#textLength += text.length
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

  #reasoning(block: ReasoningBlock, emit: Emit): void {
    const { memo } = recall(block)
    const { ext: _, sealed: __, ...bare } = block
    const opened: Block = { ...bare, text: '', ...remember({}, { spelling: memo.spelling }) }
    // Hidden thoughts stay hidden: what is shown now is another one.
    if (block.text !== '' && this.#flow?.hidden) this.#closeFlow(emit)
    this.#append('reasoning', block.text, emit, opened)
    const details = detailsOf(block)
    if (!details) return
    this.#flowOf('reasoning', emit, opened)
    appendDetails(this.#details, details)
  }

  #annotate(value: Json, emit: Emit): void {
    const index = this.#lastText ?? this.#flowOf('text', emit)
    emit({ type: 'block-delta', index, delta: { type: 'annotation', annotation: decodeAnnotation(value, this.#lastTextStart) } })
  }

  #logprobs(value: Json, emit: Emit): void {
    const lists = Object.values(read.object(value, 'choices[].logprobs'))
    if (!lists.some((list) => Array.isArray(list) && list.length > 0)) return
    const index = this.#flow?.index ?? this.#lastText ?? this.#flowOf('text', emit)
    const tokens = decodeTokens(value)
    emit({ type: 'block-delta', index, delta: { type: 'logprobs', protocol: protocolId, value, ...(tokens && { tokens }) } })
  }

  #flowOf(kind: FlowKind, emit: Emit, block: Block = emptyBlock(kind)): number {
    if (this.#flow?.kind === kind) return this.#flow.index
    const index = this.#open(block, emit)
    this.#flow = { kind, index, hidden: block.type === 'reasoning' && block.redacted === true }
    if (kind === 'text') {
      this.#lastText = index
      this.#lastTextStart = this.#textLength
    }
    return index
  }

  #open(block: Block, emit: Emit): number {
    this.#closeFlow(emit)
    const index = this.#allocate()
    emit({ type: 'block-start', index, block, ...this.#numbered() })
    return index
  }

  #closeFlow(emit: Emit): void {
    if (!this.#flow) return
    const { index } = this.#flow
    if (this.#details.length > 0) emit({ type: 'block-delta', index, delta: detailsDelta(this.#details) })
    this.#details = []
    emit({ type: 'block-end', index })
    this.#flow = undefined
  }

  #numbered(): { readonly candidate?: number } {
    return this.#candidate === 0 ? {} : { candidate: this.#candidate }
  }
}

/** Signed or encrypted pieces are one opaque value; others say no more than the text. */
function detailsDelta(details: readonly Json[]): Delta {
  if (areOpaque(details)) return { type: 'sealed', sealed: { issuer: protocolId, value: JSON.stringify(details) } }
  return { type: 'foreign', protocol: protocolId, value: { reasoning_details: details } }
}

function emptyBlock(kind: FlowKind): Block {
  return { type: kind, text: '' }
}
