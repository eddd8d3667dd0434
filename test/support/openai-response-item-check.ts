import { isDeepStrictEqual } from 'node:util'
import { type Fields, isObject, list } from './json-fields.ts'
import { comparable, faultsOfItem, faultsOfPart } from './openai-response-rules.ts'

interface Part {
  readonly type: string
  /** The field that its deltas fill. */
  readonly field: string
  text: string
  whole: boolean
  readonly annotations: unknown[]
  /** What `….done` brought. */
  closed?: Fields
}

/** Which list of an item the deltas of an event go to, which parts take them and which field they fill. */
const partEvents: Readonly<Record<string, { readonly list: 'content' | 'summary'; readonly part: string; readonly field: string }>> = {
  'response.output_text': { list: 'content', part: 'output_text', field: 'text' },
  'response.refusal': { list: 'content', part: 'refusal', field: 'refusal' },
  'response.reasoning_text': { list: 'content', part: 'reasoning_text', field: 'text' },
  'response.reasoning_summary_text': { list: 'summary', part: 'summary_text', field: 'text' },
}
/** Which items take deltas themselves, and in which field. */
const textEvents: Readonly<Record<string, { readonly item: string; readonly field: string }>> = {
  'response.function_call_arguments': { item: 'function_call', field: 'arguments' },
  'response.custom_tool_call_input': { item: 'custom_tool_call', field: 'input' },
  'response.mcp_call_arguments': { item: 'mcp_call', field: 'arguments' },
  'response.code_interpreter_call_code': { item: 'code_interpreter_call', field: 'code' },
}
/** The vendor's own tools say how far they are: the type of the item stands in the event's. */
const phaseEvent =
  /^response\.(web_search_call|file_search_call|code_interpreter_call|image_generation_call|mcp_call|mcp_list_tools)\.(in_progress|searching|interpreting|generating|partial_image|completed|failed)$/
const partsOf: Readonly<Record<string, readonly string[]>> = { message: ['output_text', 'refusal'], reasoning: ['reasoning_text'] }

/** One item of a response from `output_item.added` to `output_item.done`; what is wrong goes to `report`. */
export class OpenItem {
  readonly index: number
  readonly item: Fields
  readonly #report: (text: string) => void
  readonly #parts: Readonly<Record<'content' | 'summary', Part[]>> = { content: [], summary: [] }
  #text = ''
  #textWhole = false

  constructor(index: number, item: Fields, report: (text: string) => void) {
    this.index = index
    this.item = item
    this.#report = report
    const { type, status, content, summary } = item
    this.#need(status === undefined || status === 'in_progress' || status === 'searching', `opens an item with the status ${JSON.stringify(status)}`)
    this.#need(list(content).length === 0 && list(summary).length === 0, 'opens an item that has parts already')
    const filled = Object.values(textEvents).find((event) => event.item === type)
    if (filled && item[filled.field] !== undefined && item[filled.field] !== null)
      this.#need(item[filled.field] === '', `opens a ${type} that has ${filled.field} already`)
  }

  /** An event inside of the item. */
  take(type: string, value: Fields): void {
    this.#need(value.item_id === this.item.id, `has the item_id ${JSON.stringify(value.item_id)} for the item ${JSON.stringify(this.item.id)}`)
    const [base, last] = [type.slice(0, type.lastIndexOf('.')), type.slice(type.lastIndexOf('.') + 1)]
    const part = partEvents[base]
    const text = textEvents[base]
    const phase = phaseEvent.exec(type)
    if (type === 'response.content_part.added') this.#openPart('content', value)
    else if (type === 'response.content_part.done') this.#closePart('content', value)
    else if (type === 'response.reasoning_summary_part.added') this.#openPart('summary', value)
    else if (type === 'response.reasoning_summary_part.done') this.#closePart('summary', value)
    else if (type === 'response.output_text.annotation.added') this.#annotate(value)
    else if (part && (last === 'delta' || last === 'done')) this.#fillPart(part, last, value)
    else if (text && (last === 'delta' || last === 'done')) this.#fillText(text, last, value)
    else if (phase) this.#need(this.item.type === phase[1], `is for a ${phase[1]}, but the item is a ${this.item.type}`)
    else this.#report('is an event that the protocol does not have')
  }

  /** `output_item.done`. */
  close(item: unknown): void {
    for (const fault of faultsOfItem(item, 'an item')) this.#report(fault)
    if (!isObject(item)) return
    for (const name of ['id', 'type', 'role', 'call_id', 'name', 'namespace'] as const)
      this.#need(item[name] === this.item[name], `closes an item with another ${name} than it was opened with`)
    this.#need(item.status !== 'in_progress', 'closes an item that is still in progress')
    this.#need(this.#textWhole || !isCall(item), `closes a ${item.type} without its whole text`)
    const filled = Object.values(textEvents).find((event) => event.item === item.type)
    if (filled && this.#textWhole) this.#need(item[filled.field] === this.#text, `closes an item with other ${filled.field} than were streamed`)
    for (const name of ['content', 'summary'] as const) {
      const parts = this.#parts[name]
      this.#need(
        parts.every((part) => part.closed !== undefined),
        `closes an item with an open part in its ${name}`,
      )
      const streamed = parts.map((part) => part.closed)
      this.#need(isDeepStrictEqual(list(item[name]), streamed), `closes an item with another ${name} than was streamed`)
    }
  }

  #openPart(name: 'content' | 'summary', value: Fields): void {
    const { part } = value
    const parts = this.#parts[name]
    const index = value[`${name}_index`]
    this.#need(index === parts.length, `has the ${name}_index ${index} where ${parts.length} is next`)
    this.#need(parts.at(-1)?.closed !== undefined || parts.length === 0, `opens a part while another is open`)
    for (const fault of faultsOfPart(part, 'a part')) this.#report(fault)
    const type = isObject(part) ? String(part.type) : ''
    const allowed = name === 'content' ? (partsOf[String(this.item.type)] ?? []) : this.item.type === 'reasoning' ? ['summary_text'] : []
    this.#need(allowed.includes(type), `opens a ${type} part in a ${this.item.type}`)
    const field = type === 'refusal' ? 'refusal' : 'text'
    if (isObject(part)) this.#need(part[field] === '' && list(part.annotations).length === 0, 'opens a part that is not empty')
    parts.push({ type, field, text: '', whole: false, annotations: [] })
  }

  #closePart(name: 'content' | 'summary', value: Fields): void {
    const part = this.#partAt(name, value)
    if (!part) return
    for (const fault of faultsOfPart(value.part, 'a part')) this.#report(fault)
    if (!isObject(value.part)) return
    this.#need(value.part.type === part.type, `closes a ${part.type} part as ${value.part.type}`)
    this.#need(part.whole, `closes a ${part.type} part without its whole text`)
    this.#need(value.part[part.field] === part.text, `closes a part with another ${part.field} than was streamed`)
    this.#need(isDeepStrictEqual(list(value.part.annotations), part.annotations), 'closes a part with other annotations than were streamed')
    part.closed = value.part
  }

  #fillPart({ list: name, part: type, field }: (typeof partEvents)[string] & object, last: 'delta' | 'done', value: Fields): void {
    const part = this.#partAt(name, value)
    if (!part) return
    this.#need(part.type === type, `fills a ${type} part, but the open part is a ${part.type}`)
    // The types have logprobs in every delta and done of a text; the vendor sends an empty list when none were asked for.
    if (type === 'output_text') this.#need(Array.isArray(value.logprobs), 'has no list of logprobs')
    this.#need(!part.whole, 'comes after the whole text of the part')
    if (last === 'delta') {
      this.#need(typeof value.delta === 'string', 'has a delta that is no text')
      part.text += String(value.delta)
      return
    }
    part.whole = true
    this.#need(value[field] === part.text, `has another ${field} than its deltas joined`)
  }

  #fillText({ item: type, field }: (typeof textEvents)[string] & object, last: 'delta' | 'done', value: Fields): void {
    this.#need(this.item.type === type, `is for a ${type}, but the item is a ${this.item.type}`)
    this.#need(!this.#textWhole, 'comes after the whole text of the item')
    if (last === 'delta') {
      this.#need(typeof value.delta === 'string', 'has a delta that is no text')
      this.#text += String(value.delta)
      return
    }
    this.#textWhole = true
    this.#need(value[field] === this.#text, `has other ${field} than its deltas joined`)
    // The types have a name here; the recorded streams have none.
    if (value.name !== undefined) this.#need(value.name === this.item.name, `has the name ${JSON.stringify(value.name)} for ${JSON.stringify(this.item.name)}`)
  }

  #annotate(value: Fields): void {
    const part = this.#partAt('content', value)
    if (!part) return
    this.#need(part.type === 'output_text', `annotates a ${part.type} part`)
    this.#need(
      value.annotation_index === part.annotations.length,
      `has the annotation_index ${value.annotation_index} where ${part.annotations.length} is next`,
    )
    this.#need(isObject(value.annotation), 'has no annotation')
    part.annotations.push(value.annotation)
  }

  #partAt(name: 'content' | 'summary', value: Fields): Part | undefined {
    const index = value[`${name}_index`]
    const part = typeof index === 'number' ? this.#parts[name][index] : undefined
    if (part && part.closed === undefined) return part
    this.#report(`is for the part ${name}_index ${index}, which is not open`)
    return undefined
  }

  #need(condition: boolean, otherwise: string): void {
    if (!condition) this.#report(otherwise)
  }
}

function isCall({ type }: Fields): boolean {
  return type === 'function_call' || type === 'custom_tool_call'
}

/** Whether a response lists exactly what was streamed, in its order. */
export function isSameOutput(output: unknown, done: readonly Fields[]): boolean {
  const listed: readonly Fields[] = list(output).filter(isObject).map(comparable)
  return isDeepStrictEqual(listed, done.map(comparable))
}
