import { type Annotation, type Block, type Delta, type Extensions, isJsonObject, type JsonObject, type TokenLogprob } from 'tokligence'
import { encodeAnnotation } from '../item/annotation.ts'
import { logprobsOf } from '../item/decode-message.ts'
import { encodeMessage, encodePart, isOwn, withLogprobs } from '../item/encode-message.ts'
import { startsMessage } from '../item/encode-output-items.ts'
import { type ItemContext, idOf } from '../item/item-context.ts'
import { encodeLogprobs } from '../item/logprobs.ts'
import { protocolId } from '../wire/wire-memo.ts'
import type { OpenItem, OutputStream } from './output-stream.ts'

type PartBlock = Extract<Block, { type: 'text' | 'refusal' | 'foreign' }>

interface OpenPart {
  block: PartBlock
  readonly path: string
  readonly index: number
  readonly annotations: Annotation[]
  /** How many of them were written: one that is for the whole text waits for its end, and so do those behind it. */
  annotated: number
  readonly tokens: TokenLogprob[]
}

/**
 * One message of a stream. It stays open behind its last part until something else begins, because another text may be one more part of it, and
 * because log probabilities may come with the end of the reply.
 */
export class MessageWriter {
  readonly head: { block: Block }
  readonly #output: OutputStream
  readonly #context: ItemContext
  readonly #open: OpenItem
  readonly #parts: JsonObject[] = []
  #part: OpenPart | undefined
  readonly opening: string

  constructor(head: Block, output: OutputStream, context: ItemContext) {
    this.head = { block: head }
    this.#output = output
    this.#context = context
    const id = idOf(head, 'msg', context)
    const { open, bytes } = output.begin({ ...encodeMessage(head, [], { id }, context), content: [] }, id)
    this.#open = open
    this.opening = bytes
  }

  takes(block: Block): boolean {
    return !startsMessage(block, this.head.block)
  }

  openPart(block: PartBlock, path: string): string {
    const bytes = this.#closePart()
    const index = this.#parts.length
    this.#part = { block: emptied(block), path, index, annotations: [], annotated: 0, tokens: [] }
    const part = encodePart(this.#part.block, path, this.#context)
    return bytes + this.#output.inside(this.#open, 'content_part.added', { content_index: index, part: part ?? {} }) + this.#said(block)
  }

  delta(delta: Delta): string {
    const part = this.#part
    if (!part) return ''
    const { block } = part
    switch (delta.type) {
      case 'text':
        return block.type === 'foreign' || delta.text === '' ? '' : this.#append(part, block, delta.text)
      case 'annotation':
        if (block.type !== 'text') return this.#lose('citations')
        part.annotations.push(delta.annotation)
        return part.annotated === part.annotations.length - 1 && isPlaced(delta.annotation) ? this.#annotate(part, block) : ''
      case 'logprobs':
        return this.#logprobs(part, delta)
      case 'sealed':
        if (block.type === 'text') part.block = { ...block, sealed: delta.sealed }
        return ''
      case 'foreign':
        return delta.protocol === protocolId ? '' : this.#lose(`${block.type}-delta`)
    }
  }

  /** The block is whole, but its part stays open. Answers with the block. */
  endBlock(ext: Extensions | undefined): Block | undefined {
    const part = this.#part
    if (!part) return undefined
    if (ext) part.block = { ...part.block, ext }
    if (part.index === 0) this.head.block = part.block
    return part.block
  }

  /** Log probabilities that came with the end of the reply. False when there is no text for them. */
  addTokens(tokens: readonly TokenLogprob[]): boolean {
    if (this.#part?.block.type !== 'text') return false
    for (const token of tokens) this.#part.tokens.push(token)
    return true
  }

  close(status: string | undefined): string {
    const bytes = this.#closePart()
    const item = encodeMessage(this.head.block, this.#parts, { id: this.#open.id, ...(status !== undefined && { status }) }, this.#context)
    return bytes + this.#output.end(this.#open, this.head.block.type === 'text' && this.#parts.length === 0 ? { ...item, content: [] } : item)
  }

  #said(block: PartBlock): string {
    if (block.type === 'foreign') return ''
    let bytes = this.delta({ type: 'text', text: block.text })
    if (block.type === 'text') for (const annotation of block.annotations ?? []) bytes += this.delta({ type: 'annotation', annotation })
    return bytes
  }

  #append(part: OpenPart, block: Exclude<PartBlock, { type: 'foreign' }>, text: string): string {
    part.block = { ...block, text: block.text + text }
    return block.type === 'text' ? this.#inside(part, 'output_text.delta', { delta: text, logprobs: [] }) : this.#inside(part, 'refusal.delta', { delta: text })
  }

  #annotate(part: OpenPart, block: Extract<PartBlock, { type: 'text' }>): string {
    let bytes = ''
    for (; part.annotated < part.annotations.length; part.annotated++) {
      const annotation = encodeAnnotation(part.annotations[part.annotated] as Annotation, block.text, part.path, this.#context.losses)
      const written = block.annotations?.length ?? 0
      if (annotation === undefined) continue
      bytes += this.#inside(part, 'output_text.annotation.added', { annotation_index: written, annotation })
      block = { ...block, annotations: [...(block.annotations ?? []), part.annotations[part.annotated] as Annotation] }
    }
    part.block = block
    return bytes
  }

  #logprobs(part: OpenPart, delta: Extract<Delta, { type: 'logprobs' }>): string {
    const { value, tokens } = delta
    const own = delta.protocol === protocolId && isJsonObject(value) && Array.isArray(value.content) ? (value.content as readonly JsonObject[]) : undefined
    const list = own ?? (tokens && encodeLogprobs(tokens))
    if (part.block.type !== 'text' || !list) return this.#lose('logprobs')
    for (const token of tokens ?? []) part.tokens.push(token)
    return this.#inside(part, 'output_text.delta', { delta: '', logprobs: list })
  }

  #closePart(): string {
    const part = this.#part
    if (!part) return ''
    this.#part = undefined
    let bytes = part.block.type === 'text' ? this.#annotate(part, part.block) : ''
    // What a part of this protocol remembers is the vendor's own list.
    if (part.block.type === 'text' && part.tokens.length > 0 && logprobsOf(part.block).length === 0)
      part.block = withLogprobs(part.block, part.tokens) as PartBlock
    const { block } = part
    const whole = encodePart(block, part.path, this.#context) ?? {}
    if (block.type === 'text') bytes += this.#inside(part, 'output_text.done', { text: block.text, logprobs: logprobsOf(block) })
    if (block.type === 'refusal') bytes += this.#inside(part, 'refusal.done', { refusal: block.text })
    this.#parts.push(whole)
    return bytes + this.#inside(part, 'content_part.done', { part: whole })
  }

  #inside(part: OpenPart, type: string, fields: JsonObject): string {
    return this.#output.inside(this.#open, type, { content_index: part.index, ...fields })
  }

  #lose(feature: string): string {
    this.#context.losses.dropped(this.#part?.path ?? '', feature, 'semantic')
    return ''
  }
}

/** True when what the annotation says does not depend on how long the text becomes. */
function isPlaced({ protocol, citation }: Annotation): boolean {
  return protocol === protocolId || (citation?.start !== undefined && citation.end !== undefined)
}

/** The part as it is announced. */
function emptied(block: PartBlock): PartBlock {
  if (block.type === 'foreign') return block
  if (block.type === 'refusal') return { ...block, text: '' }
  const { annotations: _, ...bare } = block
  return { ...bare, text: '' }
}

/** True for a text of another protocol that holds nothing yet: it has no part before it does. */
export function waitsForText(block: Block, context: ItemContext): boolean {
  return (block.type === 'text' || block.type === 'refusal') && block.text === '' && !context.native && !isOwn(block)
}
