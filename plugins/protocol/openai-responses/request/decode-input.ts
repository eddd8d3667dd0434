import { type Block, type Json, type JsonObject, requestReader as read, type Tool, type Turn } from 'tokligence'
import { summaryOf } from '../item/compaction.ts'
import { decodeOutputItem } from '../item/decode-output-item.ts'
import { protocolId, remember } from '../wire/wire-memo.ts'
import { decodeContent } from './decode-content.ts'
import { decodeToolOutput, isToolOutput, withEmptyList } from './decode-tool-output.ts'
import { decodeTools } from './decode-tools.ts'
import { splitItem } from './item-fields.ts'

export interface DecodedInput {
  readonly turns: readonly Turn[]
  /** Tools that items brought, marked with the number of their item. */
  readonly tools: readonly Tool[]
}

/** `input`: a text of the user, or items. */
export function decodeInput(input: Json | undefined): DecodedInput {
  if (input === undefined) return { turns: [], tools: [] }
  if (typeof input === 'string') {
    const blocks: Block[] = [{ type: 'text', text: input }]
    return { turns: [{ role: 'user', blocks, form: 'text', ...remember({}, { bare: true }) }], tools: [] }
  }
  if (!Array.isArray(input)) throw read.fault('input', 'a string or an array of items')
  const reading = new InputReading()
  for (const [index, item] of (input as readonly Json[]).entries()) reading.item(item, index)
  return { turns: reading.turns, tools: reading.tools }
}

/** The items besides calls (`…_call`) that the model or the vendor makes (openai 6.49.0, ResponseOutputItem). */
const assistantKinds = new Set(['reasoning', 'compaction', 'mcp_list_tools', 'mcp_approval_request', 'program', 'program_output', 'tool_search_output'])

class InputReading {
  readonly turns: Turn[] = []
  readonly tools: Tool[] = []
  /** The blocks of the last turn, while it may grow. */
  #open: { readonly role: 'assistant' | 'tool'; readonly blocks: Block[] } | undefined

  item(value: Json, index: number): void {
    const path = `input[${index}]`
    const item = read.object(value, path)
    const kind = read.optionalString(item.type ?? undefined, `${path}.type`) ?? kindWithoutType(item, path)
    if (kind === 'message') this.#message(item, path)
    else if (kind === 'additional_tools') this.#additionalTools(item, path, index)
    else if (isToolOutput(item, kind)) this.#toolOutput(item, kind, path, index)
    // Told to every model in words, and by the user, because a conversation begins with him.
    else if (summaryOf(item) !== undefined) this.#alone(item, kind)
    else if (kind.endsWith('_call') || assistantKinds.has(kind)) this.#grow('assistant', decodeOutputItem(item, path, read))
    else this.#alone(item, kind)
  }

  #message(item: JsonObject, path: string): void {
    const role = read.string(item.role, `${path}.role`)
    if (role === 'assistant') this.#grow('assistant', decodeOutputItem(item, path, read))
    else if (role === 'user' || role === 'system' || role === 'developer') this.#turn(decodeMessage(item, role, path))
    else throw read.fault(`${path}.role`, 'user, assistant, system or developer')
  }

  /** A turn without blocks keeps the place; the tools stand with the others. */
  #additionalTools(item: JsonObject, path: string, index: number): void {
    const { tools, role, type: _, ...others } = item
    const { given, memo } = splitItem(others)
    this.tools.push(...decodeTools(tools, `${path}.tools`, index))
    const unset = { ...withEmptyList(memo.unset, tools), ...(role !== undefined && { role }) }
    this.#turn({ role: 'developer', blocks: [], form: 'none', ...remember(given, { ...memo, unset, kind: 'additional_tools', source: index }) })
  }

  #toolOutput(item: JsonObject, kind: string, path: string, index: number): void {
    const { block, tools } = decodeToolOutput(item, kind, path, index)
    this.tools.push(...tools)
    this.#grow('tool', [block])
  }

  /** What other vendors do not know, in a turn of its own. */
  #alone(item: JsonObject, kind: string): void {
    const block: Block = { type: 'foreign', protocol: protocolId, kind, value: item, ...remember({}, { kind: 'item' }) }
    this.#turn({ role: 'user', blocks: [block], form: 'blocks' })
  }

  #grow(role: 'assistant' | 'tool', blocks: readonly Block[]): void {
    if (this.#open?.role === role) {
      this.#open.blocks.push(...blocks)
      return
    }
    const open = { role, blocks: [...blocks] }
    this.#turn({ role, blocks: open.blocks, form: 'blocks' })
    this.#open = open
  }

  #turn(turn: Turn): void {
    this.turns.push(turn)
    this.#open = undefined
  }
}

/** Messages and references may leave it out (openai 6.49.0, EasyInputMessage, ItemReference). */
function kindWithoutType({ role, id }: JsonObject, path: string): string {
  if (role !== undefined) return 'message'
  if (typeof id === 'string') return 'item_reference'
  throw read.fault(path, 'a message with a role, an item with a type, or a reference with an id')
}

function decodeMessage(item: JsonObject, role: 'user' | 'system' | 'developer', path: string): Turn {
  const { role: _, content, type, ...others } = item
  const { given, memo } = splitItem(others)
  if (content === undefined || content === null) throw read.fault(`${path}.content`, 'a string or an array of parts')
  // The type may be left out, and be null.
  return { role, ...decodeContent(content, `${path}.content`), ...remember(given, { ...memo, type }) }
}
