import { type Conversation, isJsonObject, type Json, type JsonObject, LossSink, type Reply, type RequestContext } from 'tokligence'
import { encodeReply } from '../reply/encode-reply.ts'
import { encodeRequest } from '../request/encode-request.ts'

/** A reply of another vendor's model and what it answered, as it is kept under `reply:<id>`. */
export interface KeptReply {
  /** As its caller got it. */
  readonly response: JsonObject
  /** As the caller named it. */
  readonly model: string
  /** The rest of its request: all but model, input, the id of the previous reply and `stream`. */
  readonly settings: JsonObject
  /** Ids of the replies that it rests on, oldest first. */
  readonly earlier: readonly string[]
  /** The items of its own request; where so many replies came before that none is named, of all of them. */
  readonly input: readonly JsonObject[]
}

/** What came before a request that goes on from a kept reply. */
export interface History {
  /** The replies, oldest first; the last is the one that is gone on from. */
  readonly ids: readonly string[]
  /** All that was said, that reply's own items included. */
  readonly items: readonly JsonObject[]
}

/** More replies are not named one by one. */
const mostNamed = 1_000

/** What is kept of a reply in the caller's terms. */
export function describeReply(reply: Reply, context: RequestContext, history: History | undefined): KeptReply {
  const { conversation, id: replyId, attempts } = context
  const losses = new LossSink()
  const { model, input, previous_response_id: _, stream: __, ...settings } = encodeRequest(conversation, { losses, facts: {} })
  const estimatedInput = attempts.at(-1)?.estimatedInput ?? 0
  const named = history === undefined || history.ids.length <= mostNamed
  return {
    response: encodeReply(reply, { losses, conversation, estimatedInput, replyId }),
    model: typeof model === 'string' ? model : context.model,
    settings,
    earlier: named ? (history?.ids ?? []) : [],
    input: named ? itemsOf(input) : [...history.items, ...itemsOf(input)],
  }
}

/** The conversation with all that came before it; its instructions are its own (openai 6.49.0, ResponseCreateParamsBase.instructions). */
export function continued(body: JsonObject, { items }: History): JsonObject {
  const { previous_response_id: _, input, ...rest } = body
  return { ...rest, input: [...items, ...itemsOf(input)] }
}

/** The request as its protocol would write it, for what looks at it by its fields. */
export function bodyOf(conversation: Conversation): JsonObject {
  return encodeRequest(conversation, { losses: new LossSink(), facts: {} })
}

/** What a kept reply said, as items of an input. */
export function outputOf({ response: { output } }: KeptReply): readonly JsonObject[] {
  return Array.isArray(output) ? (output as readonly Json[]).filter(isJsonObject) : []
}

export function itemsOf(input: Json | undefined): readonly JsonObject[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }]
  return Array.isArray(input) ? (input as readonly Json[]).filter(isJsonObject) : []
}
