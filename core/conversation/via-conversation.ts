import type { EncodeReplyOptions, EncodeRequestOptions, Protocol, StreamDecoder, StreamEncoder } from '../contracts/protocol.ts'
import type { Translation, TranslationSession } from '../contracts/translation.ts'
import type { Conversation } from './conversation.ts'
import type { ReplyEvent } from './events.ts'
import { openSeals } from './open-seals.ts'
import type { Reply } from './reply.ts'
import { closeSeals, closeSealsInEvents } from './seal-steps.ts'
import { ToolMapping } from './tool-mapping.ts'

/** What one direction knows beyond its two codecs. Every rule is optional; one that returns its argument changes nothing. */
export interface PairRules {
  /** Rewrites the caller's conversation before it is encoded for the provider. */
  request?(conversation: Conversation, options: EncodeRequestOptions): Conversation
  /** Rewrites the provider's unary reply before it is encoded for the caller. */
  reply?(reply: Reply, options: EncodeReplyOptions): Reply
  /** Rewrites the provider's events; called once per reply, the returned function once per event. */
  openEvents?(options: EncodeReplyOptions): (event: ReplyEvent) => readonly ReplyEvent[]
}

/**
 * The stock translation: the provider's codec on one side, the caller's on the other, the neutral form between them. What holds for every pair is
 * done here: the caller's protocol settles what only its vendor means, tools get a form that the provider's protocol takes, and opaque values are
 * sealed for the caller and opened for their issuer. `rules` adds what only this pair needs.
 */
export function viaConversation(from: Protocol, to: Protocol, rules: PairRules = {}): Translation {
  return { from: from.id, to: to.id, open: () => new ConversationSession(from, to, rules) }
}

/**
 * One protocol on both sides, and yet the caller gets opaque values as seals: where accounts of one vendor take turns, nothing else tells whose they
 * are. For replies alone.
 */
export function sealedIdentity(protocol: Protocol): TranslationSession {
  return new ConversationSession(protocol, protocol, {}, true)
}

type Step = (event: ReplyEvent) => readonly ReplyEvent[]

class ConversationSession implements TranslationSession {
  readonly #from: Protocol
  readonly #to: Protocol
  readonly #rules: PairRules
  /** One protocol on both sides: nothing has to be brought into another form. */
  readonly #same: boolean
  readonly #seals: boolean
  #tools: ToolMapping | undefined

  constructor(from: Protocol, to: Protocol, rules: PairRules, seals = from !== to) {
    this.#from = from
    this.#to = to
    this.#rules = rules
    this.#same = from === to
    this.#seals = seals
  }

  encodeRequest(conversation: Conversation, options: EncodeRequestOptions) {
    return this.#to.encodeRequest(this.#prepare(conversation, options), options)
  }

  decodeReply(body: Parameters<Protocol['decodeReply']>[0]): Reply {
    return this.#to.decodeReply(body)
  }

  encodeReply(reply: Reply, options: EncodeReplyOptions) {
    return this.#from.encodeReply(this.callerReply(reply, options), options)
  }

  callerReply(reply: Reply, options: EncodeReplyOptions): Reply {
    const closed = this.#seals ? closeSeals(reply, this.#sealing(options)) : reply
    const restored = this.#tools ? withBlocks(closed, (block) => this.#tools?.restore(block) ?? block) : closed
    return this.#rules.reply ? this.#rules.reply(restored, options) : restored
  }

  #sealing({ seals, losses }: EncodeReplyOptions) {
    const { signsThoughts, signsCalls } = this.#from
    const marks = { marksThoughts: !this.#same && signsThoughts === true, marksCalls: !this.#same && signsCalls === true }
    return { keeper: seals, losses, ...marks, carried: this.#same }
  }

  createStreamDecoder(): StreamDecoder {
    return this.#to.createStreamDecoder()
  }

  createStreamEncoder(options: EncodeReplyOptions): StreamEncoder {
    const encoder = this.#from.createStreamEncoder(options)
    const steps: Step[] = []
    if (this.#seals) steps.push(closeSealsInEvents(this.#sealing(options)))
    if (this.#tools) steps.push(this.#tools.restoreEvents())
    if (this.#rules.openEvents) steps.push(this.#rules.openEvents(options))
    if (steps.length === 0) return encoder
    return {
      ...(encoder.fail && { fail: encoder.fail.bind(encoder) }),
      ...(encoder.ping && { ping: encoder.ping.bind(encoder) }),
      push(event) {
        let events: readonly ReplyEvent[] = [event]
        for (const step of steps) events = events.length === 1 ? step(events[0] as ReplyEvent) : events.flatMap(step)
        let bytes = ''
        for (const rewritten of events) bytes += encoder.push(rewritten)
        return bytes
      },
    }
  }

  #prepare(conversation: Conversation, options: EncodeRequestOptions): Conversation {
    const { losses, seals: keeper, refused } = options
    const distrusts = refused ? 'all' : undefined
    const opened = openSeals(conversation, { target: this.#to.id, keeper, losses, sameProtocol: this.#same, distrusts })
    if (this.#same) return opened
    const settled = this.#from.settle ? this.#from.settle(opened, options.losses) : opened
    const ruled = this.#rules.request ? this.#rules.request(settled, options) : settled
    if (!this.#to.tools) return ruled
    this.#tools = new ToolMapping(this.#to.tools, options.facts.freeformTools === true)
    return this.#tools.map(ruled, options.losses)
  }
}

function withBlocks(reply: Reply, rewrite: (block: Reply['candidates'][number]['blocks'][number]) => Reply['candidates'][number]['blocks'][number]): Reply {
  return { ...reply, candidates: reply.candidates.map((candidate) => ({ ...candidate, blocks: candidate.blocks.map(rewrite) })) }
}
