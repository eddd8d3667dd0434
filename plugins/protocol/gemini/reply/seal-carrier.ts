import { type Block, isGatewaySeal, type Sealed } from 'tokligence'

/**
 * Repeats the seal of thoughts on the call behind them: clients of this protocol leave thoughts out of their history, and return the signature of a call
 * (the vendor's CLI does). A seal that comes back twice counts once, on the thoughts. One per candidate, to be shown its blocks in order.
 */
export class SealCarrier {
  #waiting: Sealed | undefined

  carry(block: Block): Block {
    if (block.type === 'reasoning') {
      if (block.sealed && isGatewaySeal(block.sealed.value)) this.#waiting = block.sealed
      return block
    }
    if (block.type !== 'tool-call' || block.executedBy !== 'client') return block
    const sealed = this.#waiting
    this.#waiting = undefined
    return sealed && !block.sealed ? { ...block, sealed } : block
  }
}
