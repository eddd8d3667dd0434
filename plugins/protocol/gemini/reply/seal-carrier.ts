import { type Block, isGatewaySeal, joinSeals, noOpaqueValue, type Sealed, type ToolCallBlock } from 'tokligence'

/**
 * Repeats the seals of thoughts on the call behind them: clients of this protocol leave thoughts out of their history, and return the signature of a call
 * (the vendor's CLI does). A seal that comes back twice counts once, on the thoughts. One per candidate, to be shown its blocks in order.
 */
export class SealCarrier {
  /** Those of the thoughts since the last call, with an empty one where a text stands. */
  #waiting: string[] = []

  carry(block: Block): Block {
    if (block.type === 'reasoning') {
      const seal = sealOf(block.sealed)
      if (seal !== undefined) this.#waiting.push(seal)
      return block
    }
    // More than the last place of a text does not come back: clients of streams cut and join texts.
    if (block.type === 'text' && block.text !== '' && this.#waiting.length > 0) this.#waiting = [...this.#waiting.filter((seal) => seal !== ''), '']
    return block.type === 'tool-call' && block.executedBy === 'client' ? this.#carryOn(block) : block
  }

  #carryOn(call: ToolCallBlock): ToolCallBlock {
    const own = sealOf(call.sealed)
    const seals = own === undefined ? this.#waiting : [...this.#waiting, own]
    const carried = this.#waiting.length > 0 && (own !== undefined || !call.sealed || call.sealed.value === noOpaqueValue)
    this.#waiting = []
    return carried ? { ...call, sealed: { issuer: '', value: joinSeals(seals) } } : call
  }
}

/** A seal that holds something. */
function sealOf(sealed: Sealed | undefined): string | undefined {
  return sealed && isGatewaySeal(sealed.value) && sealed.value !== noOpaqueValue ? sealed.value : undefined
}
