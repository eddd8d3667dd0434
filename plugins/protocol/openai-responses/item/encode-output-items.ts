import { type Block, featureName, isJsonObject, type JsonObject, reportForeignFields, type ToolResultBlock } from 'tokligence'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { isBroken } from './compaction.ts'
import { isMessagePart } from './decode-message.ts'
import { encodeCall } from './encode-call.ts'
import { encodeHosted, encodePicture } from './encode-hosted.ts'
import { encodeMessage, encodePart, isOwn } from './encode-message.ts'
import { encodeReasoning, encodeSeal, keepsReasoning } from './encode-reasoning.ts'
import type { ItemContext } from './item-context.ts'

/** The text parts that follow one another, on their way into one message. */
interface OpenMessage {
  readonly head: Block
  readonly parts: JsonObject[]
}

/**
 * What an assistant produced as items, in order: `output` of a reply, or a stretch of the history of a request. The inverse of `decodeOutputItem`;
 * blocks of other protocols become the items that come nearest, and texts that follow one another the parts of one message. `lastStatus` is that
 * of a message at the very end.
 */
export function encodeOutputItems(blocks: readonly (readonly [block: Block, path: string])[], context: ItemContext, lastStatus?: string): JsonObject[] {
  const items: JsonObject[] = []
  let message: OpenMessage | undefined
  const closeMessage = (status?: string) => {
    if (message) items.push(encodeMessage(message.head, message.parts, status === undefined ? {} : { status }, context))
    message = undefined
  }
  for (let at = 0; at < blocks.length; at++) {
    const [block, path] = blocks[at] as (typeof blocks)[number]
    if (!isMessagePart(block)) {
      closeMessage()
      const result = resultOf(block, blocks[at + 1]?.[0])
      items.push(...encodeItem(block, result, path, context))
      if (result) at++
      continue
    }
    if (message && startsMessage(block, message.head)) closeMessage()
    if (saysSomething(block, context)) {
      const part = encodePart(block, path, context)
      message ??= { head: block, parts: [] }
      if (part) message.parts.push(part)
    }
    if (block.type !== 'text' || !block.sealed) continue
    if (context.use === 'reply') closeMessage()
    items.push(...listOf(encodeSeal(block.sealed, path, context)))
  }
  closeMessage(lastStatus)
  return items
}

/** True when the block cannot be one more part of the message that is open. */
export function startsMessage(block: Block, head: Block): boolean {
  const { memo } = recall(block)
  if (memo.item !== undefined) return true
  return memo.part === undefined && recall(head).memo.item !== undefined
}

/** Empty texts of other protocols are left out, because the vendor refuses them. */
export function saysSomething(block: Block, { native }: ItemContext): boolean {
  return native || isOwn(block) || (block.type !== 'text' && block.type !== 'refusal') || block.text !== ''
}

/** What the provider found for a call of its own, when it stands right behind the call. */
export function resultOf(call: Block, next: Block | undefined): ToolResultBlock | undefined {
  return call.type === 'tool-call' && call.executedBy === 'provider' && next?.type === 'tool-result' && next.callId === call.id ? next : undefined
}

/** The items of a block that is no part of a message: none, with a loss reported, or one, and another one for its seal. */
export function encodeItem(block: Block, result: ToolResultBlock | undefined, path: string, context: ItemContext): JsonObject[] {
  switch (block.type) {
    case 'reasoning':
      return keepsReasoning(block, path, context) ? [encodeReasoning(block, {}, path, context)] : []
    case 'tool-call': {
      if (block.executedBy === 'provider') return listOf(encodeHosted(block, result, path, context))
      return [encodeCall(block, {}, path, context), ...(block.sealed ? listOf(encodeSeal(block.sealed, path, context)) : [])]
    }
    case 'tool-result':
      context.losses.dropped(path, 'hosted-tool-result', 'semantic')
      return []
    case 'media':
      reportForeignFields(block, path, context.losses, protocolId)
      return listOf(encodePicture(block, path, context))
    case 'foreign':
      if (isBroken(block)) {
        context.losses.dropped(path, 'compaction', 'semantic', 'It is not one of this gateway, or was changed.')
        return []
      }
      if (block.protocol === protocolId && isJsonObject(block.value)) return [block.value]
      context.losses.dropped(path, featureName(block.kind), 'semantic')
      return []
    case 'text':
    case 'refusal':
      return []
  }
}

function listOf(item: JsonObject | undefined): JsonObject[] {
  return item ? [item] : []
}
