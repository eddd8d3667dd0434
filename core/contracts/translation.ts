import type { Conversation, Json, JsonObject, Reply } from '../conversation/index.ts'
import type { EncodeReplyOptions, EncodeRequestOptions, ProtocolId, StreamDecoder, StreamEncoder } from './protocol.ts'

/** One direction, looked up by `from` (the caller's protocol) and `to` (the provider's). Contribution of the plugin kind `translation`. */
export interface Translation {
  readonly from: ProtocolId
  readonly to: ProtocolId
  /** A session serves one attempt and may keep state between its request and its reply. */
  open(): TranslationSession
}

export interface TranslationSession {
  /** The caller's conversation as a request body in the provider's protocol. */
  encodeRequest(conversation: Conversation, options: EncodeRequestOptions): JsonObject
  /** The provider's unary answer. */
  decodeReply(body: Json): Reply
  /** The reply in the caller's protocol. */
  encodeReply(reply: Reply, options: EncodeReplyOptions): Json
  /** The provider's reply in the caller's terms: what `encodeReply` writes. The reply itself when absent. */
  callerReply?(reply: Reply, options: EncodeReplyOptions): Reply
  createStreamDecoder(): StreamDecoder
  createStreamEncoder(options: EncodeReplyOptions): StreamEncoder
}

/** Whom a conversation of another protocol is for, or whose reply it is. */
export interface TranslationTarget {
  /** The provider's id in the configuration. */
  readonly provider: string
  readonly account: string
  /** The protocol that the provider is asked in. */
  readonly protocol: ProtocolId
  /** The model's name upstream. */
  readonly model: string
}
