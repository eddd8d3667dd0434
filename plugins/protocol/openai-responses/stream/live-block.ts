import { isDeepStrictEqual } from 'node:util'
import type { Annotation, Block, Delta, Json, ReplyEvent } from 'tokligence'
import { decodeAnnotation } from '../item/annotation.ts'
import { logprobsOf } from '../item/decode-message.ts'
import { logprobPiece } from '../reply/decode-reply.ts'
import { protocolId } from '../wire/wire-memo.ts'

export type Emit = (event: ReplyEvent) => void

/** A block that has begun before its item was whole. */
export class LiveBlock {
  readonly index: number
  readonly #start: Block
  #text = ''
  readonly #annotations: Annotation[] = []
  #hasLogprobs = false

  constructor(index: number, start: Block, emit: Emit) {
    this.index = index
    this.#start = start
    emit({ type: 'block-start', index, block: start })
  }

  get text(): string {
    return this.#text
  }

  get type(): Block['type'] {
    return this.#start.type
  }

  append(text: string, emit: Emit): void {
    if (text === '') return
    this.#text += text
    this.#delta({ type: 'text', text }, emit)
  }

  /** The text as it is so far, said again or for the first time. */
  setText(text: string, emit: Emit): void {
    if (text.length > this.#text.length && text.startsWith(this.#text)) this.append(text.slice(this.#text.length), emit)
  }

  annotate(value: Json, emit: Emit): void {
    const annotation = decodeAnnotation(value, this.#text)
    this.#annotations.push(annotation)
    this.#delta({ type: 'annotation', annotation }, emit)
  }

  addLogprobs(content: readonly Json[], emit: Emit): void {
    if (content.length === 0) return
    this.#hasLogprobs = true
    const { logprobs, tokens } = logprobPiece(content)
    this.#delta({ type: 'logprobs', protocol: protocolId, value: logprobs, ...(tokens && { tokens }) }, emit)
  }

  /** `whole`: the block as its finished item says it; what has not come in pieces follows now. */
  end(whole: Block | undefined, emit: Emit): void {
    if (whole && 'text' in whole) this.setText(whole.text, emit)
    if (whole?.type === 'tool-call') this.setText(whole.argumentsText, emit)
    if (whole?.type === 'text') {
      for (const annotation of whole.annotations?.slice(this.#annotations.length) ?? []) this.#delta({ type: 'annotation', annotation }, emit)
      if (!this.#hasLogprobs) this.addLogprobs(logprobsOf(whole), emit)
    }
    if (whole?.type === 'reasoning' && whole.sealed) this.#delta({ type: 'sealed', sealed: whole.sealed }, emit)
    const changed = whole?.ext !== undefined && !isDeepStrictEqual(whole.ext, this.#start.ext)
    emit({ type: 'block-end', index: this.index, ...(changed && whole?.ext && { ext: whole.ext }) })
  }

  #delta(delta: Delta, emit: Emit): void {
    emit({ type: 'block-delta', index: this.index, delta })
  }
}
