import { type Block, type JsonObject, type MediaBlock, reportForeignFields, type ToolResultBlock } from 'tokligence'
import { type EncodeContext, encodeParts, joinParts } from '../message/encode-part.ts'
import { isLegacy } from '../message/tool-call.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'

export interface EncodedToolResult {
  readonly message: JsonObject
  /** A user message with what a `tool` message cannot hold, to be written behind all results of the turn. */
  readonly media?: JsonObject
}

export function encodeToolResult(block: ToolResultBlock, path: string, context: EncodeContext): EncodedToolResult {
  reportForeignFields(block, path, context.losses, protocolId)
  const { fields } = recall(block)
  const placed = block.content.map((inner, index) => [inner, `${path}.content[${index}]`] as const)
  const moves = (inner: Block) => !context.native && isMoved(inner)
  const moved = placed.filter(([inner]) => moves(inner))
  const parts = encodeParts(
    placed.filter(([inner]) => !moves(inner)),
    context,
  )
  const media = encodeParts(moved, context)
  for (const [, mediaPath] of moved.slice(0, media.length))
    context.losses.approximated(mediaPath, 'tool-result-media', 'hint', 'Sent in a user message behind the results.')
  if (parts.length === 0 && media.length > 0) parts.push({ type: 'text', text: 'The result is attached in the next user message.' })
  const content = joinParts(markError(parts, block, path, context), block.form, context.native)
  const head = isLegacy(block)
    ? { role: 'function', name: block.name ?? '' }
    : { role: 'tool', tool_call_id: block.callId, ...(block.name !== undefined && { name: block.name }) }
  const message = { ...fields, ...head, ...(content !== undefined && { content }) }
  if (media.length === 0) return { message }
  const label = { type: 'text', text: `Attached media from tool result ${block.callId}:` }
  return { message, media: { role: 'user', content: [label, ...media] } }
}

function isMoved(block: Block): block is MediaBlock {
  return block.type === 'media' && block.source.type !== 'text'
}

/** There is no error flag here; the model is told in words, unless the tool's own words begin so. */
function markError(parts: JsonObject[], block: ToolResultBlock, path: string, context: EncodeContext): JsonObject[] {
  if (block.isError !== true) return parts
  context.losses.approximated(`${path}.is_error`, 'tool-error', 'hint', 'Marked in the text.')
  const [first, ...others] = parts
  if (first?.type !== 'text') return [{ type: 'text', text: 'Error' }, ...parts]
  const text = String(first.text)
  return /^\W*(\w+_)*error/i.test(text) ? parts : [{ ...first, text: `Error: ${text}` }, ...others]
}
