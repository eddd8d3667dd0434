import { type Block, type Conversation, isJsonObject, type Json, type JsonObject, reportForeignFields, type ToolResultBlock, type Turn } from 'tokligence'
import { summaryIn } from '../item/compaction.ts'
import { encodeOutputItems } from '../item/encode-output-items.ts'
import type { ItemContext } from '../item/item-context.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { encodeParts, joinParts, type Placed } from './encode-content.ts'
import { encodeOwnTools } from './encode-own-tools.ts'
import { itemFields } from './item-fields.ts'

/** `input` as it was read; undefined when there is nothing in it. */
export function encodeOwnInput(turns: readonly Turn[], context: ItemContext): Json | undefined {
  const [first] = turns
  if (first === undefined) return undefined
  const [block] = first.blocks
  if (turns.length === 1 && first.blocks.length === 1 && block?.type === 'text' && recall(first).memo.bare === true) return block.text
  return turns.flatMap((turn, index) => encodeTurn(turn, `input[${index}]`, context))
}

function encodeTurn(turn: Turn, path: string, context: ItemContext): readonly JsonObject[] {
  reportForeignFields(turn, path, context.losses, protocolId)
  const placed = turn.blocks.map((block, index): Placed => [block, `${path}.content[${index}]`])
  if (turn.role === 'assistant') {
    const items = encodeOutputItems(placed, context)
    return lostItsThoughts(turn, context) ? items.map(withoutId) : items
  }
  const { fields, memo } = itemFields(turn)
  if (memo.kind === 'additional_tools') return [additionalTools(fields, memo, context.conversation)]
  const items: JsonObject[] = []
  let parts: Placed[] = []
  const flush = () => {
    if (parts.length > 0) items.push(encodeMessage(turn, parts, context))
    parts = []
  }
  for (const [block, blockPath] of placed) {
    const item = itemOf(block, blockPath, context)
    if (!item) parts.push([block, blockPath])
    else {
      flush()
      items.push(item)
    }
  }
  if (placed.length === 0 && turn.role !== 'tool') items.push(encodeMessage(turn, [], context))
  flush()
  return items
}

function lostItsThoughts({ blocks }: Turn, { conversation }: ItemContext): boolean {
  return conversation.lacksThoughts === true && !blocks.some(({ type }) => type === 'reasoning')
}

/**
 * "Item 'fc_…' of type 'function_call' was provided without its required 'reasoning' item: 'rs_…'" is the vendor's answer to an item whose id it knows
 * (github.com/omnigent-ai/omnigent/issues/5066; for messages github.com/NousResearch/hermes-agent/pull/102282). It takes these without one.
 */
function withoutId(item: JsonObject): JsonObject {
  if (item.type !== 'message' && item.type !== 'function_call' && item.type !== 'custom_tool_call') return item
  const { id: _, ...rest } = item
  return rest
}

/** The item that stands for a block alone; undefined for a part of a message. */
function itemOf(block: Block, path: string, context: ItemContext): JsonObject | undefined {
  if (block.type === 'tool-result') return encodeOwnOutput(block, path, context)
  const summary = summaryIn(block)
  // The vendor cannot open a compaction that it did not make.
  if (summary !== undefined) return { type: 'message', role: 'user', content: [{ type: 'input_text', text: summary }] }
  return block.type === 'foreign' && recall(block).memo.kind === 'item' && isJsonObject(block.value) ? block.value : undefined
}

function encodeMessage(turn: Turn, parts: readonly Placed[], context: ItemContext): JsonObject {
  const { fields, memo } = itemFields(turn)
  const content = joinParts(encodeParts(parts, context), turn.form, true)
  const role = turn.role === 'tool' ? 'user' : turn.role
  return { ...fields, ...(memo.type !== undefined && { type: memo.type }), role, ...(content !== undefined && { content }) }
}

function encodeOwnOutput(block: ToolResultBlock, path: string, context: ItemContext): JsonObject {
  reportForeignFields(block, path, context.losses, protocolId)
  const { fields, memo } = itemFields(block)
  const type = typeof memo.kind === 'string' ? memo.kind : 'function_call_output'
  const head = { ...fields, type, call_id: block.callId }
  if (type === 'tool_search_output') return { ...head, ...listOf(encodeOwnTools(context.conversation.tools, sourceOf(memo))) }
  const parts = encodeParts(
    block.content.map((inner, index): Placed => [inner, `${path}.output[${index}]`]),
    context,
  )
  const output = joinParts(parts, block.form, true)
  return { ...head, ...(output !== undefined && { output }) }
}

function additionalTools(fields: JsonObject, memo: JsonObject, { tools }: Pick<Conversation, 'tools'>): JsonObject {
  return { ...fields, type: 'additional_tools', ...listOf(encodeOwnTools(tools, sourceOf(memo))) }
}

function sourceOf(memo: JsonObject): number | undefined {
  return typeof memo.source === 'number' ? memo.source : undefined
}

function listOf(tools: readonly JsonObject[]): JsonObject {
  return tools.length === 0 ? {} : { tools }
}
