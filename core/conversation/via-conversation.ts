import type { EncodeReplyOptions, EncodeRequestOptions, Protocol, StreamDecoder, StreamEncoder } from '../contracts/protocol.ts'
import type { Translation, TranslationSession } from '../contracts/translation.ts'
import type { Conversation } from './conversation.ts'
import type { ReplyEvent } from './events.ts'
import type { Reply } from './reply.ts'

/** What one direction knows beyond its two codecs. Every rule is optional; one that returns its argument changes nothing. */
export interface PairRules {
  /** Rewrites the caller's conversation before it is encoded for the provider. */
  request?(conversation: Conversation, options: EncodeRequestOptions): Conversation
  /** Rewrites the provider's unary reply before it is encoded for the caller. */
  reply?(reply: Reply, options: EncodeReplyOptions): Reply
  /** Rewrites the provider's events; called once per reply, the returned function once per event. */
  openEvents?(options: EncodeReplyOptions): (event: ReplyEvent) => readonly ReplyEvent[]
}

/** The stock translation: the provider's codec on one side, the caller's on the other, the neutral form between them. */
export function viaConversation(from: Protocol, to: Protocol, rules: PairRules = {}): Translation {
  return { from: from.id, to: to.id, open: () => new ConversationSession(from, to, rules) }
}

class ConversationSession implements TranslationSession {
  readonly #from: Protocol
  readonly #to: Protocol
  readonly #rules: PairRules

  constructor(from: Protocol, to: Protocol, rules: PairRules) {
    this.#from = from
    this.#to = to
    this.#rules = rules
  }

  encodeRequest(conversation: Conversation, options: EncodeRequestOptions) {
    const rewritten = this.#rules.request ? this.#rules.request(conversation, options) : conversation
    return this.#to.encodeRequest(rewritten, options)
  }

  decodeReply(body: Parameters<Protocol['decodeReply']>[0]): Reply {
    return this.#to.decodeReply(body)
  }

  encodeReply(reply: Reply, options: EncodeReplyOptions) {
    return this.#from.encodeReply(this.#rules.reply ? this.#rules.reply(reply, options) : reply, options)
  }

  createStreamDecoder(): StreamDecoder {
    return this.#to.createStreamDecoder()
  }

  createStreamEncoder(options: EncodeReplyOptions): StreamEncoder {
    const encoder = this.#from.createStreamEncoder(options)
    const rewrite = this.#rules.openEvents?.(options)
    if (!rewrite) return encoder
    return {
      push(event) {
        let bytes = ''
        for (const rewritten of rewrite(event)) bytes += encoder.push(rewritten)
        return bytes
      },
    }
  }
}
