import type { Delta, Extensions, ToolCallBlock } from 'tokligence'
import { callInput, callKind, callPrefixes, encodeCall } from '../item/encode-call.ts'
import { encodeSeal } from '../item/encode-reasoning.ts'
import { type ItemContext, idOf } from '../item/item-context.ts'
import { protocolId } from '../wire/wire-memo.ts'
import type { OpenItem, OutputStream } from './output-stream.ts'

/** One call that the caller's program runs. */
export class CallWriter {
  readonly #output: OutputStream
  readonly #context: ItemContext
  readonly #path: string
  #block: ToolCallBlock
  readonly #open: OpenItem
  readonly opening: string

  constructor(block: ToolCallBlock, path: string, output: OutputStream, context: ItemContext) {
    this.#block = { ...block, argumentsText: '' }
    this.#path = path
    this.#output = output
    this.#context = context
    const id = idOf(block, callPrefixes[callKind(block, context)], context)
    // As JSON of an empty object a caller would take the arguments for whole.
    const item = encodeCall(this.#block, { id }, path, { ...context, native: true })
    const { open, bytes } = output.begin(item, id)
    this.#open = open
    this.opening = bytes + this.delta({ type: 'text', text: block.argumentsText })
  }

  delta(delta: Delta): string {
    if (delta.type === 'sealed') {
      this.#block = { ...this.#block, sealed: delta.sealed }
      return ''
    }
    if (delta.type !== 'text') {
      if (delta.type !== 'foreign' || delta.protocol !== protocolId) this.#context.losses.dropped(this.#path, `tool-call-${delta.type}`, 'semantic')
      return ''
    }
    if (delta.text === '') return ''
    this.#block = { ...this.#block, argumentsText: this.#block.argumentsText + delta.text }
    return this.#piece(delta.text)
  }

  close(ext: Extensions | undefined): string {
    if (ext) this.#block = { ...this.#block, ext }
    const kind = callKind(this.#block, this.#context)
    let bytes = ''
    const input = kind === 'function_call' ? callInput(this.#block, this.#context) : this.#block.argumentsText
    if (this.#block.argumentsText === '' && input !== '') bytes += this.#piece(input)
    if (kind === 'function_call') bytes += this.#inside('function_call_arguments.done', { name: this.#block.name, arguments: input })
    if (kind === 'custom_tool_call') bytes += this.#inside('custom_tool_call_input.done', { input })
    bytes += this.#output.end(this.#open, encodeCall(this.#block, { id: this.#open.id }, this.#path, this.#context))
    const seal = this.#block.sealed && encodeSeal(this.#block.sealed, this.#path, this.#context)
    return seal ? bytes + this.#output.whole(seal) : bytes
  }

  /** The search of a caller has no event for its arguments. */
  #piece(delta: string): string {
    const kind = callKind(this.#block, this.#context)
    if (kind === 'tool_search_call') return ''
    return this.#inside(kind === 'function_call' ? 'function_call_arguments.delta' : 'custom_tool_call_input.delta', { delta })
  }

  #inside(type: string, fields: Parameters<OutputStream['inside']>[2]): string {
    return this.#output.inside(this.#open, type, fields)
  }
}
