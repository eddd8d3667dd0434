import { type Block, type Conversation, type EncodeRequestOptions, isGatewaySeal, isJsonObject, isRefused } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'

/**
 * Without the vendor's compactions that the account has refused: they are bound to the one that made them, as encrypted reasoning is
 * (github.com/openai/codex/issues/35334). A turn of nothing else becomes no item.
 */
export function withoutRefusedCompactions(conversation: Conversation, options: EncodeRequestOptions): Conversation {
  const turns = conversation.turns.map((turn, index) => {
    const blocks = turn.blocks.filter((block, position) => {
      const value = compactionIn(block)
      if (value === undefined || !isRefused(value, options)) return true
      const said = 'The provider refused it: another account made it. What was said before is in it alone.'
      options.losses.dropped(`input[${index}].content[${position}]`, 'compaction', 'semantic', said)
      return false
    })
    return blocks.length === turn.blocks.length ? turn : { ...turn, blocks }
  })
  return { ...conversation, turns }
}

/** What is encrypted in a compaction of the vendor. */
function compactionIn(block: Block): string | undefined {
  if (block.type !== 'foreign' || block.protocol !== protocolId || block.kind !== 'compaction' || !isJsonObject(block.value)) return undefined
  const { encrypted_content: value } = block.value
  return typeof value === 'string' && !isGatewaySeal(value) ? value : undefined
}
