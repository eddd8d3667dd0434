import type { Block, Delta, Extensions, JsonObject, TokenLogprob, ToolCallBlock } from 'tokligence'
import { isMessagePart } from '../item/decode-message.ts'
import { encodeItem, resultOf } from '../item/encode-output-items.ts'
import { encodeSeal } from '../item/encode-reasoning.ts'
import type { ItemContext } from '../item/item-context.ts'
import type { BlockSink } from './block-queue.ts'
import { CallWriter } from './call-writer.ts'
import { MessageWriter, waitsForText } from './message-writer.ts'
import type { OutputStream } from './output-stream.ts'
import { ReasoningWriter } from './reasoning-writer.ts'

type PartBlock = Extract<Block, { type: 'text' | 'refusal' | 'foreign' }>

/** What the block that is being written is written with. */
type Live =
  | { readonly kind: 'item'; readonly writer: ReasoningWriter | CallWriter }
  | { readonly kind: 'part' }
  /** A text that holds nothing yet, with what came for it. */
  | { readonly kind: 'waiting'; block: PartBlock; readonly path: string; readonly deltas: Delta[] }
  | { readonly kind: 'whole'; block: Block; readonly path: string }

/** Writes blocks, one after the other, as the items of a stream. */
export class ItemSink implements BlockSink {
  readonly #output: OutputStream
  readonly #context: ItemContext
  #message: MessageWriter | undefined
  /** A call that the provider ran, which waits for its result. */
  #hosted: { readonly call: ToolCallBlock; readonly path: string } | undefined
  #live: Live | undefined

  constructor(output: OutputStream, context: ItemContext) {
    this.#output = output
    this.#context = context
  }

  open(block: Block, position: number): string {
    const path = `content[${position}]`
    const result = this.#hosted && resultOf(this.#hosted.call, block)
    const settled = result ? '' : this.#settleHosted()
    if (isMessagePart(block)) return settled + this.#openPart(block as PartBlock, path)
    const before = settled + this.#closeMessage(undefined)
    if (block.type === 'reasoning') {
      const writer = new ReasoningWriter(block, path, this.#output, this.#context)
      this.#live = { kind: 'item', writer }
      return before + writer.open(block)
    }
    if (block.type === 'tool-call' && block.executedBy === 'client') {
      const writer = new CallWriter(block, path, this.#output, this.#context)
      this.#live = { kind: 'item', writer }
      return before + writer.opening
    }
    this.#live = { kind: 'whole', block, path }
    return before
  }

  delta(delta: Delta): string {
    const live = this.#live
    switch (live?.kind) {
      case 'item':
        return live.writer.delta(delta)
      case 'part':
        return this.#message?.delta(delta) ?? ''
      case 'waiting':
        return this.#wake(live, delta)
      case 'whole':
        if (delta.type === 'text' && live.block.type === 'tool-call') live.block = { ...live.block, argumentsText: live.block.argumentsText + delta.text }
        return ''
      case undefined:
        return ''
    }
  }

  close(ext: Extensions | undefined): string {
    const live = this.#live
    this.#live = undefined
    switch (live?.kind) {
      case 'item':
        return live.writer.close(ext)
      case 'part':
        return this.#sealBehind(this.#message?.endBlock(ext))
      case 'waiting': {
        const sealed = live.deltas.find((delta) => delta.type === 'sealed')?.sealed ?? (live.block.type === 'text' ? live.block.sealed : undefined)
        return this.#sealBehind({ type: 'text', text: '', ...(sealed && { sealed }) }, live.path)
      }
      case 'whole':
        return this.#closeWhole(ext ? { ...live.block, ext } : live.block, live.path)
      case undefined:
        return ''
    }
  }

  /** Log probabilities of the whole reply, which came with its end; false when no text is left that they could stand at. */
  addTokens(tokens: readonly TokenLogprob[]): boolean {
    return this.#message?.addTokens(tokens) ?? false
  }

  /** `status`: of a message at the very end. */
  finish(status: string | undefined): string {
    return this.#settleHosted() + this.#closeMessage(status)
  }

  #openPart(block: PartBlock, path: string): string {
    const before = this.#message && !this.#message.takes(block) ? this.#closeMessage(undefined) : ''
    if (waitsForText(block, this.#context)) {
      this.#live = { kind: 'waiting', block, path, deltas: [] }
      return before
    }
    return before + this.#startPart(block, path)
  }

  #startPart(block: PartBlock, path: string): string {
    this.#live = { kind: 'part' }
    let bytes = ''
    if (!this.#message) {
      this.#message = new MessageWriter(block, this.#output, this.#context)
      bytes = this.#message.opening
    }
    return bytes + this.#message.openPart(block, path)
  }

  #wake(live: Extract<Live, { kind: 'waiting' }>, delta: Delta): string {
    if (delta.type !== 'text' || delta.text === '') {
      live.deltas.push(delta)
      return ''
    }
    let bytes = this.#startPart(live.block, live.path)
    for (const earlier of [...live.deltas, delta]) bytes += this.#message?.delta(earlier) ?? ''
    return bytes
  }

  #sealBehind(block: Block | undefined, path = ''): string {
    if (block?.type !== 'text' || !block.sealed) return ''
    const seal = encodeSeal(block.sealed, path, this.#context)
    return seal ? this.#closeMessage(undefined) + this.#output.whole(seal) : ''
  }

  #closeWhole(block: Block, path: string): string {
    if (block.type === 'tool-call') {
      this.#hosted = { call: block, path }
      return ''
    }
    const hosted = this.#hosted
    const result = hosted && resultOf(hosted.call, block)
    if (!hosted || !result) return this.#write(encodeItem(block, undefined, path, this.#context))
    this.#hosted = undefined
    return this.#write(encodeItem(hosted.call, result, hosted.path, this.#context))
  }

  #settleHosted(): string {
    const hosted = this.#hosted
    this.#hosted = undefined
    return hosted ? this.#write(encodeItem(hosted.call, undefined, hosted.path, this.#context)) : ''
  }

  #write(items: readonly JsonObject[]): string {
    return items.map((item) => this.#output.whole(item)).join('')
  }

  #closeMessage(status: string | undefined): string {
    const message = this.#message
    this.#message = undefined
    return message?.close(status) ?? ''
  }
}
