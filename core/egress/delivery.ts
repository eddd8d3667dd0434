import type { Ending } from '../contracts/ledger.ts'
import type { Usage } from '../conversation/index.ts'
import type { GatewayError } from '../errors.ts'

/** How an answer went so far: everything but its end is sent, and the end waits for the ledger. */
export interface Delivery {
  readonly ending: Ending
  readonly error?: GatewayError
  readonly usage?: Usage
  /** The provider's own word for why the reply ended. */
  readonly finish?: string
  /** The provider's id of the reply. */
  readonly replyId?: string
  /** The status that the caller sees. */
  readonly status: number
  readonly path?: 'identity' | 'translated' | 'local'
  /** Sends what was withheld, and ends the answer. Called once the ledger row is durable. */
  release(): void
}
