import type { ReasoningBlock, TextBlock, ToolCallBlock } from './blocks.ts'

/** A block that may hold an opaque value of its issuer. */
export type SealableBlock = ReasoningBlock | ToolCallBlock | TextBlock

/** Closes what only one issuer can read before it goes to a caller of another protocol, and opens it on the way back to that issuer. */
export interface SealKeeper {
  /** The gateway's own opaque value, which holds the whole block. */
  seal(block: SealableBlock): string
  /** The original block. `foreign`: another issuer's; `broken`: not ours, or tampered with. */
  open(value: string): SealableBlock | 'foreign' | 'broken'
}

/** How every seal of a gateway begins. */
export const sealPrefix = 'tkl1.'

export function isGatewaySeal(value: string): boolean {
  return value.startsWith(sealPrefix)
}
