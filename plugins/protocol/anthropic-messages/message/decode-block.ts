import type { Block, Json, JsonObject, ReasoningBlock, TextBlock, ToolCallBlock, ToolResultBlock } from 'tokligence'
import { keep, protocolId } from '../wire/extensions.ts'
import { expectArray, expectObject, expectString, optionalBoolean, ShapeError, take } from '../wire/shape.ts'
import { decodeCitation } from './citations.ts'
import { decodeMedia } from './decode-media.ts'
import { decodeHostedCall } from './hosted-call.ts'
import { decodeHostedResult } from './hosted-result.ts'

/** One content block of a request or a reply. A type without a neutral form becomes a foreign block, whole. Throws ShapeError. */
export function decodeBlock(value: Json, path: string): Block {
  const block = expectObject(value, path)
  const type = expectString(block.type, `${path}.type`)
  switch (type) {
    case 'text':
      return decodeText(block, path)
    case 'image':
    case 'document':
      return decodeMedia(block, type, path)
    case 'thinking':
      return decodeThinking(block, path)
    case 'redacted_thinking':
      return decodeRedactedThinking(block, path)
    case 'tool_use':
      return decodeToolUse(block, path)
    case 'tool_result':
      return decodeToolResult(block, path)
    default:
      return decodeHosted(block, type) ?? { type: 'foreign', protocol: protocolId, kind: type, value: block }
  }
}

function decodeHosted(block: JsonObject, type: string): Block | undefined {
  if (type === 'server_tool_use' || type === 'mcp_tool_use') return decodeHostedCall(block, type)
  return type.endsWith('_tool_result') ? decodeHostedResult(block, type) : undefined
}

export function decodeBlocks(value: Json | undefined, path: string): Block[] {
  return expectArray(value, path).map((block, index) => decodeBlock(block, `${path}[${index}]`))
}

/** Content that is a string or a list of blocks, with the form it had. */
export function decodeContent(value: Json | undefined, path: string): { readonly blocks: Block[]; readonly form: 'text' | 'blocks' } {
  if (typeof value === 'string') return { blocks: [{ type: 'text', text: value }], form: 'text' }
  if (!Array.isArray(value)) throw new ShapeError(path, 'a string or a list of content blocks')
  return { blocks: decodeBlocks(value, path), form: 'blocks' }
}

function decodeText(block: JsonObject, path: string): TextBlock {
  const { fields, rest } = take(block, ['type', 'text', 'citations'])
  const citations = fields.citations === undefined ? undefined : expectArray(fields.citations, `${path}.citations`)
  return {
    type: 'text',
    text: expectString(fields.text, `${path}.text`),
    ...(citations && citations.length > 0 && { annotations: citations.map(decodeCitation) }),
    ...keep(rest, citations?.length === 0 ? { citations } : undefined),
  }
}

function decodeThinking(block: JsonObject, path: string): ReasoningBlock {
  const { fields, rest } = take(block, ['type', 'thinking', 'signature'])
  const signature = fields.signature === undefined ? undefined : expectString(fields.signature, `${path}.signature`)
  return {
    type: 'reasoning',
    text: expectString(fields.thinking, `${path}.thinking`),
    ...(signature && { sealed: { issuer: protocolId, value: signature } }),
    ...keep(rest, signature === '' ? { signature } : undefined),
  }
}

function decodeRedactedThinking(block: JsonObject, path: string): ReasoningBlock {
  const { fields, rest } = take(block, ['type', 'data'])
  return {
    type: 'reasoning',
    text: '',
    redacted: true,
    sealed: { issuer: protocolId, value: expectString(fields.data, `${path}.data`) },
    ...keep(rest),
  }
}

function decodeToolUse(block: JsonObject, path: string): ToolCallBlock {
  const { fields, rest } = take(block, ['type', 'id', 'name', 'input'])
  return {
    type: 'tool-call',
    id: expectString(fields.id, `${path}.id`),
    name: expectString(fields.name, `${path}.name`),
    argumentsText: JSON.stringify(expectObject(fields.input, `${path}.input`)),
    form: 'json',
    executedBy: 'client',
    ...keep(rest),
  }
}

function decodeToolResult(block: JsonObject, path: string): ToolResultBlock {
  const { fields, rest } = take(block, ['type', 'tool_use_id', 'content', 'is_error'])
  const content = fields.content === undefined ? { blocks: [], form: 'none' as const } : decodeContent(fields.content, `${path}.content`)
  return {
    type: 'tool-result',
    callId: expectString(fields.tool_use_id, `${path}.tool_use_id`),
    ...optionalBoolean('isError', fields.is_error, `${path}.is_error`),
    content: content.blocks,
    form: content.form,
    ...keep(rest),
  }
}
