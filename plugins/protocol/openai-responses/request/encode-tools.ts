import {
  type ForeignTool,
  type FreeformTool,
  type FunctionTool,
  isJsonObject,
  type Json,
  type JsonObject,
  type LossSink,
  reportForeignFields,
  type Tool,
} from 'tokligence'
import { fitsStrict } from '../../openai-chat/request/strict-schema.ts'
import { acceptedSchema } from '../../openai-chat/request/tool-schema.ts'
import { protocolId } from '../wire/wire-memo.ts'
import { encodeHostedTool } from './encode-hosted-tool.ts'
import { ToolGroups } from './tool-groups.ts'

/** Another protocol's tools as the vendor takes them. */
export function encodeTools(tools: readonly Tool[], losses: LossSink): readonly JsonObject[] {
  const groups = new ToolGroups()
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`
    reportForeignFields(tool, path, losses, protocolId)
    if (tool.type === 'foreign') {
      const wire = encodeForeign(tool, path, losses)
      if (wire) groups.add(wire)
      continue
    }
    const wire = tool.type === 'function' ? encodeFunction(tool, path, losses) : encodeFreeform(tool, path, losses)
    const { namespace } = tool
    if (namespace === undefined) groups.add(wire)
    // A group must be described.
    else groups.add(wire, { key: namespace, head: { type: 'namespace', name: namespace, description: `Tools of ${namespace}.` } })
  }
  return groups.list
}

function encodeForeign(tool: ForeignTool, path: string, losses: LossSink): JsonObject | undefined {
  if (tool.protocol === protocolId && isJsonObject(tool.value)) return tool.value
  const wire = tool.hosted && encodeHostedTool(tool.hosted, path, losses)
  if (!wire) losses.dropped(path, 'hosted-tool', 'semantic', tool.name ?? tool.kind)
  return wire
}

/** The vendor makes schemas strict on its own unless it is told not to (openai 6.49.0, NamespaceTool.Function.strict). */
function encodeFunction(tool: FunctionTool, path: string, losses: LossSink): JsonObject {
  const { parameters, note } = acceptedSchema(tool.parameters, `${path}.parameters`, losses)
  const { description } = tool
  const told = note === undefined || description === undefined ? (note ?? description) : `${description}\n\n${note}`
  const strict = tool.strict === true && fitsStrict(parameters)
  if (tool.strict === true && !strict) losses.dropped(`${path}.strict`, 'strict-tool', 'semantic', 'The schema is not one that can be enforced.')
  return { type: 'function', name: tool.name, ...(told !== undefined && { description: told }), parameters, strict }
}

function encodeFreeform(tool: FreeformTool, path: string, losses: LossSink): JsonObject {
  const format = tool.format === undefined ? undefined : formatOf(tool.format)
  if (tool.format !== undefined && !format) losses.dropped(`${path}.format`, 'tool-format', 'semantic')
  return { type: 'custom', name: tool.name, ...(tool.description !== undefined && { description: tool.description }), ...(format && { format }) }
}

/** In Chat Completions the grammar stands in an object of its own (openai 6.49.0, CustomToolInputFormat and ChatCompletionCustomTool). */
function formatOf(format: Json): JsonObject | undefined {
  if (!isJsonObject(format)) return undefined
  if (format.type === 'text') return { type: 'text' }
  const { syntax, definition } = isJsonObject(format.grammar) ? format.grammar : format
  if (format.type !== 'grammar' || typeof syntax !== 'string' || typeof definition !== 'string') return undefined
  return { type: 'grammar', syntax, definition }
}
