import { type JsonObject, LossSink, type Protocol, type RequestContext } from 'tokligence'
import { encodeReply } from '../reply/encode-reply.ts'
import { summarize } from '../reply/summarize.ts'
import { ResponsesRelay } from '../stream/relay.ts'
import { NamedRelay, NamedStreamEncoder } from './named-streams.ts'
import type { RunningReplies } from './running-replies.ts'

/** The vendor's own replies as their callers get them, for as long as somebody holds the request. */
export class SeenReplies {
  readonly #seen = new WeakMap<RequestContext, JsonObject>()
  readonly #running: RunningReplies

  /** `running` is told the ids of replies. */
  constructor(running: RunningReplies) {
    this.#running = running
  }

  /** The whole response to a request; undefined when there was none, or not to the end. */
  of(context: RequestContext): JsonObject | undefined {
    return this.#seen.get(context)
  }

  /** The caller does not get it. */
  forget(context: RequestContext): void {
    this.#seen.delete(context)
  }

  /** Those methods of the protocol that see replies. They change nothing. */
  readonly methods: Pick<Protocol, 'createRelay' | 'createStreamEncoder' | 'summarize' | 'seeReply'> = {
    createRelay: ({ context }) =>
      context
        ? new NamedRelay(
            (id) => this.#running.name(context.id, id),
            (response) => void this.#seen.set(context, response),
          )
        : new ResponsesRelay(),
    createStreamEncoder: (options) => new NamedStreamEncoder((id) => this.#running.name(options.replyId, id), options),
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
