import { type FreeformTool, type FunctionTool, isJsonObject, type JsonObject, reportForeignFields, type Tool } from 'tokligence'
import type { EncodeContext } from '../message/encode-part.ts'
import { protocolId, recallInner } from '../wire/wire-memo.ts'
import { encodeHostedTool } from './hosted-tools.ts'
import { fitsStrict } from './strict-schema.ts'
import { acceptedSchema } from './tool-schema.ts'

export interface EncodedTools {
  readonly tools?: readonly JsonObject[]
  /** The form before `tools`, when the caller used it. */
  readonly functions?: readonly JsonObject[]
  /** `web_search_options`: here the search is no tool. */
  readonly search?: JsonObject
}

export function encodeTools(tools: readonly Tool[], model: string, context: EncodeContext): EncodedTools {
  let search: JsonObject | undefined
  const modern: JsonObject[] = []
  const legacy: JsonObject[] = []
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`
    if (tool.type === 'foreign') {
      if (tool.protocol === protocolId && isJsonObject(tool.value)) modern.push(tool.value)
      else search ??= encodeHostedTool(tool, model, path, context.losses)
      continue
    }
    reportForeignFields(tool, path, context.losses, protocolId)
    if (tool.namespace !== undefined) context.losses.dropped(`${path}.namespace`, 'tool-namespace', 'semantic')
    if (tool.type === 'freeform') modern.push(encodeFreeform(tool))
    else encodeFunction(tool, path, context, modern, legacy)
  }
  return { ...(modern.length > 0 && { tools: modern }), ...(legacy.length > 0 && { functions: legacy }), ...(search && { search }) }
}

function encodeFunction(tool: FunctionTool, path: string, context: EncodeContext, modern: JsonObject[], legacy: JsonObject[]): void {
  const { outer, inner, memo } = recallInner(tool, 'function')
  const { description, parameters, strict } = context.native ? tool : acceptedFunction(tool, path, context)
  const definition = {
    ...inner,
    name: tool.name,
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(strict !== undefined && { strict }),
  }
  if (memo.legacy === true) legacy.push(definition)
  else modern.push({ ...outer, type: 'function', function: definition })
}

function acceptedFunction(tool: FunctionTool, path: string, { losses }: EncodeContext): Pick<FunctionTool, 'description' | 'parameters' | 'strict'> {
  const { parameters, note } = acceptedSchema(tool.parameters, `${path}.parameters`, losses)
  const { description, strict } = tool
  const told = note === undefined || description === undefined ? (note ?? description) : `${description}\n\n${note}`
  const loosened = strict === true && !fitsStrict(parameters)
  if (loosened) losses.dropped(`${path}.strict`, 'strict-tool', 'semantic', 'The schema is not one that can be enforced.')
  return { parameters, ...(told !== undefined && { description: told }), ...(strict !== undefined && !loosened && { strict }) }
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
