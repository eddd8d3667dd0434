import {
  type Annotation,
  type Block,
  type BlockEnd,
  type Delta,
  type EncodeReplyOptions,
  type Extensions,
  type FinishEvent,
  type JsonObject,
  type ReasoningBlock,
  type RefusalBlock,
  reportForeignFields,
  type TextBlock,
  type TokenLogprob,
} from 'tokligence'
import { encodeParts } from '../part/encode-part.ts'
import type { PartContext } from '../part/part-context.ts'
import { closingFields, contentField, pathOf } from '../reply/encode-candidate.ts'
import type { WrittenBlock } from '../reply/encode-citations.ts'
import { LogprobPieces } from '../reply/logprobs.ts'
import { SealCarrier } from '../reply/seal-carrier.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'

type FlowBlock = TextBlock | ReasoningBlock | RefusalBlock

interface QueuedBlock {
  readonly index: number
  readonly path: string
  /** Those of `block` that came one by one. */
  readonly annotations: Annotation[]
  /** The block with everything that came for it but `pending`. */
  block: Block
  /** What has not been written of its text. */
  pending: string
  ended: boolean
  /** Which part of the content stands for it, once it has one. */
  part: number | undefined
}

/**
 * One candidate of a stream. Parts follow one another, so of blocks that are open side by side the first is written as it grows, and later ones wait for
 * their turn. What only makes sense whole, such as a call, is written at its end.
 */
export class CandidateEncoder {
  readonly #position: number
  readonly #native: boolean
  readonly #options: EncodeReplyOptions
  readonly #context: PartContext
  /** In the order of opening; the first one is live. */
  readonly #queue: QueuedBlock[] = []
  readonly #queued = new Map<number, QueuedBlock>()
  readonly #written: WrittenBlock[] = []
  readonly #seals = new SealCarrier()
  #parts = 0
  #cited: 'no' | 'unsaid' | 'said' = 'no'
  readonly #logprobs = new LogprobPieces()
  readonly #tokens: TokenLogprob[] = []
  #finish: FinishEvent | undefined

  constructor(position: number, native: boolean, options: EncodeReplyOptions) {
    this.#position = position
    this.#native = native
    this.#options = options
    this.#context = { native, losses: options.losses, place: 'reply' }
  }

  /** Answers, as the next ones do, with the parts that can be written now. */
  start(index: number, block: Block): JsonObject[] {
    const path = `${pathOf(this.#position)}content[${index}]`
    const [opened, pending] = isFlow(block) ? [{ ...block, text: '' }, block.text] : [block, '']
    if (block.type === 'text' && block.annotations?.length) this.#cite()
    const queued: QueuedBlock = { index, path, block: opened, annotations: [], pending, ended: false, part: undefined }
    this.#queue.push(queued)
    this.#queued.set(index, queued)
    return this.#advance()
  }

  delta(index: number, delta: Delta): JsonObject[] {
    const queued = this.#queued.get(index)
    if (!queued) return []
    const { block } = queued
    switch (delta.type) {
      case 'text':
        if (isFlow(block)) queued.pending += delta.text
        else if (block.type === 'tool-call') queued.block = { ...block, argumentsText: block.argumentsText + delta.text }
        return this.#advance()
      case 'sealed':
        if (block.type === 'text' || block.type === 'reasoning' || block.type === 'tool-call') queued.block = { ...block, sealed: delta.sealed }
        return []
      case 'annotation':
        if (block.type !== 'text') return []
        queued.annotations.push(delta.annotation)
        this.#cite()
        return []
      case 'logprobs':
        this.#noteLogprobs(delta)
        return []
      case 'foreign':
        this.#options.losses.dropped(queued.path, `${block.type}-delta`, 'semantic')
        return []
    }
  }

  end({ index, ext }: BlockEnd): JsonObject[] {
    const queued = this.#queued.get(index)
    if (!queued) return []
    if (ext) queued.block = this.#extended(queued, ext)
    queued.ended = true
    return this.#advance()
  }

  /** What the next chunk says beside its parts: like the vendor, an encoder announces the sources that the last chunk will name. */
  announcement(): JsonObject {
    if (this.#native || this.#cited !== 'unsaid') return {}
    this.#cited = 'said'
    return { groundingMetadata: {} }
  }

  setFinish(event: FinishEvent): void {
    this.#finish = event
  }

  /** The parts of blocks that nobody closed. */
  flush(): JsonObject[] {
    for (const queued of this.#queue) queued.ended = true
    return this.#advance()
  }

  /** The candidate of the last chunk. */
  close(): JsonObject {
    const told = this.#tokens.length > 0 ? this.#tokens : undefined
    const { finish = { reason: 'other' as const }, ext, logprobs = this.#logprobs.whole, tokens = told } = this.#finish ?? {}
    const closing = { finish, ...(ext && { ext }), ...(logprobs !== undefined && { logprobs }), ...(tokens && { tokens }) }
    const { memo } = recall(closing)
    const silent = this.#native && this.#parts === 0 && (memo.contentless === true || memo.partless === true)
    return {
      ...contentField(closing, silent ? [] : [{ text: '' }], this.#native),
      ...closingFields(closing, this.#written, this.#position, this.#native, this.#options),
    }
  }

  #advance(): JsonObject[] {
    const parts: JsonObject[] = []
    for (let live = this.#queue[0]; live; live = this.#queue[0]) {
      parts.push(...(live.ended ? this.#rest(live) : this.#growth(live)))
      if (!live.ended) break
      this.#queue.shift()
      this.#queued.delete(live.index)
      this.#written.push({ block: annotated(live), part: live.part ?? this.#parts, path: live.path })
    }
    return parts
  }

  /** What can be written of a block that is still open. */
  #growth(live: QueuedBlock): JsonObject[] {
    const { block, pending } = live
    if (!isFlow(block) || pending === '') return []
    const piece = block.text === '' ? unsealed({ ...block, text: pending }) : { type: block.type, text: pending }
    live.block = { ...block, text: block.text + pending }
    live.pending = ''
    return this.#encode(piece, live)
  }

  /** A seal comes behind the text that it is for, in a part of its own if need be. */
  #rest(live: QueuedBlock): JsonObject[] {
    if (!this.#native) live.block = this.#seals.carry(live.block)
    const { block, pending } = live
    if (!isFlow(block)) return this.#encode(block, live)
    live.block = { ...block, text: block.text + pending }
    if (block.text === '') return this.#encode(live.block, live)
    const sealed = block.type === 'refusal' ? undefined : block.sealed
    if (pending === '' && !sealed) return []
    return this.#encode({ type: block.type, text: pending, ...(sealed && { sealed }) }, live)
  }

  #encode(block: Block, live: QueuedBlock): JsonObject[] {
    const parts = encodeParts([[block, live.path]], this.#context)
    if (parts.length > 0) live.part ??= this.#parts++
    return parts
  }

  /** What a part that was begun already cannot say any more is only reported. */
  #extended({ block, path }: QueuedBlock, ext: Extensions): Block {
    if (block.type === 'foreign') return block
    reportForeignFields({ ext }, path, this.#options.losses, protocolId)
    return { ...block, ext }
  }

  #cite(): void {
    if (this.#cited === 'no') this.#cited = 'unsaid'
  }

  #noteLogprobs({ protocol, value, tokens }: Extract<Delta, { type: 'logprobs' }>): void {
    if (protocol === protocolId) this.#logprobs.add(value)
    else if (!tokens) this.#options.losses.dropped(`${pathOf(this.#position)}logprobs`, 'logprobs', 'semantic')
    for (const token of tokens ?? []) this.#tokens.push(token)
  }
}

function isFlow(block: Block): block is FlowBlock {
  return block.type === 'text' || block.type === 'reasoning' || block.type === 'refusal'
}

function annotated({ block, annotations }: QueuedBlock): Block {
  return block.type === 'text' && annotations.length > 0 ? { ...block, annotations: [...(block.annotations ?? []), ...annotations] } : block
}

function unsealed(block: FlowBlock): FlowBlock {
  if (block.type === 'refusal' || !block.sealed) return block
  const { sealed: _, ...bare } = block
  return bare
}
