import {
  type Conversation,
  type EncodeReplyOptions,
  EventFramer,
  isJsonObject,
  type Json,
  type JsonObject,
  LossSink,
  parseEvents,
  type Reply,
  ReplyAccumulator,
  type ReplyEvent,
} from 'tokligence'
import { responsesProtocol } from '../../../../plugins/protocol/openai-responses/protocol.ts'

export const protocol = responsesProtocol

export const protocolId = 'openai-responses'

export function decodeRequest(body: JsonObject): Conversation {
  return protocol.decodeRequest(body, { operation: 'generate', body: Buffer.from(JSON.stringify(body)), params: {}, query: new URLSearchParams(), headers: {} })
}

export function replyOptions(request: JsonObject = {}, losses = new LossSink()): EncodeReplyOptions {
  const conversation = decodeRequest({ model: 'gpt-test', input: 'Hello', ...request })
  return { losses, conversation, estimatedInput: 7, replyId: '0190a000-0000-7000-8000-000000000000' }
}

/** The events of a stream, given to the decoder in pieces as a socket gives them. */
export function decodePieces(pieces: readonly Buffer[]): ReplyEvent[] {
  const framer = new EventFramer()
  const decoder = protocol.createStreamDecoder()
  const events: ReplyEvent[] = []
  const read = (bytes: Buffer) => {
    for (const event of parseEvents(bytes.toString('utf8'))) events.push(...decoder.push(event))
  }
  for (const piece of pieces) {
    const whole = framer.push(piece)
    if (whole) read(whole)
  }
  const rest = framer.rest()
  if (rest.length > 0) read(Buffer.concat([rest, Buffer.from('\n\n')]))
  events.push(...decoder.end())
  return events
}

export function decodeStream(...data: readonly JsonObject[]): ReplyEvent[] {
  return decodePieces([sse(...data)])
}

/** Each value as the data of an event of its type. */
export function sse(...data: readonly JsonObject[]): Buffer {
  return Buffer.from(data.map((value) => `event: ${String(value.type)}\ndata: ${JSON.stringify(value)}\n\n`).join(''))
}

export function accumulate(events: readonly ReplyEvent[]): Reply {
  const accumulator = new ReplyAccumulator()
  for (const event of events) accumulator.push(event)
  return accumulator.reply()
}

export function encodeEvents(events: readonly ReplyEvent[], options = replyOptions({ stream: true })): string {
  const encoder = protocol.createStreamEncoder(options)
  return events.map((event) => encoder.push(event)).join('')
}

/** The parsed data of a stream's events. */
export function dataOf(stream: string | Buffer): JsonObject[] {
  return parseEvents(stream.toString()).map(({ data }) => JSON.parse(data) as JsonObject)
}

/** The response in the last event of a stream. */
export function lastResponse(stream: string | Buffer): JsonObject {
  const { response } = dataOf(stream).at(-1) ?? {}
  if (!isJsonObject(response)) throw new Error('The last event of the stream holds no response.')
  return response
}

export function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}

export function responseOf(output: readonly JsonObject[], fields: JsonObject = {}): JsonObject {
  return { id: 'resp_1', object: 'response', created_at: 1_700_000_000, model: 'gpt-test', status: 'completed', output, ...fields }
}
