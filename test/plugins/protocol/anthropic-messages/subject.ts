import {
  type Conversation,
  type EncodeReplyOptions,
  EventFramer,
  type JsonObject,
  LossSink,
  type ModelFacts,
  type Protocol,
  parseEvents,
  type Reply,
  ReplyAccumulator,
  type ReplyEvent,
  type Turn,
} from 'tokligence'
import anthropicMessages from 'tokligence/plugins/protocol/anthropic-messages'
import { setUp } from '../../set-up.ts'

export const protocol = await setUp<Protocol>(anthropicMessages())

export const protocolId = 'anthropic-messages'

export function decodeRequest(body: unknown): Conversation {
  return protocol.decodeRequest(body as JsonObject, {
    operation: 'generate',
    body: Buffer.alloc(0),
    params: {},
    query: new URLSearchParams(),
    headers: {},
  })
}

export interface Encoded {
  readonly body: JsonObject
  readonly messages: readonly JsonObject[]
  readonly losses: LossSink['losses']
}

export function encodeRequest(conversation: Conversation, facts: ModelFacts = {}): Encoded {
  const losses = new LossSink()
  const body = protocol.encodeRequest(conversation, { losses, facts })
  return { body, messages: body.messages as JsonObject[], losses: losses.losses }
}

/** A conversation as another protocol's decoder would make it. */
export function conversation(turns: readonly Turn[], fields: Partial<Conversation> = {}): Conversation {
  return { model: 'claude-test', stream: false, instructions: [], instructionsForm: 'none', turns, tools: [], sampling: {}, maxOutputTokens: 1000, ...fields }
}

export function said(role: Turn['role'], ...content: readonly (string | Turn['blocks'][number])[]): Turn {
  return { role, form: 'blocks', blocks: content.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)) }
}

export function called(id: string, name = 'look', argumentsText = '{}'): Turn['blocks'][number] {
  return { type: 'tool-call', id, name, argumentsText, form: 'json', executedBy: 'client' }
}

export function answered(callId: string, text = 'seen'): Turn['blocks'][number] {
  return { type: 'tool-result', callId, content: [{ type: 'text', text }], form: 'text' }
}

export function replyOptions(losses = new LossSink(), fields: Partial<EncodeReplyOptions> = {}): EncodeReplyOptions {
  return { losses, conversation: conversation([]), estimatedInput: 7, replyId: '01890a5d-ac96-774b-bcce-b302099a8057', ...fields }
}

/** The events of a stream that comes in the given pieces. */
export function eventsOf(pieces: readonly Buffer[]): ReplyEvent[] {
  const framer = new EventFramer()
  const decoder = protocol.createStreamDecoder()
  const events: ReplyEvent[] = []
  const read = (bytes: Buffer | undefined) => {
    if (!bytes) return
    for (const event of parseEvents(bytes.toString('utf8'))) events.push(...decoder.push(event))
  }
  for (const piece of pieces) read(framer.push(piece))
  read(framer.rest())
  events.push(...decoder.end())
  return events
}

export function accumulate(events: readonly ReplyEvent[]): Reply {
  const accumulator = new ReplyAccumulator()
  for (const event of events) accumulator.push(event)
  return accumulator.reply()
}

/** The bytes that a Messages caller would read. */
export function encodeStream(events: readonly ReplyEvent[], options = replyOptions()): string {
  const encoder = protocol.createStreamEncoder(options)
  return events.map((event) => encoder.push(event)).join('')
}

/** Server-sent events as a vendor writes them. */
export function stream(...events: readonly (JsonObject & { readonly type: string })[]): Buffer {
  return Buffer.from(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''))
}

/** The data of each event in a stream that was written. */
export function written(bytes: string): JsonObject[] {
  return parseEvents(bytes).map(({ data }) => JSON.parse(data) as JsonObject)
}
