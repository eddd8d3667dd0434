import type { Delta, Extensions, JsonObject, ReasoningBlock } from 'tokligence'
import { isOwn } from '../item/encode-message.ts'
import { encodeReasoning, keepsReasoning } from '../item/encode-reasoning.ts'
import { type ItemContext, idOf } from '../item/item-context.ts'
import { cutReasoning, partBreak } from '../item/reasoning-parts.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import type { OpenItem, OutputStream } from './output-stream.ts'

type PartList = 'summary' | 'content'

interface OpenPart {
  readonly list: PartList
  readonly part: JsonObject
  text: string
}

const partOf: Readonly<Record<PartList, JsonObject>> = { summary: { type: 'summary_text', text: '' }, content: { type: 'reasoning_text', text: '' } }

/** The events of a part (openai 6.49.0, ResponseStreamEvent). */
const eventsOf = {
  summary: { part: 'reasoning_summary_part', text: 'reasoning_summary_text' },
  content: { part: 'content_part', text: 'reasoning_text' },
} as const

/** One item of reasoning. One of another protocol begins with its first words, or with its seal. */
export class ReasoningWriter {
  readonly #output: OutputStream
  readonly #context: ItemContext
  readonly #path: string
  readonly #parts: Readonly<Record<PartList, JsonObject[]>> = { summary: [], content: [] }
  #block: ReasoningBlock
  #open: OpenItem | undefined
  #part: OpenPart | undefined

  constructor(block: ReasoningBlock, path: string, output: OutputStream, context: ItemContext) {
    this.#block = { ...block, text: '' }
    this.#path = path
    this.#output = output
    this.#context = context
  }

  open(block: ReasoningBlock): string {
    let bytes = this.#context.native || isOwn(block) ? this.#begin() : ''
    const { summary, content } = cutReasoning(block)
    if (!isOwn(block) || block.text === '') return bytes + this.delta({ type: 'text', text: block.text })
    // The whole item is known: its parts are written as they stood.
    this.#block = block
    for (const part of summary) bytes += this.#whole('summary', part)
    for (const part of content) bytes += this.#whole('content', part)
    return bytes
  }

  delta(delta: Delta): string {
    if (delta.type === 'sealed') {
      this.#block = { ...this.#block, sealed: delta.sealed }
      return ''
    }
    if (delta.type === 'text') return delta.text === '' ? '' : this.#append(delta.text)
    if (delta.type !== 'foreign' || delta.protocol !== protocolId) this.#context.losses.dropped(this.#path, `reasoning-${delta.type}`, 'semantic')
    return ''
  }

  close(ext: Extensions | undefined): string {
    if (ext) this.#block = { ...this.#block, ext }
    if (!this.#open && !keepsReasoning(this.#block, this.#path, this.#context)) return ''
    let bytes = this.#begin() + this.#closePart()
    const { summary, content } = cutReasoning(this.#block)
    for (const part of summary.slice(this.#parts.summary.length)) bytes += this.#whole('summary', part)
    for (const part of content.slice(this.#parts.content.length)) bytes += this.#whole('content', part)
    const item = encodeReasoning(this.#block, { id: (this.#open as OpenItem).id }, this.#path, this.#context)
    return (
      bytes +
      this.#output.end(this.#open as OpenItem, {
        ...item,
        ...(this.#parts.summary.length > 0 && { summary: this.#parts.summary }),
        ...(this.#parts.content.length > 0 && { content: this.#parts.content }),
      })
    )
  }

  #begin(): string {
    if (this.#open) return ''
    const id = idOf(this.#block, 'rs', this.#context)
    const { sealed: _, ...unsealed } = this.#block
    const item = encodeReasoning({ ...unsealed, text: '', ...headOf(unsealed) }, { id }, this.#path, this.#context)
    // Clients put the parts into the list that the item begins with (openai 6.49.0, lib/responses/ResponseAccumulator).
    const { open, bytes } = this.#output.begin({ summary: [], ...item }, id)
    this.#open = open
    return bytes
  }

  #append(text: string): string {
    let bytes = this.#begin()
    const own = isOwn(this.#block)
    this.#block = { ...this.#block, text: this.#block.text + text }
    if (!this.#part) bytes += this.#openPart(own && !this.#block.summary ? 'content' : 'summary')
    // Only between parts of this protocol does a break come by itself.
    if (own && text === partBreak) return bytes + this.#closePart()
    const part = this.#part as unknown as OpenPart
    part.text += text
    return bytes + this.#inside(part.list, `${eventsOf[part.list].text}.delta`, { delta: text })
  }

  #openPart(list: PartList, part: JsonObject = partOf[list]): string {
    this.#part = { list, part, text: '' }
    return this.#inside(list, `${eventsOf[list].part}.added`, { part: { ...part, text: '' } })
  }

  #closePart(): string {
    const open = this.#part
    if (!open) return ''
    const { list, part, text } = open
    const whole = { ...part, text }
    const bytes = this.#inside(list, `${eventsOf[list].text}.done`, { text }) + this.#inside(list, `${eventsOf[list].part}.done`, { part: whole })
    this.#parts[list].push(whole)
    this.#part = undefined
    return bytes
  }

  #whole(list: PartList, part: JsonObject): string {
    let bytes = this.#openPart(list, part)
    const open = this.#part as unknown as OpenPart
    open.text = String(part.text)
    if (open.text !== '') bytes += this.#inside(list, `${eventsOf[list].text}.delta`, { delta: open.text })
    return bytes + this.#closePart()
  }

  #inside(list: PartList, type: string, fields: JsonObject): string {
    return this.#output.inside(this.#open as OpenItem, type, { [`${list}_index`]: this.#parts[list].length, ...fields })
  }
}

/** What the block remembers of its item, but not how its text is to be cut. */
function headOf(block: ReasoningBlock): Pick<ReasoningBlock, 'ext'> {
  const own = block.ext?.[protocolId]
  if (recall(block).memo.cut === undefined || !own) return {}
  const { cut: _, ...memo } = recall(block).memo
  return { ext: { ...block.ext, [protocolId]: { ...own, $wire: memo } } }
}
