import { isJsonObject, type JsonObject, type ReasoningBlock, reportForeignFields, type Sealed } from 'tokligence'
import { protocolId, recall } from '../wire/wire-memo.ts'
import type { ItemHead } from './encode-message.ts'
import { type ItemContext, newItemId } from './item-context.ts'
import { cutReasoning } from './reasoning-parts.ts'

/** Whether thoughts are written at all; what is left out is reported. */
export function keepsReasoning(block: ReasoningBlock, path: string, context: ItemContext): boolean {
  if (context.native) return !lostItsSeal(block, context)
  if (block.redacted && !block.sealed) {
    context.losses.dropped(path, 'redacted-thinking', 'hint')
    return false
  }
  if (context.use === 'history' && !block.sealed) {
    // Without its sealed value the vendor looks the item up by its id, and finds none.
    if (block.text !== '') context.losses.dropped(path, 'thinking', 'hint', 'Thoughts of another vendor have no slot.')
    return false
  }
  return block.text !== '' || block.sealed !== undefined
}

/** The seal of another issuer was taken out before, and reported there; the id without it means nothing to this one. */
function lostItsSeal(block: ReasoningBlock, { use }: ItemContext): boolean {
  return use === 'history' && recall(block).memo.sealed === true && !block.sealed
}

export function encodeReasoning(block: ReasoningBlock, { id }: ItemHead, path: string, context: ItemContext): JsonObject {
  reportForeignFields(block, path, context.losses, protocolId)
  const { fields, memo } = recall(block)
  const { summary, content } = cutReasoning(block)
  const own = isJsonObject(memo.item)
  return {
    ...(!own && { summary: [] }),
    ...fields,
    ...(own ? (memo.item as JsonObject) : context.use === 'reply' && { id: id ?? newItemId('rs', context) }),
    type: 'reasoning',
    ...(summary.length > 0 && { summary }),
    ...(content.length > 0 && { content }),
    ...(block.sealed && { encrypted_content: block.sealed.value }),
  }
}

/**
 * The opaque value of a call or of a text has no slot in its own item. To a caller it goes in an item of reasoning behind it that says nothing else;
 * undefined in a history, where it is reported.
 */
export function encodeSeal(sealed: Sealed, path: string, context: ItemContext): JsonObject | undefined {
  if (context.use === 'reply') return { id: newItemId('rs', context), type: 'reasoning', summary: [], encrypted_content: sealed.value }
  context.losses.dropped(`${path}.sealed`, 'reasoning-seal', 'hint')
  return undefined
}
