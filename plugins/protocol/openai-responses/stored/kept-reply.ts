import { type Conversation, isJsonObject, type Json, type JsonObject, LossSink, type Reply, type RequestContext } from 'tokligence'
import { encodeReply } from '../reply/encode-reply.ts'
import { encodeRequest } from '../request/encode-request.ts'

/** Who keeps a reply itself. */
export interface Keeper {
  /** The provider's id in the configuration. */
  readonly provider: string
  /** Of the provider when it gave the reply. */
  readonly account: string
}

/** A reply and what it answered, as it is kept under `reply:<id>`. */
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
  /** There when it is the copy of a reply that its vendor keeps as well; absent for one of another vendor's model. */
  readonly keeper?: Keeper
}

/** One reply of a conversation. */
export interface PastReply extends Pick<KeptReply, 'keeper'> {
  readonly id: string
  /** What it answered, and its own. */
  readonly items: readonly JsonObject[]
}

/** What came before a request that goes on from a kept reply: the replies, oldest first; the last is the one that is gone on from. */
export type History = readonly PastReply[]

/** More replies are not named one by one. */
const mostNamed = 1_000

/** What is kept of a translated reply in the caller's terms. */
export function describeReply(reply: Reply, context: RequestContext, history: History): KeptReply {
  const { conversation, id: replyId, attempts } = context
  const estimatedInput = attempts.at(-1)?.estimatedInput ?? 0
  const response = encodeReply(reply, { losses: new LossSink(), conversation, estimatedInput, replyId })
  return describeResponse(response, bodyOf(conversation), history)
}

/** The same of a response as its caller got it. `body` is the request. */
export function describeResponse(response: JsonObject, body: JsonObject, history: History): KeptReply {
  const { model, input, previous_response_id: _, stream: __, ...settings } = body
  const named = history.length <= mostNamed
  return {
    response,
    model: typeof model === 'string' ? model : '',
    settings,
    earlier: named ? history.map(({ id }) => id) : [],
    input: named ? itemsOf(input) : [...itemsIn(history), ...itemsOf(input)],
  }
}

/** The conversation with all that came before it; its instructions are its own (openai 6.49.0, ResponseCreateParamsBase.instructions). */
export function continued(body: JsonObject, items: readonly JsonObject[]): JsonObject {
  const { previous_response_id: _, input, ...rest } = body
  return { ...rest, input: [...items, ...itemsOf(input)] }
}

/** The request as its protocol would write it, for what looks at it by its fields. */
export function bodyOf(conversation: Conversation): JsonObject {
  return encodeRequest(conversation, { losses: new LossSink(), facts: {} })
}

export function itemsIn(history: History): readonly JsonObject[] {
  return history.flatMap(({ items }) => items)
}

/** What a reply said, as items of an input. */
export function outputOf({ output }: JsonObject): readonly JsonObject[] {
  return Array.isArray(output) ? (output as readonly Json[]).filter(isJsonObject) : []
}

export function itemsOf(input: Json | undefined): readonly JsonObject[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }]
  return Array.isArray(input) ? (input as readonly Json[]).filter(isJsonObject) : []
}
