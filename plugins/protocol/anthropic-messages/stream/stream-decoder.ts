import {
  type Block,
  type ErrorCode,
  errorTable,
  isEmpty,
  isJsonObject,
  type Json,
  type JsonObject,
  type ReplyEvent,
  type ServerSentEvent,
  type StreamDecoder,
  type ToolCallBlock,
} from 'tokligence'
import { decodeCitation } from '../message/citations.ts'
import { decodeBlock } from '../message/decode-block.ts'
import { decodeHead, endFields } from '../reply/decode-reply.ts'
import { decodeStop } from '../reply/stop-reason.ts'
import { decodeUsage, mergeRawUsage, usageRest } from '../reply/usage.ts'
import { keepAlways, protocolId } from '../wire/extensions.ts'
import { asObject, expectObject, expectString, ShapeError, take } from '../wire/shape.ts'
import { decodeStreamError } from '../wire/wire-error.ts'
import { HeldBlock } from './held-block.ts'

interface OpenBlock {
  /** The block's number in the events; undefined while it is held back. */
  readonly index?: number
  readonly held?: HeldBlock
  /** Arguments that came with the opening; deltas, if any come, replace them. */
  opening?: string
}

export class MessageStreamDecoder implements StreamDecoder {
  /** By the number on the wire. */
  readonly #open = new Map<number, OpenBlock>()
  #nextIndex = 0
  #started = false
  #ended = false
  #rawUsage: JsonObject | undefined
  #stop: { reason?: string; sequence?: string } = {}
  #end: JsonObject = {}

  push({ event, data }: ServerSentEvent): readonly ReplyEvent[] {
    if (this.#ended || event === 'ping') return []
    const events: ReplyEvent[] = []
    try {
      this.#read(data, events)
    } catch (error) {
      // RangeError: values nested too deeply for the stack.
      if (!(error instanceof ShapeError || error instanceof SyntaxError || error instanceof RangeError)) throw error
      events.push(this.#fail('TKL_UPSTREAM_MALFORMED', `The provider’s stream cannot be read: ${error.message}`))
    }
    return events
  }

  end(): readonly ReplyEvent[] {
    if (this.#ended) return []
    const events: ReplyEvent[] = []
    // A block that is held back is not whole, so it is left out.
    for (const { index } of this.#open.values()) if (index !== undefined) events.push({ type: 'block-end', index })
    events.push(this.#fail('TKL_UPSTREAM_CUT', 'The provider’s stream ended before the reply was whole.'))
    return events
  }

  #read(data: string, events: ReplyEvent[]): void {
    // Some compatible hosts close with the sign of another protocol.
    if (data === '[DONE]') return
    const value = expectObject(JSON.parse(data) as Json, 'The event')
    const type = expectString(value.type, 'type')
    if (type === 'ping') return
    if (type === 'error') {
      this.#ended = true
      events.push({ type: 'error', error: decodeStreamError(value) })
      return
    }
    if (type === 'message_start') {
      this.#start(expectObject(value.message, 'message'), events)
      return
    }
    if (!this.#started) this.#start({}, events)
    this.#dispatch(type, value, events)
  }

  #dispatch(type: string, value: JsonObject, events: ReplyEvent[]): void {
    switch (type) {
      case 'content_block_start':
        this.#openBlock(wireIndexOf(value), expectObject(value.content_block, 'content_block'), events)
        return
      case 'content_block_delta':
        this.#delta(wireIndexOf(value), expectObject(value.delta, 'delta'), events)
        return
      case 'content_block_stop':
        this.#close(wireIndexOf(value), events)
        return
      case 'message_delta':
        this.#messageDelta(value, events)
        return
      case 'message_stop':
        this.#stopMessage(events)
        return
      default:
        events.push({ type: 'foreign', protocol: protocolId, kind: type, value })
    }
  }

  #start(message: JsonObject, events: ReplyEvent[]): void {
    if (this.#started) return
    this.#started = true
    const { fields, rest } = decodeHead(message)
    events.push({ type: 'reply-start', ...fields, ...keepAlways(rest) })
    this.#usage(message.usage, events)
    if (!Array.isArray(message.content)) return
    for (const [wireIndex, block] of message.content.entries()) {
      this.#openBlock(wireIndex, expectObject(block as Json, `message.content[${wireIndex}]`), events)
      this.#close(wireIndex, events)
    }
  }

  #openBlock(wireIndex: number, wire: JsonObject, events: ReplyEvent[]): void {
    // A host that numbers all its blocks alike means one after the other.
    if (this.#open.has(wireIndex)) this.#close(wireIndex, events)
    const block = decodeBlock(readyForDeltas(wire), 'content_block')
    if (isWhole(block)) {
      this.#open.set(wireIndex, { held: new HeldBlock(wire) })
      return
    }
    const index = this.#nextIndex++
    this.#open.set(wireIndex, { index, ...(block.type === 'tool-call' && { opening: block.argumentsText }) })
    events.push({ type: 'block-start', index, block: block.type === 'tool-call' ? ({ ...block, argumentsText: '' } satisfies ToolCallBlock) : block })
  }

  #delta(wireIndex: number, delta: JsonObject, events: ReplyEvent[]): void {
    const open = this.#open.get(wireIndex)
    if (!open) throw new ShapeError('content_block_delta', `for an open block, not for number ${wireIndex}`)
    if (open.held) open.held.push(delta)
    if (open.index === undefined) return
    const { index } = open
    switch (delta.type) {
      case 'text_delta':
        this.#text(index, expectString(delta.text, 'delta.text'), events)
        return
      case 'thinking_delta':
        this.#text(index, expectString(delta.thinking, 'delta.thinking'), events)
        return
      case 'input_json_delta': {
        const fragment = expectString(delta.partial_json, 'delta.partial_json')
        if (fragment !== '') delete open.opening
        this.#text(index, fragment, events)
        return
      }
      case 'signature_delta': {
        const value = expectString(delta.signature, 'delta.signature')
        if (value !== '') events.push({ type: 'block-delta', index, delta: { type: 'sealed', sealed: { issuer: protocolId, value } } })
        return
      }
      case 'citations_delta':
        events.push({
          type: 'block-delta',
          index,
          delta: { type: 'annotation', annotation: decodeCitation(expectObject(delta.citation, 'delta.citation')) },
        })
        return
      default:
        events.push({ type: 'block-delta', index, delta: { type: 'foreign', protocol: protocolId, value: delta } })
    }
  }

  #text(index: number, text: string, events: ReplyEvent[]): void {
    if (text !== '') events.push({ type: 'block-delta', index, delta: { type: 'text', text } })
  }

  #close(wireIndex: number, events: ReplyEvent[]): void {
    const open = this.#open.get(wireIndex)
    if (!open) return
    this.#open.delete(wireIndex)
    if (open.held) {
      const index = this.#nextIndex++
      events.push({ type: 'block-start', index, block: decodeBlock(open.held.whole(), 'content_block') }, { type: 'block-end', index })
      return
    }
    if (open.index === undefined) return
    if (open.opening !== undefined) this.#text(open.index, open.opening, events)
    events.push({ type: 'block-end', index: open.index })
  }

  #messageDelta(value: JsonObject, events: ReplyEvent[]): void {
    const delta = asObject(value.delta) ?? {}
    const { stop_reason, stop_sequence } = take(delta, ['stop_reason', 'stop_sequence']).fields
    if (stop_reason !== undefined) this.#stop.reason = expectString(stop_reason, 'delta.stop_reason')
    if (stop_sequence !== undefined) this.#stop.sequence = expectString(stop_sequence, 'delta.stop_sequence')
    const restOfUsage = usageRest(value.usage)
    this.#end = { ...this.#end, ...endFields(delta), ...(!isEmpty(restOfUsage) && { usage: restOfUsage }) }
    this.#usage(value.usage, events)
  }

  #usage(value: Json | undefined, events: ReplyEvent[]): void {
    if (!isJsonObject(value)) return
    this.#rawUsage = mergeRawUsage(this.#rawUsage, value)
    const usage = decodeUsage(this.#rawUsage)
    if (usage) events.push({ type: 'usage', usage })
  }

  #stopMessage(events: ReplyEvent[]): void {
    for (const wireIndex of [...this.#open.keys()]) this.#close(wireIndex, events)
    this.#ended = true
    events.push({ type: 'finish', finish: decodeStop(this.#stop.reason, this.#stop.sequence), ...keepAlways(this.#end) }, { type: 'reply-end' })
  }

  #fail(code: ErrorCode, message: string): ReplyEvent {
    this.#ended = true
    const { status, kind } = errorTable[code]
    return { type: 'error', error: { status, kind, message, code } }
  }
}

/** True for a block that events hold in one piece: one without a neutral form, and what a tool of the provider was asked and answered. */
function isWhole(block: Block): boolean {
  return block.type === 'foreign' || block.type === 'tool-result' || (block.type === 'tool-call' && block.executedBy === 'provider')
}

/** A block may open without its content; an empty signature or list of citations announces deltas and says nothing by itself. */
function readyForDeltas(wire: JsonObject): JsonObject {
  switch (wire.type) {
    case 'tool_use':
      return { ...wire, input: wire.input ?? {} }
    case 'thinking': {
      const { signature, ...rest } = wire
      return { ...rest, thinking: wire.thinking ?? '', ...(signature && { signature }) }
    }
    case 'text': {
      const { citations, ...rest } = wire
      return { ...rest, text: wire.text ?? '', ...(Array.isArray(citations) && citations.length > 0 && { citations }) }
    }
    default:
      return wire
  }
}

function wireIndexOf(event: JsonObject): number {
  if (typeof event.index !== 'number') throw new ShapeError('index', 'a number')
  return event.index
}
