import type { Delta, Sealed, ToolCallBlock } from 'tokligence'
import { argumentsObject, isArgumentsObject, wrappedInput } from '../message/tool-arguments.ts'
import { encodeReplyBlock } from '../reply/encode-reply-block.ts'
import { type BlockWriter, type BlockWriterOptions, foreignDelta, writeSeal } from './open-block.ts'
import { streamEvent } from './stream-event.ts'

/**
 * A call of the caller's tool. Its arguments go on in the pieces they came in, unless they begin like no object: readers expect one, so such
 * arguments are kept until the end and wrapped as in a unary reply.
 */
export class ToolWriter implements BlockWriter {
  readonly #block: ToolCallBlock
  readonly #options: BlockWriterOptions
  /** Raw text goes on: free text inside of a string, or arguments that this protocol wrote itself. */
  readonly #raw: boolean
  #index = -1
  /** One that came when the call was open already: it follows behind it. */
  #seal: Sealed | undefined
  #text = ''
  #course: 'undecided' | 'live' | 'held' = 'undecided'

  constructor(block: ToolCallBlock, options: BlockWriterOptions) {
    this.#block = block
    this.#options = options
    this.#raw = block.form === 'text' || options.own
  }

  open(): string {
    const { path, allocate } = this.#options
    const { argumentsText, form, sealed } = this.#block
    const start = encodeReplyBlock({ ...this.#block, argumentsText: '', form: 'json' }, path, this.#options) ?? {}
    const seal = writeSeal(sealed, this.#options)
    this.#index = allocate()
    const bytes = seal + streamEvent('content_block_start', { index: this.#index, content_block: start })
    if (form === 'text') return bytes + this.#write(`{"${wrappedInput}":"`) + this.#arguments(argumentsText)
    return bytes + this.#arguments(argumentsText)
  }

  delta(delta: Delta): string {
    const { losses, path } = this.#options
    if (delta.type === 'text') return this.#arguments(delta.text)
    if (delta.type === 'sealed') this.#seal = delta.sealed
    else if (delta.type === 'annotation') losses.dropped(`${path}.annotations`, 'annotations', 'semantic')
    else {
      const wire = foreignDelta(delta, this.#options)
      return wire ? streamEvent('content_block_delta', { index: this.#index, delta: wire }) : ''
    }
    return ''
  }

  close(): string {
    return this.#rest() + streamEvent('content_block_stop', { index: this.#index }) + writeSeal(this.#seal, this.#options)
  }

  #arguments(text: string): string {
    if (text === '') return ''
    if (this.#raw) return this.#write(this.#block.form === 'text' ? JSON.stringify(text).slice(1, -1) : text)
    this.#text += text
    if (this.#course === 'live') return this.#write(text)
    const visible = this.#course === 'undecided' ? text.trimStart() : ''
    if (visible !== '') this.#course = visible.startsWith('{') ? 'live' : 'held'
    return this.#course === 'live' ? this.#write(this.#text) : ''
  }

  #rest(): string {
    const { losses, path } = this.#options
    if (this.#block.form === 'text') return this.#write('"}')
    if (this.#raw || this.#course === 'undecided') return ''
    if (this.#course === 'held') return this.#write(JSON.stringify(argumentsObject({ ...this.#block, argumentsText: this.#text }, `${path}.input`, losses)))
    if (!isArgumentsObject(this.#text))
      losses.approximated(`${path}.input`, 'tool-arguments', 'semantic', 'The arguments are no JSON object; they had been streamed.')
    return ''
  }

  #write(fragment: string): string {
    return streamEvent('content_block_delta', { index: this.#index, delta: { type: 'input_json_delta', partial_json: fragment } })
  }
}
