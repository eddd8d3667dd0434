import type { Conversation, FreeformTool, FunctionTool, Json, JsonObject, LossSink, Tool, ToolChoice } from 'tokligence'
import { wrappedInput } from '../message/tool-arguments.ts'
import { ownFields, protocolId, reportForeignFields } from '../wire/extensions.ts'
import { asObject } from '../wire/shape.ts'
import { encodeHostedTool } from './hosted-tools.ts'
import { type SupportedSchema, supportedSchema } from './output-schema.ts'
import { emptySchema, topLevelObject } from './tool-schema.ts'

export interface ToolOptions {
  /** The conversation came in this protocol, so schemas are written as they stood. */
  readonly own: boolean
  /** The model's schemas can be enforced; absent when that is not known. */
  readonly structured?: boolean | undefined
  readonly losses: LossSink
}

export interface EncodedTools {
  readonly tools: readonly JsonObject[]
  /** `mcp_servers`: the addresses of toolsets. */
  readonly servers: readonly JsonObject[]
}

export function encodeTools(tools: readonly Tool[], options: ToolOptions): EncodedTools {
  const { own, losses } = options
  const wire: JsonObject[] = []
  const servers = new Map<Json | undefined, JsonObject>()
  const names = new Set<Json | undefined>()
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`
    const encoded = encodeTool(tool, path, options, servers)
    const name = encoded?.name ?? encoded?.mcp_server_name
    // The provider answers 400 to a name that stands twice.
    if (encoded && !own && names.has(name)) losses.dropped(path, 'duplicate-tool', 'semantic', tool.name)
    else if (encoded) {
      wire.push(encoded)
      names.add(name)
    }
  }
  return { tools: wire, servers: [...servers.values()] }
}

function encodeTool(tool: Tool, path: string, options: ToolOptions, servers: Map<Json | undefined, JsonObject>): JsonObject | undefined {
  const { losses } = options
  if (tool.type === 'foreign') {
    if (tool.protocol === protocolId) return asObject(tool.value)
    const hosted = encodeHostedTool(tool, path, losses)
    if (hosted?.server && !servers.has(hosted.server.name)) servers.set(hosted.server.name, hosted.server)
    return hosted?.tool
  }
  reportForeignFields(tool.ext, path, losses)
  if (tool.namespace !== undefined) losses.dropped(`${path}.namespace`, 'tool-namespace', 'semantic')
  return tool.type === 'function' ? encodeFunction(tool, path, options) : encodeFreeform(tool, path, losses)
}

function encodeFunction(tool: FunctionTool, path: string, { own, structured, losses }: ToolOptions): JsonObject {
  const { schema, strict } = own ? { schema: tool.parameters ?? emptySchema, strict: tool.strict } : enforceable(tool, path, structured !== false, losses)
  return {
    ...ownFields(tool.ext),
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    input_schema: schema,
    ...(strict !== undefined && { strict }),
  }
}

interface Enforceable {
  readonly schema: JsonObject
  readonly strict: boolean | undefined
}

/** The schema in the form that the provider takes, and whether it is enforced. */
function enforceable(tool: FunctionTool, path: string, structured: boolean, losses: LossSink): Enforceable {
  const { schema, unshaped } = topLevelObject(tool.parameters ?? emptySchema, `${path}.parameters`, losses)
  if (tool.strict !== true) return { schema, strict: structured ? tool.strict : undefined }
  if (!structured || unshaped) {
    losses.dropped(`${path}.strict`, 'strict-tool', 'semantic', structured ? 'Its alternatives are not enforced.' : 'The model has no structured output.')
    return { schema, strict: undefined }
  }
  const supported = supportedSchema(schema)
  reportChanges(supported, `${path}.parameters`, losses)
  return { schema: supported.schema, strict: true }
}

export function reportChanges({ moved, closed }: SupportedSchema, path: string, losses: LossSink): void {
  if (closed) losses.approximated(path, 'closed-schema', 'hint', 'Objects take no members but those that are named.')
  if (moved.length > 0) losses.approximated(path, 'schema-keywords', 'semantic', `Not enforced, or closed: ${moved.join(', ')}.`)
}

/** A tool that takes free text becomes one whose only argument is that text. */
function encodeFreeform(tool: FreeformTool, path: string, losses: LossSink): JsonObject {
  losses.approximated(path, 'freeform-tool', 'semantic', `It became a function whose argument "${wrappedInput}" is the text.`)
  const grammar = tool.format === undefined ? '' : `The text must follow this format: ${JSON.stringify(tool.format)}`
  const description = [tool.description, grammar].filter((part) => part).join('\n\n')
  return {
    name: tool.name,
    ...(description !== '' && { description }),
    input_schema: { type: 'object', properties: { [wrappedInput]: { type: 'string' } }, required: [wrappedInput], additionalProperties: false },
    ...ownFields(tool.ext),
  }
}

/** `tool_choice` with its flag for parallel calls; undefined when the caller said nothing. */
export function encodeToolChoice(conversation: Conversation, own: boolean, losses: LossSink): JsonObject | undefined {
  const { toolChoice, parallelToolCalls } = conversation
  if (toolChoice?.type === 'foreign') {
    if (toolChoice.protocol === protocolId) return asObject(toolChoice.value)
    losses.dropped('tool_choice', 'tool-choice', 'semantic')
    return undefined
  }
  const disable = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {}
  // ToolChoiceNone takes no flag; true is the default.
  const flag = own && parallelToolCalls !== undefined ? { disable_parallel_tool_use: !parallelToolCalls } : toolChoice?.type === 'none' ? {} : disable
  if (toolChoice?.type === 'tool' && toolChoice.namespace !== undefined) losses.dropped('tool_choice.namespace', 'tool-namespace', 'semantic')
  const choice = toolChoice ? namedChoice(toolChoice) : 'disable_parallel_tool_use' in flag ? { type: 'auto' } : undefined
  if (!choice) return undefined
  return { ...choice, ...flag, ...asObject(ownFields(conversation.ext).tool_choice) }
}

function namedChoice(choice: Exclude<ToolChoice, { type: 'foreign' }>): JsonObject {
  switch (choice.type) {
    case 'required':
      return { type: 'any' }
    case 'tool':
      return { type: 'tool', name: choice.name }
    case 'allowed':
      return { type: choice.mode === 'required' ? 'any' : 'auto' }
    default:
      return { type: choice.type }
  }
}

/** Leaves only the tools that may be called; the protocol cannot name a subset. */
export function allowedTools(conversation: Conversation, losses: LossSink): readonly Tool[] {
  const { toolChoice, tools } = conversation
  if (toolChoice?.type !== 'allowed') return tools
  losses.approximated('tool_choice', 'tool-choice', 'hint', 'Tools that may not be called are left out of the request.')
  const names = new Set(toolChoice.names)
  return tools.filter((tool) => tool.name !== undefined && names.has(tool.name))
}
