import {
  type Conversation,
  type EncodeReplyOptions,
  EventFramer,
  type Json,
  LossSink,
  parseEvents,
  type Reply,
  ReplyAccumulator,
  type ReplyEvent,
} from 'tokligence'
import { ContentsStreamDecoder } from '../../../../plugins/protocol/gemini/stream/stream-decoder.ts'
import { ContentsStreamEncoder } from '../../../../plugins/protocol/gemini/stream/stream-encoder.ts'

const conversation: Conversation = { model: 'gemini-test', stream: true, instructions: [], instructionsForm: 'none', turns: [], tools: [], sampling: {} }

export function replyOptions(losses = new LossSink()): EncodeReplyOptions {
  return { losses, conversation, estimatedInput: 7, replyId: '0190a000-0000-7000-8000-000000000000' }
}

/** The events of a stream, given to the decoder in pieces as a socket gives them. */
export function decodePieces(pieces: readonly Buffer[]): ReplyEvent[] {
  const framer = new EventFramer()
  const decoder = new ContentsStreamDecoder()
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

export function decodeStream(...chunks: readonly (Json | string)[]): ReplyEvent[] {
  return decodePieces([sse(...chunks)])
}

/** Each value as the data of an event; texts as they are. */
export function sse(...data: readonly (Json | string)[]): Buffer {
  return Buffer.from(data.map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\r\n\r\n`).join(''))
}

/** A chunk of a stream with these parts in its only candidate. */
export function chunk(parts: readonly Json[], candidate: Json = {}, rest: Json = {}): Json {
  const fields = candidate as { readonly [field: string]: Json }
  const others = rest as { readonly [field: string]: Json }
  return {
    candidates: [{ content: { parts, role: 'model' }, index: 0, ...fields }],
    usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 2, totalTokenCount: 6 },
    modelVersion: 'gemini-test',
    responseId: 'reply-1',
    ...others,
  }
}

export function accumulate(events: readonly ReplyEvent[]): Reply {
  const accumulator = new ReplyAccumulator()
  for (const event of events) accumulator.push(event)
  return accumulator.reply()
}

export function encodeEvents(events: readonly ReplyEvent[], options = replyOptions()): string {
  const encoder = new ContentsStreamEncoder(options)
  return events.map((event) => encoder.push(event)).join('')
}

/** The parsed data of a stream's events. */
export function dataOf(stream: string): Json[] {
  return parseEvents(stream).map(({ data }) => JSON.parse(data) as Json)
}

/** As it would be written: without what is undefined. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown
}
