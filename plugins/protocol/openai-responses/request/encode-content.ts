import { type Block, isJsonObject, type JsonObject, reportForeignFields } from 'tokligence'
import type { EncodeContext } from '../../openai-chat/message/encode-part.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { encodeMedia } from './encode-media.ts'

/** A block with its place in the caller's request. */
export type Placed<B extends Block = Block> = readonly [block: B, path: string]

/** The parts of blocks; empty texts of other protocols say nothing, and are left out. */
export function encodeParts(blocks: readonly Placed[], context: EncodeContext): JsonObject[] {
  const parts: JsonObject[] = []
  for (const [block, path] of blocks) {
    const part = encodePart(block, path, context)
    if (part && (context.native || part.type !== 'input_text' || part.text !== '')) parts.push(part)
  }
  return parts
}

function encodePart(block: Block, path: string, context: EncodeContext): JsonObject | undefined {
  if (block.type !== 'foreign') reportForeignFields(block, path, context.losses, protocolId)
  const { fields, memo } = recall(block)
  switch (block.type) {
    case 'text':
      return { ...fields, type: typeof memo.part === 'string' ? memo.part : 'input_text', text: block.text }
    case 'refusal':
      return context.native ? { ...fields, type: 'refusal', refusal: block.text } : { type: 'input_text', text: block.text }
    case 'media':
      return encodeMedia(block, path, context)
    case 'foreign':
      if (block.protocol === protocolId && isJsonObject(block.value)) return block.value
      context.losses.dropped(path, block.kind.replaceAll('_', '-'), 'semantic')
      return undefined
    default:
      context.losses.dropped(path, block.type, 'semantic', 'It has no place in a message of this role.')
      return undefined
  }
}

/** Parts as they go into `content` or `output`: bare text as a string where nothing is lost by it. */
export function joinParts(parts: readonly JsonObject[], form: 'text' | 'blocks' | 'none', native: boolean): string | readonly JsonObject[] | undefined {
  const [first] = parts
  if (first === undefined) return native && form !== 'text' ? (form === 'blocks' ? [] : undefined) : ''
  const bareText = parts.length === 1 && first.type === 'input_text' && Object.keys(first).length === 2
  return bareText && !(native && form === 'blocks') ? (first.text as string) : parts
}
