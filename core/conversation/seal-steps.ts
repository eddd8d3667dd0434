import type { Block, ToolCallBlock } from './blocks.ts'
import type { Conversation } from './conversation.ts'
import type { ReplyEvent } from './events.ts'
import type { LossSink } from './loss.ts'
import type { Reply } from './reply.ts'
import { isGatewaySeal, type SealableBlock, type SealKeeper } from './seal.ts'

/** Every opaque value of a reply as a seal that its caller can carry. */
export function closeSeals(reply: Reply, keeper: SealKeeper): Reply {
  return { ...reply, candidates: reply.candidates.map((candidate) => ({ ...candidate, blocks: candidate.blocks.map((block) => closed(block, keeper)) })) }
}

/** The same in a stream: the seal holds the whole block, so it comes at its end. One function per reply. */
export function closeSealsInEvents(keeper: SealKeeper): (event: ReplyEvent) => readonly ReplyEvent[] {
  const open = new Map<number, SealableBlock>()
  return (event) => {
    switch (event.type) {
      case 'block-start': {
        if (!isSealable(event.block)) return [event]
        open.set(event.index, event.block)
        const { sealed: _, ...bare } = event.block
        return [event.block.sealed ? { ...event, block: bare as Block } : event]
      }
      case 'block-delta': {
        const block = open.get(event.index)
        if (!block) return [event]
        if (event.delta.type === 'sealed') {
          open.set(event.index, { ...block, sealed: event.delta.sealed })
          return []
        }
        if (event.delta.type === 'text') open.set(event.index, grown(block, event.delta.text))
        return [event]
      }
      case 'block-end': {
        const block = open.get(event.index)
        open.delete(event.index)
        if (!block?.sealed) return [event]
        return [{ type: 'block-delta', index: event.index, delta: { type: 'sealed', sealed: { ...block.sealed, value: keeper.seal(block) } } }, event]
      }
      default:
        return [event]
    }
  }
}

/** Puts back what the issuer gave, where it is the issuer that is asked; any other opaque value is taken out, and reported. */
export function openSeals(conversation: Conversation, target: string, keeper: SealKeeper, losses: LossSink): Conversation {
  const turns = conversation.turns.map((turn, index) => {
    if (!turn.blocks.some((block) => isSealable(block) && block.sealed)) return turn
    const blocks = turn.blocks.map((block, position) => opened(block, `messages[${index}].content[${position}]`, target, keeper, losses))
    return { ...turn, blocks }
  })
  return turns.every((turn, index) => turn === conversation.turns[index]) ? conversation : { ...conversation, turns }
}

function opened(block: Block, path: string, target: string, keeper: SealKeeper, losses: LossSink): Block {
  if (!isSealable(block) || !block.sealed) return block
  if (!isGatewaySeal(block.sealed.value)) return block.sealed.issuer === target ? block : withoutSeal(block, path, losses, 'It was not issued by the provider.')
  const original = keeper.open(block.sealed.value)
  if (original === 'foreign') return withoutSeal(block, path, losses, 'Another provider or account issued it.')
  if (original === 'broken') return withoutSeal(block, path, losses, 'The seal is not one of this gateway, or was changed.')
  if (block.type === 'tool-call') return original.sealed ? { ...block, sealed: original.sealed } : (block as ToolCallBlock)
  if (block.type === 'text')
    return original.sealed && original.type === 'text' && original.text === block.text ? original : withoutSeal(block, path, losses, 'Its text was changed.')
  return original
}

function withoutSeal<B extends SealableBlock>(block: B, path: string, losses: LossSink, detail: string): B {
  losses.dropped(path, 'reasoning-seal', 'hint', detail)
  const { sealed: _, ...bare } = block
  return bare as B
}

function closed(block: Block, keeper: SealKeeper): Block {
  return isSealable(block) && block.sealed ? { ...block, sealed: { ...block.sealed, value: keeper.seal(block) } } : block
}

function grown(block: SealableBlock, text: string): SealableBlock {
  return block.type === 'tool-call' ? { ...block, argumentsText: block.argumentsText + text } : { ...block, text: block.text + text }
}

function isSealable(block: Block): block is SealableBlock {
  return block.type === 'reasoning' || block.type === 'tool-call' || block.type === 'text'
}
