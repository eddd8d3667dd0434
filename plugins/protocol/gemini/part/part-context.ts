import type { Block, LossSink } from 'tokligence'

/** What the encoding of parts depends on beside the blocks. */
export interface PartContext {
  /** The whole was read from this protocol: it is written back as it was, also where the vendor would refuse it. */
  readonly native: boolean
  readonly losses: LossSink
  readonly place: 'request' | 'reply'
  /** The model takes media inside of a function's response. Otherwise they stand as parts behind the responses. */
  readonly mediaInResults?: boolean
  /** The name of the tool that a call of the conversation asked for; results of other protocols do not repeat it. */
  readonly callName?: (callId: string) => string | undefined
}

/** A block's place in the neutral form, for losses. */
export type PlacedBlock = readonly [block: Block, path: string]
