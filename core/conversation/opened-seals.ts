import { GatewayError } from '../errors.ts'
import type { SealableBlock, SealKeeper, UnopenedSeal } from './seal.ts'

/** The most that the seals of one request may hold, in characters of JSON, a seal as often as it stands there. No vendor takes as large a request. */
const mostHeld = 64 * 1024 * 1024

interface OpenedSeal {
  readonly content: SealableBlock | UnopenedSeal
  readonly size: number
}

/** The seals of one request, each of which is opened once, however often it stands there: they are smaller than what is in them. */
export class OpenedSeals {
  readonly #keeper: SealKeeper
  readonly #opened = new Map<string, OpenedSeal>()
  #held = 0

  constructor(keeper: SealKeeper) {
    this.#keeper = keeper
  }

  /** Throws GatewayError `TKL_REQUEST_TOO_LARGE` when the seals hold more than a request may. */
  open(seal: string): SealableBlock | UnopenedSeal {
    let opened = this.#opened.get(seal)
    if (!opened) {
      const content = this.#keeper.open(seal)
      opened = { content, size: typeof content === 'string' ? 0 : JSON.stringify(content).length }
      this.#opened.set(seal, opened)
    }
    this.#held += opened.size
    if (this.#held > mostHeld) throw new GatewayError('TKL_REQUEST_TOO_LARGE', `The seals in the request hold more than ${mostHeld / 1024 ** 2} MiB.`)
    return opened.content
  }

  refuse(seal: string): void {
    this.#keeper.refuse?.(seal)
  }
}
