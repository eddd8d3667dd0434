import { randomUUID } from 'node:crypto'
import {
  type Conversation,
  type EncodeReplyOptions,
  type Exchange,
  estimateInputTokens,
  estimateTextTokens,
  GatewayError,
  type IncomingCall,
  type Json,
  kindOfStatus,
  LossSink,
  type Protocol,
  parseJsonObject,
  type Registry,
  type Reply,
  type UpstreamRequest,
  type WireError,
} from 'tokligence'
import { composeReply } from './compose-reply.ts'
import { readDirectives } from './directives.ts'
import { embedText } from './embed-text.ts'
import { type LoopbackEndpoint, parseEndpoint } from './endpoint.ts'
import { PacedSender } from './paced-sender.ts'
import { lastUserText } from './read-conversation.ts'
import { streamBytes } from './stream-bytes.ts'

/** Answers as a provider would, byte by byte, in whichever protocol it is asked. */
export function createExchange(registry: Registry): Exchange {
  return (request, handler) => {
    const sender = new PacedSender(handler)
    sender.after(0, () => answer(registry, request, sender))
    return sender
  }
}

function answer(registry: Registry, request: UpstreamRequest, sender: PacedSender): void {
  const endpoint = parseEndpoint(request.path)
  const protocol = registry.get('protocol', endpoint.protocol)
  if (endpoint.operation === 'embed' || endpoint.operation === 'embed-one') {
    embed(sender, protocol, endpoint, request)
    return
  }
  const conversation = decode(protocol, endpoint, request)
  if (GatewayError.is(conversation)) sendError(sender, protocol, conversation.toWire(), 0)
  else if (endpoint.operation === 'count-tokens' && protocol.tokenCount) sendJson(sender, 200, protocol.tokenCount.write(estimateInputTokens(conversation)), 0)
  else generate(sender, protocol, conversation)
}

/** The request, or what is wrong with it. */
function decode(protocol: Protocol, endpoint: LoopbackEndpoint, request: UpstreamRequest): Conversation | GatewayError {
  const { model, stream } = endpoint
  const call = callOf(endpoint, request)
  try {
    const conversation = protocol.decodeRequest(parseJsonObject(call.body), call)
    // Nothing is kept here either: what rests on it is refused in the vendor's own words.
    protocol.settle?.(conversation, new LossSink())
    return { ...conversation, model, stream }
  } catch (error) {
    return GatewayError.from(error)
  }
}

/** Protocols that have the model in the URL find it where their own routes put it. */
function callOf({ operation, model }: LoopbackEndpoint, request: UpstreamRequest): IncomingCall {
  const { searchParams: query } = new URL(request.path, request.origin)
  return { operation, body: Buffer.from(request.body ?? ''), params: { model, '*': model }, query, headers: {} }
}

function embed(sender: PacedSender, protocol: Protocol, endpoint: LoopbackEndpoint, request: UpstreamRequest): void {
  const call = callOf(endpoint, request)
  const losses = new LossSink()
  try {
    const codec = protocol.embeddings
    if (!codec) throw new GatewayError('TKL_OPERATION_UNSUPPORTED', `${protocol.id} has no embeddings.`)
    const wanted = codec.decodeRequest(parseJsonObject(call.body), call)
    const characters = wanted.inputs.reduce((sum, input) => sum + input.length, 0)
    const vectors = wanted.inputs.map((input) => embedText(input, wanted.dimensions))
    const usage = { inputUncached: estimateTextTokens(characters), source: 'measured' } as const
    sendJson(sender, 200, codec.encodeReply({ model: endpoint.model, vectors, usage }, wanted, losses), 0)
  } catch (error) {
    sendError(sender, protocol, GatewayError.from(error).toWire(), 0)
  }
}

function generate(sender: PacedSender, protocol: Protocol, conversation: Conversation): void {
  const { behaviour, said } = readDirectives(conversation.model, lastUserText(conversation))
  const { error, errorMidway, delay } = behaviour
  // An answer in one piece has no middle.
  const failure = error ?? (conversation.stream ? undefined : errorMidway)
  if (failure !== undefined) {
    sendError(sender, protocol, toldToFail(failure), delay)
    return
  }
  const reply = composeReply(conversation, behaviour, said, protocol.id)
  const options = replyOptions(conversation, reply)
  if (conversation.stream) {
    const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...requestId() }
    sender.send(200, headers, streamBytes(reply, protocol.createStreamEncoder(options), behaviour), delay)
  } else sendJson(sender, 200, protocol.encodeReply(reply, options), delay, behaviour.cut !== undefined)
}

function replyOptions(conversation: Conversation, { usage }: Reply): EncodeReplyOptions {
  return { losses: new LossSink(), conversation, estimatedInput: usage?.inputUncached ?? 0, replyId: randomUUID() }
}

function toldToFail(status: number): WireError {
  const waits = status === 429 || status === 503 || status === 529
  return { status, kind: kindOfStatus(status), message: `The loopback provider was told to fail with ${status}.`, ...(waits && { retryAfter: 1 }) }
}

function sendError(sender: PacedSender, protocol: Protocol, error: WireError, delay: number): void {
  const id = requestId()
  const headers: Record<string, string> = error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) }
  sendJson(sender, error.status, protocol.encodeError(error, id['x-request-id']), delay, false, { ...headers, ...id })
}

function sendJson(sender: PacedSender, status: number, value: Json, delay: number, cut = false, headers: Readonly<Record<string, string>> = requestId()): void {
  const body = Buffer.from(JSON.stringify(value))
  const head = { 'content-type': 'application/json', 'content-length': String(body.length), ...headers }
  sender.after(delay, () => sender.send(status, head, cut ? halfOf(body) : [body].values(), 0))
}

function* halfOf(body: Buffer): Generator<Buffer> {
  yield body.subarray(0, Math.floor(body.length / 2))
  throw new Error('The loopback provider was told to break the connection.')
}

function requestId(): { readonly 'x-request-id': string } {
  return { 'x-request-id': `loopback_${randomUUID()}` }
}
