import { type Json, type JsonObject, type Memo, requestReader as read, type Tool, type ToolResultBlock } from 'tokligence'
import { toolSearchName } from '../wire/tool-search.ts'
import { remember } from '../wire/wire-memo.ts'
import { decodeContent } from './decode-content.ts'
import { decodeTools } from './decode-tools.ts'
import { splitItem } from './item-fields.ts'

export interface DecodedToolOutput {
  readonly block: ToolResultBlock
  /** What a search of tools found. */
  readonly tools: readonly Tool[]
}

/** True for what the caller's program answers to a call that any protocol has. A search of tools that the vendor ran is the vendor's item. */
export function isToolOutput(item: JsonObject, kind: string): boolean {
  if (kind === 'tool_search_output') return item.execution !== 'server' && typeof item.call_id === 'string'
  return kind === 'function_call_output' || kind === 'custom_tool_call_output'
}

/** `number` is the item's place in the input. */
export function decodeToolOutput(item: JsonObject, kind: string, path: string, number: number): DecodedToolOutput {
  const { type: _, call_id, ...others } = item
  const callId = read.string(call_id, `${path}.call_id`)
  if (kind === 'tool_search_output') return decodeFoundTools(others, callId, path, number)
  const { output, ...fields } = others
  const { given, memo: kept } = splitItem(fields)
  const content = decodeContent(output, `${path}.output`)
  const unset = output === null ? { ...(kept.unset as JsonObject), output } : kept.unset
  const memo: Memo = { ...kept, unset, kind: kind === 'function_call_output' ? undefined : kind }
  return { block: { type: 'tool-result', callId, content: content.blocks, form: content.form, ...remember(given, memo) }, tools: [] }
}

/** The tools join those of the request; the result says in words which they are. */
function decodeFoundTools(fields: JsonObject, callId: string, path: string, number: number): DecodedToolOutput {
  const { tools: listed, execution, ...others } = fields
  const { given, memo: kept } = splitItem(others)
  const tools = decodeTools(listed, `${path}.tools`, number)
  const names = tools.map((tool) => (tool.type === 'foreign' ? (tool.name ?? tool.kind) : wholeName(tool.name, tool.namespace)))
  const text = names.length === 0 ? 'No tools were found.' : `Found, and ready to be called from now on: ${names.join(', ')}.`
  const memo: Memo = {
    ...kept,
    unset: { ...withEmptyList(kept.unset, listed), ...(execution !== undefined && { execution }) },
    kind: 'tool_search_output',
    source: number,
  }
  return {
    block: { type: 'tool-result', callId, name: toolSearchName, content: [{ type: 'text', text }], form: 'text', ...remember(given, memo) },
    tools,
  }
}

/** As protocols without groups call it. */
function wholeName(name: string, namespace: string | undefined): string {
  return namespace === undefined ? name : `${namespace}__${name}`
}

/** An empty list of tools leaves no tool to remember it by. */
export function withEmptyList(unset: Json | undefined, tools: Json | undefined): JsonObject {
  return { ...(unset as JsonObject), ...((tools === null || (Array.isArray(tools) && tools.length === 0)) && { tools }) }
}
