import { type FreeformTool, type FunctionTool, isJsonObject, type JsonObject, type Tool } from 'tokligence'
import type { EncodeContext } from '../message/encode-part.ts'
import { reportForeignFields } from '../wire/foreign-fields.ts'
import { protocolId, recallInner } from '../wire/wire-memo.ts'

export interface EncodedTools {
  readonly tools?: readonly JsonObject[]
  /** The form before `tools`, when the caller used it. */
  readonly functions?: readonly JsonObject[]
}

export function encodeTools(tools: readonly Tool[], context: EncodeContext): EncodedTools {
  const modern: JsonObject[] = []
  const legacy: JsonObject[] = []
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`
    if (tool.type === 'foreign') {
      if (tool.protocol === protocolId && isJsonObject(tool.value)) modern.push(tool.value)
      else context.losses.dropped(path, 'hosted-tool', 'semantic', tool.name ?? tool.kind)
      continue
    }
    reportForeignFields(tool, path, context.losses)
    if (tool.namespace !== undefined) context.losses.dropped(`${path}.namespace`, 'tool-namespace', 'semantic')
    if (tool.type === 'freeform') modern.push(encodeFreeform(tool))
    else encodeFunction(tool, context.native, modern, legacy)
  }
  return { ...(modern.length > 0 && { tools: modern }), ...(legacy.length > 0 && { functions: legacy }) }
}

function encodeFunction(tool: FunctionTool, native: boolean, modern: JsonObject[], legacy: JsonObject[]): void {
  const { outer, inner, memo } = recallInner(tool, 'function')
  const parameters = native ? tool.parameters : completeSchema(tool.parameters)
  const definition = {
    ...inner,
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    ...(parameters && { parameters }),
    ...(tool.strict !== undefined && { strict: tool.strict }),
  }
  if (memo.legacy === true) legacy.push(definition)
  else modern.push({ ...outer, type: 'function', function: definition })
}

function encodeFreeform(tool: FreeformTool): JsonObject {
  const { outer, inner } = recallInner(tool, 'custom')
  const definition = {
    ...inner,
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    ...(tool.format !== undefined && { format: tool.format }),
  }
  return { ...outer, type: 'custom', custom: definition }
}

/** The vendor refuses a schema that is not of type object, and one of type object without properties. */
function completeSchema(schema: JsonObject | undefined): JsonObject {
  if (schema === undefined) return { type: 'object', properties: {} }
  if (schema.type === undefined || schema.type === null) return { type: 'object', properties: {}, ...withoutNullType(schema) }
  return schema.type === 'object' && schema.properties === undefined ? { ...schema, properties: {} } : schema
}

function withoutNullType(schema: JsonObject): JsonObject {
  const { type: _, ...rest } = schema
  return rest
}
