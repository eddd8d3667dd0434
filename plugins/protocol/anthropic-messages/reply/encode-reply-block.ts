import type { Block, JsonObject, LossSink } from 'tokligence'
import { encodeBlock } from '../message/encode-block.ts'
import { legalToolId } from '../message/tool-ids.ts'
import { protocolId } from '../wire/extensions.ts'

/** A block of a reply on the wire; undefined, with a loss reported, when a message of the assistant cannot hold it. */
export function encodeReplyBlock(block: Block, path: string, losses: LossSink): JsonObject | undefined {
  if (block.type === 'media' || block.type === 'tool-result') {
    losses.dropped(path, block.type === 'media' ? `${block.kind}-output` : 'hosted-tool', 'semantic')
    return undefined
  }
  const wire = encodeBlock(withoutForeignSeal(block, path, losses), path, { losses, toolId: legalToolId })
  // ThinkingBlock.signature is required in a reply, empty when there is none.
  return wire?.type === 'thinking' && wire.signature === undefined ? { ...wire, signature: '' } : wire
}

/** Thoughts may be read without their seal; only hidden ones are worth nothing then, and `encodeBlock` drops those. */
function withoutForeignSeal(block: Block, path: string, losses: LossSink): Block {
  if (block.type !== 'reasoning' || !block.sealed || block.sealed.issuer === protocolId) return block
  const { sealed, ...rest } = block
  if (!block.redacted) losses.dropped(`${path}.sealed`, 'reasoning-seal', 'semantic', `It is sealed by ${sealed.issuer}.`)
  return rest
}

/** True for text and thoughts that hold nothing: written back by the caller, they would be answered with 400. */
export function isHollow(block: Block): boolean {
  if (block.type === 'text') return block.text === '' && !block.annotations?.some(({ protocol }) => protocol === protocolId)
  if (block.type === 'refusal') return block.text === ''
  return block.type === 'reasoning' && block.text === '' && !block.redacted && block.sealed?.issuer !== protocolId
}
