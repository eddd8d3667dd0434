import type { Annotation, Block, Extensions, Sealed, TokenLogprob } from './blocks.ts'
import type { Json } from './json.ts'
import type { Finish } from './reply.ts'
import type { Usage } from './usage.ts'
import type { WireError } from './wire-error.ts'

/**
 * A streamed reply in the neutral form.
 *
 * Grammar: `reply-start`, then blocks, then one `finish` per candidate, then `reply-end`; or `error` as the last event at any point.
 * Each block opens once with `block-start`, may take deltas, and closes once with `block-end`. `index` is unique within the reply
 * (over all candidates) and counts from 0 without gaps in the order of opening. Several blocks may be open at a time: protocols that
 * stream parallel tool calls interleave them; an encoder whose protocol cannot do so holds the later ones back.
 * `usage` may come anywhere and later figures overwrite earlier ones.
 */
export type ReplyEvent = ReplyStart | BlockStart | BlockDelta | BlockEnd | UsageEvent | FinishEvent | ReplyEnd | ErrorEvent | ForeignEvent

export interface ReplyStart {
  readonly type: 'reply-start'
  readonly id?: string
  readonly model?: string
  /** Unix seconds. */
  readonly created?: number
  readonly serviceTier?: string
  readonly ext?: Extensions
}

/** `block` is the block as far as it is known when it opens: texts are empty or hold what came with the opening. */
export interface BlockStart {
  readonly type: 'block-start'
  readonly index: number
  readonly block: Block
  /** Which alternative; 0 when absent. */
  readonly candidate?: number
}

export interface BlockDelta {
  readonly type: 'block-delta'
  readonly index: number
  readonly delta: Delta
}

export type Delta =
  /** Appends to `text` of a text, reasoning or refusal block, or to `argumentsText` of a tool call. */
  | { readonly type: 'text'; readonly text: string }
  /** Sets the block's sealed value. */
  | { readonly type: 'sealed'; readonly sealed: Sealed }
  | { readonly type: 'annotation'; readonly annotation: Annotation }
  /** Log probabilities of the text just sent, in the shape of `protocol`, and in the neutral one where they can be said in it. */
  | { readonly type: 'logprobs'; readonly protocol: string; readonly value: Json; readonly tokens?: readonly TokenLogprob[] }
  | { readonly type: 'foreign'; readonly protocol: string; readonly value: Json }

export interface BlockEnd {
  readonly type: 'block-end'
  readonly index: number
  /** The block's extensions as they are now that it is whole, when more is known than at its start; in place of the earlier ones. */
  readonly ext?: Extensions
}

export interface UsageEvent {
  readonly type: 'usage'
  readonly usage: Usage
}

export interface FinishEvent {
  readonly type: 'finish'
  readonly finish: Finish
  readonly candidate?: number
  /** All log probabilities of the candidate, when they did not come as deltas. */
  readonly logprobs?: Json
  /** The same in the neutral form. */
  readonly tokens?: readonly TokenLogprob[]
  readonly ext?: Extensions
}

/** The provider said that the reply is whole. Its encoding is withheld from the caller until the ledger row is durable. */
export interface ReplyEnd {
  readonly type: 'reply-end'
  /** What is known of the reply now that it is whole, when it differs from its start; in place of the earlier values. */
  readonly serviceTier?: string
  readonly ext?: Extensions
}

export interface ErrorEvent {
  readonly type: 'error'
  readonly error: WireError
}

/** A stream event that only one protocol has (keep-alives excepted, which are dropped). */
export interface ForeignEvent {
  readonly type: 'foreign'
  readonly protocol: string
  readonly kind: string
  readonly value: Json
}
