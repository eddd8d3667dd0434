import type { Block, Extensions, TokenLogprob } from './blocks.ts'
import type { Json } from './json.ts'
import type { Usage } from './usage.ts'

/**
 * Why a reply ended, in one vocabulary:
 * - `stop`: the model was done; `stop-sequence`: it wrote a stop sequence; `length`: the output limit; `context`: the context window is full
 * - `tool-calls`: it wants tools run; `pause`: the provider pauses a long turn that the caller continues
 * - `refusal`: the model declined; `content-filter`: the provider cut it; `error`: the provider says generation failed; `other`: none of these
 */
export type FinishReason = 'stop' | 'stop-sequence' | 'length' | 'context' | 'tool-calls' | 'pause' | 'refusal' | 'content-filter' | 'error' | 'other'

export interface Finish {
  readonly reason: FinishReason
  /** The word on the wire. */
  readonly raw?: string
  /** Which stop sequence was written. */
  readonly stopSequence?: string
}

/** One whole reply in the neutral form. */
export interface Reply {
  readonly id?: string
  readonly model?: string
  /** Unix seconds. */
  readonly created?: number
  readonly candidates: readonly Candidate[]
  readonly usage?: Usage
  readonly serviceTier?: string
  readonly ext?: Extensions
}

/** One alternative of a reply. Most replies have exactly one. */
export interface Candidate {
  readonly blocks: readonly Block[]
  readonly finish: Finish
  /** Log probabilities in the shape of the protocol they were read from. */
  readonly logprobs?: Json
  /** The same in the neutral form. */
  readonly tokens?: readonly TokenLogprob[]
  readonly ext?: Extensions
}
