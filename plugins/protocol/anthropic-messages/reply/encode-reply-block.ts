import type { Block, JsonObject, LossSink, Sealed } from 'tokligence'
import { isSayable } from '../message/citations.ts'
import { encodeBlock } from '../message/encode-block.ts'
import type { HostedCalls } from '../message/hosted-call.ts'
import { encodeHostedResult } from '../message/hosted-result.ts'
import { legalToolId } from '../message/tool-ids.ts'
import { reportForeignFields } from '../wire/extensions.ts'

export interface ReplyContext {
  readonly losses: LossSink
  readonly hosted: HostedCalls
}

/** A block of a reply on the wire; undefined, with a loss reported, when a message of the assistant cannot hold it. Its seal is not in it, unless it has a slot. */
export function encodeReplyBlock(block: Block, path: string, { losses, hosted }: ReplyContext): JsonObject | undefined {
  if (block.type === 'media') {
    losses.dropped(path, `${block.kind}-output`, 'semantic')
    return undefined
  }
  if (block.type === 'tool-result') {
    reportForeignFields(block.ext, path, losses)
    return encodeHostedResult(block, path, { losses, hosted })
  }
  const wire = encodeBlock(block, path, { losses, hosted, toolId: legalToolId })
  // ThinkingBlock.signature is required in a reply, empty when there is none.
  return wire?.type === 'thinking' && wire.signature === undefined ? { ...wire, signature: '' } : wire
}

/** An opaque value of a block that has no slot for one, in a block of its own: in front of a call, behind a text that is not the last. */
export function sealBlock(sealed: Sealed): JsonObject {
  return { type: 'redacted_thinking', data: sealed.value }
}

/** Clients read the answer in a message's last block, and its vendor lets none end in thoughts: the opaque value of a last text has no place. */
export function reportLastSeal(path: string, losses: LossSink): void {
  losses.dropped(path, 'reasoning-seal', 'hint', 'A message cannot end in hidden thoughts.')
}

/** The seal that needs a block of its own, if the block has one. */
export function looseSeal(block: Block): Sealed | undefined {
  return block.type === 'text' || block.type === 'tool-call' ? block.sealed : undefined
}

/** True for text and thoughts that hold nothing: written back by the caller, they would be answered with 400. */
export function isHollow(block: Block): boolean {
  if (block.type === 'text') return block.text === '' && !block.annotations?.some(isSayable)
  if (block.type === 'refusal') return block.text === ''
  return block.type === 'reasoning' && block.text === '' && !block.redacted && !block.sealed
}
