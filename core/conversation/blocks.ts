import type { Json, JsonObject } from './json.ts'

/**
 * Wire fields that the neutral form has no name for, keyed by the protocol that owns them.
 * A decoder collects every field it does not know (by rest-spread, never from a list); the encoder of the same protocol writes them
 * back; an encoder of another protocol reports one loss per field.
 */
export interface Extensions {
  readonly [protocol: string]: JsonObject
}

/**
 * An opaque value that only its issuer can read: a thinking signature, encrypted reasoning, a thought signature. `issuer` is the protocol that the
 * value was read from. In a reply that is translated, `value` is replaced by a seal of the gateway before the caller's protocol is written, and in a
 * request the seal by the original; so a codec writes what it is given into its slot, whoever issued it.
 */
export interface Sealed {
  readonly issuer: string
  readonly value: string
}

interface Node {
  readonly ext?: Extensions
}

export interface TextBlock extends Node {
  readonly type: 'text'
  readonly text: string
  /** Citations and annotations in the shape of the protocol they were read from. */
  readonly annotations?: readonly Annotation[]
  /** In protocols that sign texts. */
  readonly sealed?: Sealed
}

/** A citation on a piece of text, kept whole in the shape of its protocol, and in words that other protocols have too. */
export interface Annotation {
  readonly protocol: string
  readonly value: Json
  /** Absent when the value cannot be said in another protocol. */
  readonly citation?: Citation
}

/** What a piece of text rests on. At least one of `url`, `fileId` and `title` is there. */
export interface Citation {
  readonly url?: string
  /** A file that was uploaded to the provider. */
  readonly fileId?: string
  readonly title?: string
  /** The words of the source that are cited. */
  readonly quote?: string
  /** The cited stretch of the block's text: UTF-16 code units, `end` exclusive. Absent for the whole text. */
  readonly start?: number
  readonly end?: number
}

/** One token of a reply with its natural logarithm of probability, and the likeliest alternatives. */
export interface TokenLogprob {
  readonly token: string
  readonly logprob: number
  /** UTF-8 bytes, where the provider tells. */
  readonly bytes?: readonly number[]
  readonly top?: readonly Omit<TokenLogprob, 'top'>[]
}

export type MediaKind = 'image' | 'document' | 'audio' | 'video' | 'file'

export type MediaSource =
  /** `data` is standard base64 without a `data:` prefix. */
  | { readonly type: 'base64'; readonly data: string }
  | { readonly type: 'url'; readonly url: string }
  /** A file that was uploaded to the issuer; means nothing elsewhere. */
  | { readonly type: 'file'; readonly fileId: string; readonly issuer: string }
  /** A document given as plain text. */
  | { readonly type: 'text'; readonly text: string }

export interface MediaBlock extends Node {
  readonly type: 'media'
  readonly kind: MediaKind
  /** An IANA media type such as `image/png`. Absent when the wire did not say (a URL). */
  readonly mediaType?: string
  readonly source: MediaSource
  /** How closely an image should be looked at: `low`, `high`, `auto`, `original`. */
  readonly detail?: string
  readonly filename?: string
  readonly title?: string
}

export interface ReasoningBlock extends Node {
  readonly type: 'reasoning'
  /** Readable thoughts; empty when the provider shows none. */
  readonly text: string
  /** True when `text` is a summary that the provider wrote of longer thoughts. */
  readonly summary?: boolean
  /** True when the provider hides the thoughts wholly and gives only the sealed value. */
  readonly redacted?: boolean
  readonly sealed?: Sealed
}

export interface ToolCallBlock extends Node {
  readonly type: 'tool-call'
  readonly id: string
  readonly name: string
  /** The group a tool belongs to, where a protocol has groups. */
  readonly namespace?: string
  /** The arguments exactly as they stood on the wire: JSON text when `form` is `json`, free text when it is `text`. Never re-serialised. */
  readonly argumentsText: string
  readonly form: 'json' | 'text'
  /** Who runs the tool: the caller's program, or the provider itself. Of the provider's, those of a `HostedService` have its word as their name. */
  readonly executedBy: 'client' | 'provider'
  readonly sealed?: Sealed
}

export interface ToolResultBlock extends Node {
  readonly type: 'tool-result'
  readonly callId: string
  /** The tool's name, where the protocol repeats it. */
  readonly name?: string
  /** Absent when the protocol did not say. */
  readonly isError?: boolean
  readonly content: readonly Block[]
  /** How the content stood on the wire, for the way back to the same protocol. */
  readonly form: 'text' | 'blocks' | 'none'
}

export interface RefusalBlock extends Node {
  readonly type: 'refusal'
  readonly text: string
}

/** A block that only one protocol has. Other encoders report it as a loss. */
export interface ForeignBlock extends Node {
  readonly type: 'foreign'
  readonly protocol: string
  /** The block's own `type` on the wire. */
  readonly kind: string
  readonly value: Json
}

/** One piece of a turn. Blocks are ordered, and their order is never rebuilt from their categories. */
export type Block = TextBlock | MediaBlock | ReasoningBlock | ToolCallBlock | ToolResultBlock | RefusalBlock | ForeignBlock
