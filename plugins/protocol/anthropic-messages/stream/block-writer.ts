import { appendDelta, type Block, type Delta, isJsonObject, type JsonObject, type Sealed } from 'tokligence'
import { encodeCitation } from '../message/citations.ts'
import { encodeReplyBlock, isHollow, looseSeal } from '../reply/encode-reply-block.ts'
import { type BlockWriter, type BlockWriterOptions, foreignDelta, writeSeal } from './open-block.ts'
import { streamEvent } from './stream-event.ts'
import { ToolWriter } from './tool-writer.ts'

export function createBlockWriter(block: Block, options: BlockWriterOptions): BlockWriter {
  if (block.type === 'text' || block.type === 'refusal') return new RunningWriter(block, options)
  if (block.type === 'reasoning' && !block.redacted) return new RunningWriter(block, options)
  if (block.type === 'tool-call' && block.executedBy === 'client') return new ToolWriter(block, options)
  return new WholeWriter(block, options)
}

type RunningBlock = Extract<Block, { type: 'text' | 'refusal' | 'reasoning' }>

/** Text or thoughts. The block opens with its first content, because one without any would be rejected when the caller sends it back. */
class RunningWriter implements BlockWriter {
  readonly #block: RunningBlock
  readonly #options: BlockWriterOptions
  #index: number | undefined
  /** A text's, which has no slot for one. */
  #seal: Sealed | undefined

  constructor(block: RunningBlock, options: BlockWriterOptions) {
    this.#block = block
    this.#options = options
  }

  open(): string {
    const { own } = this.#options
    this.#seal = looseSeal(this.#block)
    if (!own && isHollow(this.#block)) return ''
    let bytes = this.#start()
    if (this.#block.text !== '') bytes += this.#write(this.#textDelta(this.#block.text))
    if (this.#block.type === 'text') for (const annotation of this.#block.annotations ?? []) bytes += this.delta({ type: 'annotation', annotation })
    if (this.#block.type === 'reasoning' && this.#block.sealed) bytes += this.delta({ type: 'sealed', sealed: this.#block.sealed })
    return bytes
  }

  delta(delta: Delta): string {
    const wire = this.#encodeDelta(delta)
    return wire ? this.#start() + this.#write(wire) : ''
  }

  close(): string {
    const seal = writeSeal(this.#seal, this.#options)
    if (seal !== '') this.#options.hold(seal, this.#options.path)
    return this.#index === undefined ? '' : streamEvent('content_block_stop', { index: this.#index })
  }

  #start(): string {
    if (this.#index !== undefined) return ''
    const { path, allocate } = this.#options
    const start = encodeReplyBlock(emptied(this.#block), path, this.#options)
    this.#index = allocate()
    return streamEvent('content_block_start', { index: this.#index, content_block: start ?? {} })
  }

  #write(delta: JsonObject): string {
    return streamEvent('content_block_delta', { index: this.#index as number, delta })
  }

  #textDelta(text: string): JsonObject {
    return this.#block.type === 'reasoning' ? { type: 'thinking_delta', thinking: text } : { type: 'text_delta', text }
  }

  #encodeDelta(delta: Delta): JsonObject | undefined {
    const { losses, path } = this.#options
    switch (delta.type) {
      case 'text':
        return delta.text === '' ? undefined : this.#textDelta(delta.text)
      case 'sealed':
        if (this.#block.type === 'reasoning') return { type: 'signature_delta', signature: delta.sealed.value }
        this.#seal = delta.sealed
        return undefined
      case 'annotation': {
        const citation = this.#block.type === 'text' ? encodeCitation(delta.annotation, `${path}.annotations`, losses) : undefined
        return citation === undefined ? undefined : { type: 'citations_delta', citation }
      }
      default:
        return foreignDelta(delta, this.#options)
    }
  }
}

/** The block as it opens, before its content comes. */
function emptied(block: RunningBlock): RunningBlock {
  if (block.type === 'refusal') return { ...block, text: '' }
  if (block.type === 'text') {
    const { annotations: _, sealed: __, ...rest } = block
    return { ...rest, text: '' }
  }
  const { sealed: _, ...rest } = block
  return { ...rest, text: '' }
}

/** A block that is written in one piece at its end, or, with a loss reported, not at all. */
class WholeWriter implements BlockWriter {
  #block: Block
  readonly #options: BlockWriterOptions

  constructor(block: Block, options: BlockWriterOptions) {
    this.#block = block
    this.#options = options
  }

  open(): string {
    return ''
  }

  delta(delta: Delta): string {
    this.#block = appendDelta(this.#block, delta)
    return ''
  }

  close(): string {
    const { path, allocate } = this.#options
    const wire = encodeReplyBlock(this.#block, path, this.#options)
    const seal = writeSeal(looseSeal(this.#block), this.#options)
    if (!wire) return seal
    const index = allocate()
    const { start, input } = splitInput(wire)
    const delta = input === undefined ? '' : streamEvent('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: input } })
    return seal + streamEvent('content_block_start', { index, content_block: start }) + delta + streamEvent('content_block_stop', { index })
  }
}

/** Readers collect a call's input from deltas, as the provider sends it (fixture: …/chat_web_search_with_anthropic_claude-haiku-4-5_streams…). */
function splitInput(wire: JsonObject): { readonly start: JsonObject; readonly input?: string } {
  const { type, input } = wire
  if (typeof type !== 'string' || !type.endsWith('tool_use') || !isJsonObject(input)) return { start: wire }
  return { start: { ...wire, input: {} }, input: JSON.stringify(input) }
}
