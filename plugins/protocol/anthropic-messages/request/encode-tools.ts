import type { Conversation, FreeformTool, FunctionTool, JsonObject, LossSink, Tool, ToolChoice } from 'tokligence'
import { wrappedInput } from '../message/tool-arguments.ts'
import { ownFields, protocolId, reportForeignFields } from '../wire/extensions.ts'
import { asObject } from '../wire/shape.ts'
import { supportedSchema } from './output-schema.ts'

const emptySchema: JsonObject = { type: 'object', properties: {} }

/** `own`: the conversation came in this protocol, so schemas are written as they stood. */
export function encodeTools(tools: readonly Tool[], own: boolean, losses: LossSink): JsonObject[] {
  const wire: JsonObject[] = []
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`
    const encoded = encodeTool(tool, path, own, losses)
    // The provider answers 400 to a name that stands twice.
    if (encoded && !own && wire.some(({ name }) => name === encoded.name)) losses.dropped(path, 'duplicate-tool', 'semantic', tool.name)
    else if (encoded) wire.push(encoded)
  }
  return wire
}

function encodeTool(tool: Tool, path: string, own: boolean, losses: LossSink): JsonObject | undefined {
  if (tool.type === 'foreign') {
    if (tool.protocol === protocolId) return asObject(tool.value)
    losses.dropped(path, 'hosted-tool', 'semantic', tool.kind)
    return undefined
  }
  reportForeignFields(tool.ext, path, losses)
  if (tool.namespace !== undefined) losses.dropped(`${path}.namespace`, 'tool-namespace', 'semantic')
  return tool.type === 'function' ? encodeFunction(tool, path, own, losses) : encodeFreeform(tool, path, losses)
}

function encodeFunction(tool: FunctionTool, path: string, own: boolean, losses: LossSink): JsonObject {
  return {
    ...ownFields(tool.ext),
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    input_schema: own ? (tool.parameters ?? emptySchema) : inputSchema(tool, path, losses),
    ...(tool.strict !== undefined && { strict: tool.strict }),
  }
}

/** The provider demands `type: "object"` at the top; a schema without one is how other protocols say "no arguments". */
function inputSchema(tool: FunctionTool, path: string, losses: LossSink): JsonObject {
  const given = tool.parameters ?? emptySchema
  const schema = given.type === undefined ? { ...emptySchema, ...given } : given
  if (tool.strict !== true) return schema
  const supported = supportedSchema(schema)
  reportMoved(supported.moved, `${path}.parameters`, losses)
  return supported.schema
}

export function reportMoved(moved: readonly string[], path: string, losses: LossSink): void {
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
  return tools.filter((tool) => tool.name !== undefined && toolChoice.names.includes(tool.name))
}
