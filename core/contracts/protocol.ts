import type { RequestContext } from '../context.ts'
import type { Conversation, Json, JsonObject, LossSink, Reply, ReplyEvent, Usage, WireError } from '../conversation/index.ts'
import type { SealKeeper } from '../conversation/seal.ts'
import type { ToolSupport } from '../conversation/tool-mapping.ts'
import type { JsonMember } from '../wire/json-peek.ts'
import type { ServerSentEvent } from '../wire/sse.ts'
import type { StreamFraming } from '../wire/stream-framing.ts'
import type { EmbeddingCodec } from './embeddings.ts'
import type { ModelFacts } from './models.ts'

/** A wire protocol's name, such as the name of the plugin that speaks it. */
export type ProtocolId = string

/**
 * What an endpoint does. The core translates `generate`, `count-tokens`, `embed` (a list of inputs) and `embed-one` (a single one); any other
 * operation is forwarded unary and only natively, to a provider that speaks the caller's protocol.
 */
export type Operation = 'generate' | 'count-tokens' | 'embed' | 'embed-one' | (string & {})

/** One HTTP endpoint of a protocol. */
export interface ProtocolRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'
  /** A find-my-way path, such as `/v1/things/:id`. */
  readonly path: string
  readonly operation: Operation
  /**
   * Tells whether this endpoint claims a request on a path that several share; the first that claims it wins, one without `claims` takes the rest.
   * What it throws is the answer.
   */
  readonly claims?: RouteClaims
}

/** Looks at what is known before the body is read; `params` are the decoded parts of the path. */
export type RouteClaims = (headers: RequestHeaders, query: URLSearchParams, params: Readonly<Record<string, string | undefined>>) => boolean

/** Lower-cased names, as `node:http` gives them. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>

/** What a protocol needs to know of a request before it is decoded. */
export interface IncomingCall {
  readonly operation: Operation
  /** The decoded (uncompressed) body. */
  readonly body: Buffer
  readonly params: Readonly<Record<string, string | undefined>>
  readonly query: URLSearchParams
  readonly headers: RequestHeaders
}

/** The few facts that routing needs, read without decoding the body. */
export interface Peek {
  readonly model: string
  readonly stream: boolean
  /** Top-level members found in the body, with their byte positions, for `patchRequest`. */
  readonly members: ReadonlyMap<string, JsonMember>
}

export interface RequestPatch {
  /** The model's name upstream. */
  readonly model: string
  /** Ask the provider for usage in a stream even if the caller did not. */
  readonly requestUsage: boolean
}

export interface PatchedRequest {
  readonly body: Buffer
  /** True when the request asks for usage that the caller did not ask for, so that the relay must take the usage-only event out again. */
  readonly usageAdded: boolean
}

export interface EncodeRequestOptions {
  readonly losses: LossSink
  /** What is known of the target model; undefined fields use documented defaults and are reported as `invented`. */
  readonly facts: ModelFacts
  /** Opens opaque values for the provider that is asked; without it they are taken out. For translations; codecs only ask `isRefused`. */
  readonly seals?: SealKeeper | undefined
  /** The provider has refused an opaque value of this conversation: it is sent none, not even its own. As `seals`. */
  readonly refused?: boolean
}

export interface EncodeReplyOptions {
  readonly losses: LossSink
  /** The request that is being answered, as the caller sent it. */
  readonly conversation: Conversation
  /** Input tokens estimated from the request, for protocols whose first event must hold a figure. */
  readonly estimatedInput: number
  /** A unique id (a UUID) from which the protocol makes the reply's id when the provider gave none. */
  readonly replyId: string
  /** Closes opaque values of the provider that answered; without it they are taken out. For translations; codecs do not look at it. */
  readonly seals?: SealKeeper | undefined
}

/** Turns the provider's stream into events. One per reply; not reusable. Must not throw on bad input: it answers with an `error` event. */
export interface StreamDecoder {
  push(event: ServerSentEvent): readonly ReplyEvent[]
  /**
   * The input ended. Answers with what is still open, and with an `error` event (kind `upstream`, status 502) when the protocol's own
   * sign of the end was missing. Never answers with `reply-end` for a cut stream.
   */
  end(): readonly ReplyEvent[]
}

/** Turns events into the caller's stream. One per reply; not reusable. What it writes is legal in its protocol even if the events stop early. */
export interface StreamEncoder {
  /** The bytes for one event, or an empty string. For `reply-end`: the terminal part, which the core withholds until the ledger row is durable. */
  push(event: ReplyEvent): string
  /** There where an error event depends on what was written before it: the bytes in place of those of `Protocol.encodeStreamError`. */
  fail?(error: WireError, requestId: string): string
  /** Bytes that keep an idle stream alive, where they say which reply it is; `Protocol.ping` when absent. */
  ping?(): string
}

/** What a relay learned from a reply that went through untouched. */
export interface ReplySummary {
  readonly usage?: Usage
  /** The provider's id of the reply. */
  readonly id?: string
  readonly model?: string
  /** The word on the wire. */
  readonly finish?: string
  /** True when the protocol's own sign of the end was seen. */
  readonly complete: boolean
  /** An error that the provider sent inside the stream. */
  readonly error?: WireError
  /** Events that carried content: the basis of an estimate when a stream was cut before its usage came. */
  readonly contentEvents: number
}

/**
 * Reads a provider's stream on its way to a caller of the same protocol, without decoding it.
 * It is given whole events only (the core cuts at event borders) and must be cheap: one substring search per piece.
 */
export interface StreamRelay {
  /**
   * Takes a piece of one or more whole events and answers with the part that may go to the caller at once; the same buffer when nothing is
   * withheld. From the terminal event on everything is collected in `withheld`.
   */
  push(events: Buffer): Buffer
  readonly withheld: readonly Buffer[]
  summary(): ReplySummary
  /** As `StreamEncoder.fail`. */
  fail?(error: WireError, requestId: string): string
}

/** How a protocol asks for, tells and answers with the number of a request's input tokens. */
export interface TokenCountCodec {
  /** The body that asks a provider to count what `encodeRequest` made for a model. */
  request(body: JsonObject, model: string): JsonObject
  /** The figure in a provider's answer; undefined when there is none. */
  read(body: Json): number | undefined
  write(inputTokens: number): Json
}

/** One part of a prompt, as its vendor's cache of prompts compares it. */
export interface PromptPart {
  /** Where it stands in the body: `instructions`, `tools[0]`, `turns[3]`. */
  readonly path: string
  /** Equal for parts that the cache takes for equal: without markers of the cache, and what its vendor leaves out of account. */
  readonly text: string
  /** True for a turn of the conversation, or a piece of one: those after it grow. Parts that are no turn stand for all requests of it. */
  readonly turn: boolean
  /** True where the text holds an id that was made for this conversation, such as that of a tool's call: no other one has the same part. */
  readonly unique?: boolean
}

/** One wire protocol, both directions. Contribution of the plugin kind `protocol`. All methods are pure but for the per-reply objects they create. */
export interface Protocol {
  readonly id: ProtocolId
  readonly routes: readonly ProtocolRoute[]

  /**
   * Makes the body that is meant from the one that came, for endpoints whose requests rest on something that is kept. Runs before anything looks at
   * the body; answers with the same one for others. `context`: the request so far, without a body that has been looked at. Throws GatewayError.
   */
  completeBody?(call: IncomingCall, context: RequestContext): Buffer | Promise<Buffer>
  /** Throws GatewayError `TKL_REQUEST_*` (400) for what cannot be routed: no model, a wrong type, a duplicate member, malformed JSON. */
  peek(call: IncomingCall): Peek
  /** Patches the caller's bytes for the same protocol upstream. Answers with the same buffer when nothing differs. Idempotent. */
  patchRequest(body: Buffer, peek: Peek, patch: RequestPatch): PatchedRequest

  /** Throws GatewayError `TKL_REQUEST_INVALID` with the path of the field at fault. */
  decodeRequest(body: JsonObject, call: IncomingCall): Conversation
  encodeRequest(conversation: Conversation, options: EncodeRequestOptions): JsonObject

  /** Throws GatewayError `TKL_UPSTREAM_MALFORMED` when the value is no reply. */
  decodeReply(body: Json): Reply
  encodeReply(reply: Reply, options: EncodeReplyOptions): Json
  createStreamDecoder(): StreamDecoder
  createStreamEncoder(options: EncodeReplyOptions): StreamEncoder

  /** `stripUsage`: take out the usage-only event that `patchRequest` asked for. `context`: the request that is answered. */
  createRelay(options: { readonly stripUsage: boolean; readonly context?: RequestContext }): StreamRelay
  /** Reads usage, id and finish of a unary reply that goes through untouched. Must not throw. `context`: the request that is answered. */
  summarize(body: Json, context?: RequestContext): ReplySummary
  /**
   * A whole reply of this protocol to a caller of it that hooks looked into, as the caller gets it, before its end is sent; one that goes through
   * untouched is seen by `createRelay` and `summarize`. Must not throw.
   */
  seeReply?(reply: Reply, context: RequestContext): void
  /**
   * Keeps the whole reply of a provider of this protocol to its caller, so that another provider can go on from it. For session plugins that want
   * such replies kept as well: to be called once the reply is whole and before its end is sent (`modifyCharge`). Rejects as the store does.
   */
  captureReply?(context: RequestContext): Promise<void>

  /** The content of a vendor's error answer. Must not throw, whatever the body is. */
  decodeError(status: number, body: Buffer, headers: RequestHeaders): WireError
  /**
   * True for the words by which a vendor refuses an opaque value in a request: it is damaged, or of another account. Such a request is tried once more
   * without any. Never for one that is missing.
   */
  refusesSealed?(error: WireError): boolean
  /** There where `refusesSealed` is: the names of the members in a request by which it may hold an opaque value. Those in strings do not count. */
  readonly sealedMembers?: readonly string[]
  encodeError(error: WireError, requestId: string): Json
  /** The bytes of an error inside a stream, after which nothing follows. */
  encodeStreamError(error: WireError, requestId: string): string
  /** Bytes that keep an idle translated stream alive. */
  readonly ping: string

  /** There when the protocol has an endpoint for `count-tokens`. */
  readonly tokenCount?: TokenCountCodec
  /** There when the protocol has an endpoint for `embed`. */
  readonly embeddings?: EmbeddingCodec

  /** The header in which its vendor tells the id of a request, and its clients look for one. */
  readonly requestIdHeader?: string
  /** Its vendor refuses the thoughts of others in a history; those that nobody has signed are marked for its callers, so that they never come there. */
  readonly signsThoughts?: boolean
  /** The same for tool calls: its vendor refuses those without an opaque value, so that calls of others are marked. */
  readonly signsCalls?: boolean
  /** What the protocol can say of tools. Translations rewrite what it cannot, and restore it in the reply. Absent: everything. */
  readonly tools?: ToolSupport
  /**
   * Prepares a conversation that was read from this protocol for the encoder of another one: fields and blocks of its vendor alone become what
   * every protocol can say, or are reported and taken out where their absence changes nothing.
   */
  settle?(conversation: Conversation, losses: LossSink): Conversation
  /**
   * The prompt of a `generate` request, in the order in which its vendor's cache reads it; undefined for what is none, or has another part of it kept by
   * the vendor. Must not throw on what is no request. Conversations of protocols without it are not watched for broken prefixes.
   */
  promptParts?(body: JsonObject): readonly PromptPart[] | undefined
  /** How a streamed answer is cut into pieces, when this call asks for another form than server-sent events. */
  framing?(call: IncomingCall): StreamFraming | undefined

  /** A small streamed request for a model, from which the banner makes a `curl` line to paste. */
  example?(model: string): { readonly method: 'POST'; readonly path: string; readonly body: Json }
}
