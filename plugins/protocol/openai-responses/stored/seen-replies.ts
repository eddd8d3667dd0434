import { type JsonObject, LossSink, type Protocol, type RequestContext } from 'tokligence'
import { encodeReply } from '../reply/encode-reply.ts'
import { summarize } from '../reply/summarize.ts'
import { ResponsesRelay } from '../stream/relay.ts'

/** The vendor's own replies as their callers get them, for as long as somebody holds the request. */
export class SeenReplies {
  readonly #seen = new WeakMap<RequestContext, JsonObject>()

  /** The whole response to a request; undefined when there was none, or not to the end. */
  of(context: RequestContext): JsonObject | undefined {
    return this.#seen.get(context)
  }

  /** Those methods of the protocol that see replies. They change nothing. */
  readonly methods: Pick<Protocol, 'createRelay' | 'summarize' | 'seeReply'> = {
    createRelay: ({ context }) => new ResponsesRelay(context && ((response) => void this.#seen.set(context, response))),
    summarize: (body, context) => {
      const summary = summarize(body)
      if (summary.complete && context?.operation === 'generate') this.#seen.set(context, body as JsonObject)
      return summary
    },
    seeReply: (reply, context) => {
      const { conversation, id: replyId } = context
      this.#seen.set(context, encodeReply(reply, { losses: new LossSink(), conversation, estimatedInput: 0, replyId }))
    },
  }
}
