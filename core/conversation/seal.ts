import type { ReasoningBlock, TextBlock, ToolCallBlock } from './blocks.ts'

/** A block that may hold an opaque value of its issuer. */
export type SealableBlock = ReasoningBlock | ToolCallBlock | TextBlock

/** Closes what only one issuer can read before it goes to a caller of another protocol, and opens it on the way back to that issuer. */
export interface SealKeeper {
  /**
   * The gateway's own opaque value, which holds the whole block: ASCII without spaces, quotes or `+/=,`. `carried`: the caller must carry all of it, for
   * its reply is not one of which anything is kept (`onTranslatedReply`).
   */
  seal(block: SealableBlock, carried?: boolean): string
  /** The original block. Never throws. */
  open(value: string): SealableBlock | UnopenedSeal
  /**
   * The issuer has refused what is in the seal, or an opaque value that is no seal (`isRefused`). As long as the keeper knows that, `open` answers `refused`; without this method each request that brings
   * it is refused anew before it is sent without any.
   */
  refuse?(value: string): void
}

/** Why a seal does not go to the provider. `foreign`: another issuer's; `broken`: not ours, or tampered with; `refused`: its issuer does not take it back. */
export type UnopenedSeal = 'foreign' | 'broken' | 'refused'

/** How every seal of a gateway begins. */
export const sealPrefix = 'tkl1.'

/**
 * Stands in the slot of an opaque value where another provider gave none. It begins like a seal, so that a request that brings it back is read, and
 * what it stands on is left out before a vendor refuses it.
 */
export const noOpaqueValue = `${sealPrefix}none`

/** How one begins in base64, as far as it does not depend on what follows the prefix. */
const encodedPrefix = 'dGtsMS'

/** True for a gateway's seal, as it is or in base64. */
export function isGatewaySeal(value: string): boolean {
  return value.startsWith(sealPrefix) || value.startsWith(encodedPrefix)
}

/** For slots that hold bytes as base64, whose readers would refuse the seal itself. Seals are opened in both forms. */
export function sealToBase64(value: string): string {
  return value.startsWith(sealPrefix) ? Buffer.from(value, 'latin1').toString('base64') : value
}

/** The seal itself, in whichever form it came. */
export function sealFromBase64(value: string): string {
  return value.startsWith(encodedPrefix) ? Buffer.from(value, 'base64').toString('latin1') : value
}

/**
 * True for an opaque value that has no place in a block and that the provider has refused: just now, as far as is known, or as its keeper remembers.
 * For encoders of the provider's own protocol.
 */
export function isRefused(value: string, { seals, refused }: { readonly seals?: SealKeeper | undefined; readonly refused?: boolean }): boolean {
  if (!refused) return seals?.open(value) === 'refused'
  seals?.refuse?.(value)
  return true
}

/** Parts the seals of a value that holds several. */
const separator = ','

/**
 * One value for a slot that carries the seals of several blocks, in the order in which these stood before the block of the slot. An empty one parts
 * those that stood before its texts from those behind them.
 */
export function joinSeals(seals: readonly string[]): string {
  return seals.map(sealFromBase64).join(separator)
}

/** What `joinSeals` has joined, in whichever form it came; one seal alone is itself. Of the empty ones, which a caller may add, the last alone. */
export function sealsIn(value: string): readonly string[] {
  const seals = sealFromBase64(value).split(separator)
  if (seals.length < 3) return seals
  const last = seals.lastIndexOf('')
  return seals.filter((seal, index) => seal !== '' || index === last)
}

/** False when a body holds no seal, which bytes tell without decoding; true when it may. */
export function mayHoldSeal(body: Buffer): boolean {
  return body.includes(sealPrefix) || body.includes(encodedPrefix)
}
