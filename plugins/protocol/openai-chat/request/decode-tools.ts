import { type FunctionTool, type Json, type JsonObject, requestReader as read, splitUnset, type Tool } from 'tokligence'
import { protocolId, rememberInner } from '../wire/wire-memo.ts'

export function decodeTools(tools: Json | undefined, functions: Json | undefined): Tool[] {
  return [
    ...read.optionalArray(tools, 'tools').map((tool, index) => decodeTool(tool, `tools[${index}]`)),
    ...read.optionalArray(functions, 'functions').map((entry, index) => decodeLegacyFunction(entry, `functions[${index}]`)),
  ]
}

function decodeTool(value: Json, path: string): Tool {
  const tool = read.object(value, path)
  const kind = read.string(tool.type, `${path}.type`)
  if (kind === 'function') {
    const { type: _, function: definition, ...rest } = tool
    return decodeFunction(definition, `${path}.function`, (inner, unsetInner) => rememberInner(rest, 'function', inner, { unsetInner }))
  }
  if (kind !== 'custom') return { type: 'foreign', protocol: protocolId, kind, value: tool }
  const { type: _, custom, ...rest } = tool
  const { given, unset: unsetInner } = splitUnset(read.object(custom, `${path}.custom`))
  const { name, description, format, ...inner } = given
  const text = read.optionalString(description, `${path}.custom.description`)
  return {
    type: 'freeform',
    name: read.string(name, `${path}.custom.name`),
    ...(text !== undefined && { description: text }),
    ...(format !== undefined && { format }),
    ...rememberInner(rest, 'custom', inner, { unsetInner }),
  }
}

/** `functions`, which came before `tools`. */
function decodeLegacyFunction(value: Json, path: string): Tool {
  return decodeFunction(value, path, (inner, unsetInner) => rememberInner({}, 'function', inner, { unsetInner, legacy: true }))
}

function decodeFunction(value: Json | undefined, path: string, extensions: (inner: JsonObject, unset: JsonObject) => Pick<FunctionTool, 'ext'>): FunctionTool {
  const { given, unset } = splitUnset(read.object(value, path))
  const { name, description, parameters, strict, ...inner } = given
  const text = read.optionalString(description, `${path}.description`)
  const schema = read.optionalObject(parameters, `${path}.parameters`)
  const exact = read.optionalBoolean(strict, `${path}.strict`)
  return {
    type: 'function',
    name: read.string(name, `${path}.name`),
    ...(text !== undefined && { description: text }),
    ...(schema && { parameters: schema }),
    ...(exact !== undefined && { strict: exact }),
    ...extensions(inner, unset),
  }
}
