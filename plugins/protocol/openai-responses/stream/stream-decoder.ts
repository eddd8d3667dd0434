import { isDeepStrictEqual } from 'node:util'
import {
  type Block,
  GatewayError,
  isJsonObject,
  type Json,
  type JsonObject,
  type ReplyEvent,
  replyReader as read,
  type ServerSentEvent,
  type StreamDecoder,
} from 'tokligence'
import { decodeFinish } from '../reply/finish.ts'
import { decodeFailure } from '../reply/response-error.ts'
import { type Described, decodeDescription } from '../reply/response-fields.ts'
import { decodeUsage } from '../reply/usage.ts'
import { protocolId } from '../wire/wire-memo.ts'
import { ItemDecoder } from './item-decoder.ts'

type Emit = (event: ReplyEvent) => void

const endings = new Set(['response.completed', 'response.incomplete', 'response.cancelled', 'response.done'])

/**
 * The vendor's stream of a response. Of the events only the end of each item and the end of the response are needed: hosts leave the others out, and
 * some even the items that the last event lists.
 */
export class ResponsesStreamDecoder implements StreamDecoder {
  #over = false
  #start: Described | undefined
  #blocks = 0
  readonly #items = new Map<number, ItemDecoder>()
  readonly #said = { calls: false, refusal: false }

  push(event: ServerSentEvent): readonly ReplyEvent[] {
    if (this.#over || event.data === '' || event.data.trim() === '[DONE]') return []
    return this.#gather((emit) => this.#event(parseEvent(event.data), event.event, emit))
  }

  end(): readonly ReplyEvent[] {
    if (this.#over) return []
    return this.#gather(() => {
      throw new GatewayError('TKL_UPSTREAM_CUT', 'The provider’s stream ended before the reply was whole.')
    })
  }

  #gather(work: (emit: Emit) => void): readonly ReplyEvent[] {
    const emitted: ReplyEvent[] = []
    const emit = (event: ReplyEvent) => {
      if (event.type === 'block-start') this.#note(event.block)
      emitted.push(event)
    }
    try {
      work(emit)
    } catch (error) {
      this.#over = true
      emit({ type: 'error', error: readable(error).toWire() })
    }
    return emitted
  }

  #event(event: JsonObject, eventName: string, emit: Emit): void {
    const type = typeof event.type === 'string' ? event.type : eventName
    const { response, output_index: index } = event
    // Without a type of its own it is what the vendor breaks off with, whatever the event is called.
    if (type === 'error' || (event.type === undefined && isJsonObject(event.error))) this.#fail(event, emit)
    else if (type === 'response.failed') this.#failed(isJsonObject(response) ? response : {}, emit)
    else if (endings.has(type)) this.#finish(read.object(response, 'response'), emit)
    else if (isJsonObject(response)) this.#begin(response, emit)
    else if (Number.isInteger(index)) this.#inside(type, index as number, event, emit)
    else if (type.startsWith('response.') && event.item_id === undefined) this.#passOn(type, event, emit)
  }

  #inside(type: string, index: number, event: JsonObject, emit: Emit): void {
    this.#begin(undefined, emit)
    const item = this.#item(index)
    if (type === 'response.output_item.added') item.announce(read.object(event.item, 'item'), emit)
    else if (type === 'response.output_item.done') item.finish(read.object(event.item, 'item'), emit)
    else if (type === 'response.image_generation_call.partial_image') this.#passOn(type, event, emit)
    else item.push(type.slice('response.'.length), event, emit)
  }

  #begin(response: JsonObject | undefined, emit: Emit): void {
    if (this.#start) return
    this.#start = decodeDescription(response ?? {})
    emit({ type: 'reply-start', ...this.#start })
  }

  #finish(response: JsonObject, emit: Emit): void {
    this.#begin(response, emit)
    this.#finishItems(
      read.optionalArray(response.output ?? undefined, 'output').map((item, index) => read.object(item, `output[${index}]`)),
      emit,
    )
    const usage = decodeUsage(response.usage)
    if (usage) emit({ type: 'usage', usage })
    emit({ type: 'finish', finish: decodeFinish(response, this.#said) })
    const { serviceTier, ext } = decodeDescription(response)
    const late = {
      ...(serviceTier !== undefined && serviceTier !== this.#start?.serviceTier && { serviceTier }),
      ...(ext && !isDeepStrictEqual(ext, this.#start?.ext) && { ext }),
    }
    this.#over = true
    emit({ type: 'reply-end', ...late })
  }

  /** The items that the end lists are those that came, by their ids or else by their order: hosts number them with gaps, or name them anew. */
  #finishItems(output: readonly JsonObject[], emit: Emit): void {
    const came = [...this.#items.entries()].sort(([one], [other]) => one - other).map(([, item]) => item)
    const take = (fits: (item: ItemDecoder) => boolean) => {
      const place = came.findIndex(fits)
      return place === -1 ? undefined : came.splice(place, 1)[0]
    }
    const known = output.map((item) => (item.id === undefined ? undefined : take(({ id }) => id === item.id)))
    for (const [index, item] of output.entries()) {
      const decoder = known[index] ?? take(({ type }) => type === undefined || type === item.type) ?? new ItemDecoder(() => this.#blocks++)
      if (!decoder.done) decoder.finish(item, emit)
    }
    for (const decoder of came) decoder.abandon(emit)
  }

  #failed({ usage: raw, error }: JsonObject, emit: Emit): void {
    const usage = decodeUsage(raw)
    if (usage) emit({ type: 'usage', usage })
    this.#fail(error ?? undefined, emit)
  }

  #fail(failure: Json | undefined, emit: Emit): void {
    this.#over = true
    emit({ type: 'error', error: decodeFailure(failure) })
  }

  #passOn(type: string, event: JsonObject, emit: Emit): void {
    this.#begin(undefined, emit)
    emit({ type: 'foreign', protocol: protocolId, kind: type, value: event })
  }

  #item(index: number): ItemDecoder {
    let item = this.#items.get(index)
    if (!item) {
      item = new ItemDecoder(() => this.#blocks++)
      this.#items.set(index, item)
    }
    return item
  }

  #note(block: Block): void {
    if (block.type === 'tool-call' && block.executedBy === 'client') this.#said.calls = true
    if (block.type === 'refusal') this.#said.refusal = true
  }
}

/** Values that are nested too deeply for the stack are the provider's fault as well. */
function readable(error: unknown): GatewayError {
  if (GatewayError.is(error)) return error
  if (!(error instanceof RangeError)) throw error
  return new GatewayError('TKL_UPSTREAM_MALFORMED', 'The provider’s stream holds an event that is nested too deeply.', { cause: error })
}

function parseEvent(data: string): JsonObject {
  let event: Json
  try {
    event = JSON.parse(data) as Json
  } catch (error) {
    throw new GatewayError('TKL_UPSTREAM_MALFORMED', 'The provider’s stream holds an event that is not JSON.', { cause: error })
  }
  return read.object(event, 'the event')
}
