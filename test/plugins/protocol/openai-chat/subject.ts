import {
  type EncodeReplyOptions,
  EventFramer,
  type Json,
  type JsonObject,
  LossSink,
  parseEvents,
  type Reply,
  ReplyAccumulator,
  type ReplyEvent,
} from 'tokligence'
import { chatProtocol } from '../../../../plugins/protocol/openai-chat/protocol.ts'

export const protocol = chatProtocol

export function call(body: unknown) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return { operation: 'generate', body: bytes, params: {}, query: new URLSearchParams(), headers: {} } as const
}

export function decodeRequest(body: unknown) {
  return protocol.decodeRequest(JSON.parse(JSON.stringify(body)) as JsonObject, call(body))
}

/** A body decoded and encoded again, and what the encoder reported. */
export function roundTrip(body: unknown) {
  const losses = new LossSink()
  const again = protocol.encodeRequest(decodeRequest(body), { losses, facts: {} })
  return { again, losses: losses.losses }
}

export function replyOptions(request: Partial<JsonObject> = {}, losses = new LossSink()): EncodeReplyOptions {
  const conversation = decodeRequest({ model: 'gpt-test', messages: [], ...request })
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

export function decodeStream(...data: readonly (Json | string)[]): ReplyEvent[] {
  return decodePieces([sse(...data)])
}

/** Each value as the data of an event; texts as they are. */
export function sse(...data: readonly (Json | string)[]): Buffer {
  return Buffer.from(data.map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`).join(''))
}

export function chunk(choice: JsonObject, rest: JsonObject = {}): JsonObject {
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'gpt-test', choices: [{ index: 0, ...choice }], ...rest }
}

export function delta(fields: JsonObject, finish: string | null = null): JsonObject {
  return chunk({ delta: fields, finish_reason: finish })
}

export function accumulate(events: readonly ReplyEvent[]): Reply {
  const accumulator = new ReplyAccumulator()
  for (const event of events) accumulator.push(event)
  return accumulator.reply()
}

export function encodeEvents(events: readonly ReplyEvent[], options: EncodeReplyOptions): string {
  const encoder = protocol.createStreamEncoder(options)
  return events.map((event) => encoder.push(event)).join('')
}

/** The parsed data of a stream's events; `[DONE]` as text. */
export function dataOf(stream: string): Json[] {
  return parseEvents(stream).map(({ data }) => (data === '[DONE]' ? data : (JSON.parse(data) as Json)))
}
