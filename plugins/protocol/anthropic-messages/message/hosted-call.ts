import { type Block, isJsonObject, type Json, type JsonObject, type LossSink, sealPrefix, sealToBase64, type ToolCallBlock } from 'tokligence'
import { keep, ownFields } from '../wire/extensions.ts'
import { take } from '../wire/shape.ts'

/** ServerToolUseBlock.name in @anthropic-ai/sdk 1.12.0, and the service that it stands for. */
const services: ReadonlyMap<string, string> = new Map([
  ['web_search', 'web-search'],
  ['web_fetch', 'web-fetch'],
  ['code_execution', 'code-execution'],
  ['bash_code_execution', 'code-execution'],
  ['text_editor_code_execution', 'code-execution'],
])

/** The other way: the first name that a service has. */
const names: ReadonlyMap<string, string> = new Map([
  ['web-search', 'web_search'],
  ['web-fetch', 'web_fetch'],
  ['code-execution', 'code_execution'],
])

/** `server_tool_use` and `mcp_tool_use`: a call that the provider runs itself. Undefined for what is not of that shape. */
export function decodeHostedCall(block: JsonObject, type: string): ToolCallBlock | undefined {
  const { fields, rest } = take(block, ['type', 'id', 'name', 'input', 'server_name'])
  const { id, name, input, server_name: server } = fields
  if (typeof id !== 'string' || typeof name !== 'string' || input === undefined) return undefined
  const service = type === 'mcp_tool_use' ? 'mcp' : services.get(name)
  return {
    type: 'tool-call',
    id,
    name: service ?? name,
    argumentsText: JSON.stringify(input),
    form: 'json',
    executedBy: 'provider',
    ...keep(rest, { type, ...(service !== undefined && { name }), ...(server !== undefined && { server_name: server }) }),
  }
}

/** Calls that a provider ran in this reply, so that each result finds what it is a result of. */
export class HostedCalls {
  readonly #calls = new Map<string, ToolCallBlock>()

  note(call: ToolCallBlock): void {
    this.#calls.set(call.id, call)
  }

  of(callId: string): ToolCallBlock | undefined {
    return this.#calls.get(callId)
  }
}

/** True for a call that this protocol's decoder made. */
export function isOwnHosted(block: Block): boolean {
  return 'ext' in block && ownFields(block.ext).type !== undefined
}

/** A call that this protocol's provider ran, as it stood. */
export function encodeOwnHostedCall(block: ToolCallBlock): JsonObject {
  return { id: block.id, name: block.name, input: inputOf(block), ...ownFields(block.ext) }
}

/** A call that another protocol's provider ran. Undefined, with a loss reported, where there is no such tool here. */
export function encodeHostedCall(block: ToolCallBlock, path: string, losses: LossSink): JsonObject | undefined {
  const name = names.get(block.name)
  if (name !== undefined) return { type: 'server_tool_use', id: foreignHostedId(block.id), name, input: inputOf(block), caller: { type: 'direct' } }
  losses.dropped(path, 'hosted-tool-call', 'semantic', block.name)
  return undefined
}

/**
 * Ids of such calls begin with `srvtoolu_` (fixture: …/chat_web_search_with_anthropic_claude-haiku-4-5_streams…). What follows begins like a seal, so
 * that a request that brings the call back is read, and the call is left out before the provider rejects one that it never made.
 */
const foreignPrefix = `srvtoolu_${sealToBase64(`${sealPrefix}0`)}`

export function foreignHostedId(id: string): string {
  return `${foreignPrefix}_${id.replace(/[^a-zA-Z0-9_]/g, '_')}`
}

export function isForeignHostedId(id: string): boolean {
  return id.startsWith(foreignPrefix)
}

function inputOf({ argumentsText }: ToolCallBlock): Json {
  if (argumentsText.trim() === '') return {}
  try {
    return JSON.parse(argumentsText) as Json
  } catch {
    return { input: argumentsText }
  }
}

/** A member of a call's input, when it is text. */
export function inputText(call: ToolCallBlock | undefined, field: string): string | undefined {
  const input = call && inputOf(call)
  const value = isJsonObject(input) ? input[field] : undefined
  return typeof value === 'string' ? value : undefined
}
