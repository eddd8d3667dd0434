import { type FunctionTool, isJsonObject, type JsonObject, type Tool } from 'tokligence'
import { isToolSearch } from '../wire/tool-search.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { groupHead } from './decode-tools.ts'
import { ToolGroups } from './tool-groups.ts'

/** The tools of one list as they were read: that of the request, or that of the item with the number `source`. */
export function encodeOwnTools(tools: readonly Tool[], source?: number): readonly JsonObject[] {
  const groups = new ToolGroups()
  for (const tool of tools) {
    const { memo } = recall(tool)
    const wire = memo.source === source ? encodeOwnTool(tool) : undefined
    if (wire) groups.add(wire, groupOf(tool, memo))
  }
  return groups.list
}

function groupOf(tool: Tool, memo: JsonObject): Parameters<ToolGroups['add']>[1] {
  const head = groupHead(memo)
  const namespace = tool.type === 'foreign' ? undefined : tool.namespace
  if (head && (tool.type === 'foreign' || head.name === namespace)) return { key: `#${(memo.group as JsonObject).number}`, head }
  return namespace === undefined ? undefined : { key: namespace, head: { type: 'namespace', name: namespace, description: '' } }
}

function encodeOwnTool(tool: Tool): JsonObject | undefined {
  if (tool.type === 'foreign') return tool.protocol === protocolId && isJsonObject(tool.value) ? tool.value : undefined
  if (tool.type === 'function') return encodeFunction(tool)
  return {
    ...recall(tool).fields,
    type: 'custom',
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    ...(tool.format !== undefined && { format: tool.format }),
  }
}

function encodeFunction(tool: FunctionTool): JsonObject {
  const { name, description, parameters, strict } = tool
  return {
    ...recall(tool).fields,
    ...(isToolSearch(tool) ? { type: 'tool_search', execution: 'client' } : { type: 'function', name }),
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(strict !== undefined && { strict }),
  }
}
