import {
  type ForeignTool,
  type FreeformTool,
  type FunctionTool,
  isJsonObject,
  type Json,
  type JsonObject,
  type Memo,
  requestReader as read,
  splitUnset,
  type Tool,
} from 'tokligence'
import { toolSearchKind, toolSearchName } from '../wire/tool-search.ts'
import { protocolId, remember } from '../wire/wire-memo.ts'
import { hostedService } from './hosted-service.ts'

/** `source` is the number of the input item that brought the tools; absent for those of the request itself. */
export function decodeTools(value: Json | undefined, path: string, source?: number): Tool[] {
  const memo: Memo = { source }
  return read
    .optionalArray(value ?? undefined, path)
    .flatMap((tool, index) => decodeTool(read.object(tool, `${path}[${index}]`), `${path}[${index}]`, memo, index))
}

function decodeTool(tool: JsonObject, path: string, memo: Memo, index: number): Tool[] {
  const kind = read.string(tool.type, `${path}.type`)
  if (kind !== 'namespace') return [decodeSingle(tool, kind, path, memo)]
  const { tools, ...head } = tool
  const members = read.optionalArray(tools ?? undefined, `${path}.tools`)
  // Without members nothing else could stand for the group.
  if (members.length === 0) return [foreignTool(tool, kind, memo)]
  const name = read.string(head.name, `${path}.name`)
  const inGroup = { ...memo, group: { number: index, head } }
  return members.map((member, position) => {
    const memberPath = `${path}.tools[${position}]`
    const single = read.object(member, memberPath)
    const decoded = decodeSingle(single, read.string(single.type, `${memberPath}.type`), memberPath, inGroup)
    return decoded.type === 'foreign' ? decoded : { ...decoded, namespace: name }
  })
}

function decodeSingle(tool: JsonObject, kind: string, path: string, memo: Memo): Tool {
  if (kind === 'function') return decodeFunction(tool, path, memo)
  if (kind === 'custom') return decodeCustom(tool, path, memo)
  if (kind === toolSearchKind && tool.execution === 'client') return decodeToolSearch(tool, path, memo)
  return foreignTool(tool, kind, memo)
}

/** A function, of the list or of a group (openai 6.49.0, FunctionTool and NamespaceTool.Function). */
function decodeFunction(tool: JsonObject, path: string, memo: Memo): FunctionTool {
  const { given, unset } = splitUnset(tool)
  const { type: _, name, strict, ...others } = given
  const exact = read.optionalBoolean(strict, `${path}.strict`)
  const { description, rest } = takeDescription(others, path)
  const { parameters, ...unread } = rest
  const schema = read.optionalObject(parameters, `${path}.parameters`)
  return {
    type: 'function',
    name: read.string(name, `${path}.name`),
    ...description,
    ...(schema && { parameters: schema }),
    ...(exact !== undefined && { strict: exact }),
    ...remember(unread, { ...memo, unset }),
  }
}

function decodeCustom(tool: JsonObject, path: string, memo: Memo): FreeformTool {
  const { given, unset } = splitUnset(tool)
  const { type: _, name, format, ...others } = given
  const { description, rest } = takeDescription(others, path)
  return {
    type: 'freeform',
    name: read.string(name, `${path}.name`),
    ...description,
    ...(format !== undefined && { format }),
    ...remember(rest, { ...memo, unset }),
  }
}

/** A search that the caller runs is a function for any model; its name is ours (openai 6.49.0, ToolSearchTool). */
function decodeToolSearch(tool: JsonObject, path: string, memo: Memo): FunctionTool {
  const { given, unset } = splitUnset(tool)
  const { type: _, execution: __, ...others } = given
  const { description, rest } = takeDescription(others, path)
  const { parameters, ...unread } = rest
  const schema = read.optionalObject(parameters, `${path}.parameters`)
  return {
    type: 'function',
    name: toolSearchName,
    ...description,
    ...(schema && { parameters: schema }),
    ...remember(unread, { ...memo, unset, kind: toolSearchKind }),
  }
}

function foreignTool(tool: JsonObject, kind: string, memo: Memo): ForeignTool {
  const hosted = hostedService(tool, kind)
  const { name } = tool
  return {
    type: 'foreign',
    protocol: protocolId,
    kind,
    ...(typeof name === 'string' && { name }),
    value: tool,
    ...(hosted && { hosted }),
    ...remember({}, memo),
  }
}

function takeDescription(tool: JsonObject, path: string): { readonly description: { readonly description?: string }; readonly rest: JsonObject } {
  const { description, ...rest } = tool
  const text = read.optionalString(description, `${path}.description`)
  return { description: text === undefined ? {} : { description: text }, rest }
}

/** The head of the group that a tool stood in, without its tools. */
export function groupHead(memo: JsonObject): JsonObject | undefined {
  return isJsonObject(memo.group) && isJsonObject(memo.group.head) ? memo.group.head : undefined
}
