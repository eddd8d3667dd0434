import { isEmpty, type Json, type JsonObject, type Tool, type ToolChoice } from 'tokligence'
import { keep, protocolId } from '../wire/extensions.ts'
import { expectArray, expectObject, expectString, optionalBoolean, optionalString, take } from '../wire/shape.ts'
import { hostedService, serversByName } from './hosted-tools.ts'

/** `servers` is the request's `mcp_servers`, which toolsets name. */
export function decodeTools(value: Json | undefined, servers: Json | undefined): Tool[] {
  if (value === undefined) return []
  const named = serversByName(servers)
  return expectArray(value, 'tools').map((tool, index) => decodeTool(expectObject(tool, `tools[${index}]`), `tools[${index}]`, named))
}

function decodeTool(tool: JsonObject, path: string, servers: ReadonlyMap<Json, JsonObject>): Tool {
  const type = tool.type ?? 'custom'
  if (type !== 'custom') {
    const kind = expectString(type, `${path}.type`)
    const hosted = hostedService(tool, kind, servers)
    return { type: 'foreign', protocol: protocolId, kind, ...(typeof tool.name === 'string' && { name: tool.name }), value: tool, ...(hosted && { hosted }) }
  }
  const { fields, rest } = take(tool, ['type', 'name', 'description', 'input_schema', 'strict'])
  return {
    type: 'function',
    name: expectString(fields.name, `${path}.name`),
    ...optionalString('description', fields.description, `${path}.description`),
    parameters: expectObject(fields.input_schema, `${path}.input_schema`),
    ...optionalBoolean('strict', fields.strict, `${path}.strict`),
    ...keep(rest, fields.type === undefined ? undefined : { type: 'custom' }),
  }
}

export interface DecodedToolChoice {
  readonly toolChoice?: ToolChoice
  readonly parallelToolCalls?: boolean
  readonly rest?: JsonObject
}

export function decodeToolChoice(value: Json | undefined): DecodedToolChoice {
  if (value === undefined) return {}
  const whole = expectObject(value, 'tool_choice')
  const toolChoice = namedChoice(whole)
  if (!toolChoice) return { toolChoice: { type: 'foreign', protocol: protocolId, value: whole } }
  const { fields, rest } = take(whole, toolChoice.type === 'tool' ? ['type', 'name', 'disable_parallel_tool_use'] : ['type', 'disable_parallel_tool_use'])
  const { disabled } = optionalBoolean('disabled', fields.disable_parallel_tool_use, 'tool_choice.disable_parallel_tool_use')
  return { toolChoice, ...(disabled !== undefined && { parallelToolCalls: !disabled }), ...(!isEmpty(rest) && { rest }) }
}

function namedChoice(choice: JsonObject): ToolChoice | undefined {
  switch (expectString(choice.type, 'tool_choice.type')) {
    case 'auto':
      return { type: 'auto' }
    case 'any':
      return { type: 'required' }
    case 'none':
      return { type: 'none' }
    case 'tool':
      return { type: 'tool', name: expectString(choice.name, 'tool_choice.name') }
    default:
      return undefined
  }
}
