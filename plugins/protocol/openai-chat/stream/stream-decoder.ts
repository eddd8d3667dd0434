import { isDeepStrictEqual } from 'node:util'
import {
  GatewayError,
  isJsonObject,
  type Json,
  type JsonObject,
  type ReplyEvent,
  replyReader as read,
  type ServerSentEvent,
  type StreamDecoder,
} from 'tokligence'
import { decodeErrorValue } from '../failure/decode-error.ts'
import { takeDescription } from '../reply/decode-reply.ts'
import { decodeUsage } from '../reply/usage.ts'
import { protocolId, remember } from '../wire/wire-memo.ts'
import { ChoiceDecoder } from './choice-decoder.ts'

/**
 * Chunks as events. Blocks close when another kind of text begins or the reply ends; the finish of each choice waits for the end, because
 * hosts repeat it and send usage behind it.
 */
export class ChatStreamDecoder implements StreamDecoder {
  #over = false
  #started = false
  #description: JsonObject = {}
  /** Members of chunks that came, or changed, after the reply had begun. */
  #late: { [field: string]: Json } = {}
  #blocks = 0
  readonly #choices = new Map<number, ChoiceDecoder>()

  push(event: ServerSentEvent): readonly ReplyEvent[] {
    if (this.#over || event.data === '') return []
    const emitted: ReplyEvent[] = []
    const emit = (next: ReplyEvent) => emitted.push(next)
    try {
      if (isDone(event.data)) this.#close(emit)
      else this.#chunk(parseChunk(event.data), event.event, emit)
    } catch (error) {
      this.#fail(readable(error), emit)
    }
    return emitted
  }

  end(): readonly ReplyEvent[] {
    if (this.#over) return []
    const emitted: ReplyEvent[] = []
    const emit = (next: ReplyEvent) => emitted.push(next)
    const finished = this.#choices.size > 0 && [...this.#choices.values()].every((choice) => choice.finished)
    // Compatible hosts end without `[DONE]`.
    if (finished) this.#close(emit)
    else this.#fail(new GatewayError('TKL_UPSTREAM_CUT', 'The provider’s stream ended before the reply was whole.'), emit)
    return emitted
  }

  #chunk(chunk: JsonObject, eventName: string, emit: (event: ReplyEvent) => void): void {
    const failure = chunk.error || (eventName === 'error' ? chunk : undefined)
    if (failure) {
      this.#over = true
      emit({ type: 'error', error: decodeErrorValue(failure) })
      return
    }
    // Padding against traffic analysis says nothing of the reply.
    const { choices, usage: rawUsage, object: _, obfuscation: __, ...described } = chunk
    const list = choices === undefined || choices === null ? [] : read.array(choices, 'choices')
    // Groq tells usage in a member of its own.
    const usage = decodeUsage(rawUsage) ?? decodeUsage(isJsonObject(chunk.x_groq) ? chunk.x_groq.usage : undefined)
    this.#describe(described)
    // Azure's first chunk has neither a choice nor an id, only the verdict on the prompt.
    if (!this.#started && (list.length > 0 || usage)) this.#start(emit)
    for (const [position, value] of list.entries()) {
      const choice = read.object(value, `choices[${position}]`)
      this.#choice(Number.isInteger(choice.index) ? (choice.index as number) : position).push(choice, emit)
    }
    if (usage) emit({ type: 'usage', usage })
  }

  #describe(described: JsonObject): void {
    for (const field in described) {
      const value = described[field]
      const known = this.#description[field]
      if (value === undefined || value === null || value === known || isDeepStrictEqual(value, known)) continue
      if (this.#started) this.#late = { ...this.#late, [field]: value }
      else if (value !== '' && value !== 0) this.#description = { ...this.#description, [field]: value }
    }
  }

  #start(emit: (event: ReplyEvent) => void): void {
    this.#started = true
    const { known, rest } = takeDescription(this.#description)
    emit({ type: 'reply-start', ...known, ...remember(rest, { native: true }) })
  }

  #choice(index: number): ChoiceDecoder {
    let choice = this.#choices.get(index)
    if (!choice) {
      choice = new ChoiceDecoder(index, () => this.#blocks++)
      this.#choices.set(index, choice)
    }
    return choice
  }

  #close(emit: (event: ReplyEvent) => void): void {
    if (this.#choices.size === 0) throw new GatewayError('TKL_UPSTREAM_MALFORMED', 'The provider’s stream held no reply.')
    this.#over = true
    // The id, the model's name and the time of a reply are those it began with.
    const { known: _, rest } = takeDescription(this.#late)
    if (Object.keys(rest).length > 0) emit({ type: 'foreign', protocol: protocolId, kind: 'chunk', value: rest })
    for (const choice of this.#choices.values()) choice.closeBlocks(emit)
    for (const choice of this.#choices.values()) choice.finish(emit)
    emit({ type: 'reply-end' })
  }

  #fail(error: GatewayError, emit: (event: ReplyEvent) => void): void {
    this.#over = true
    emit({ type: 'error', error: error.toWire() })
  }
}

/** Values that are nested too deeply for the stack are the provider's fault as well. */
function readable(error: unknown): GatewayError {
  if (GatewayError.is(error)) return error
  if (!(error instanceof RangeError)) throw error
  return new GatewayError('TKL_UPSTREAM_MALFORMED', 'The provider’s stream holds an event that is nested too deeply.', { cause: error })
}

function isDone(data: string): boolean {
  return data.trimStart().startsWith('[DONE]')
}

function parseChunk(data: string): JsonObject {
  let chunk: Json
  try {
    chunk = JSON.parse(data) as Json
  } catch (error) {
    throw new GatewayError('TKL_UPSTREAM_MALFORMED', 'The provider’s stream holds an event that is not JSON.', { cause: error })
  }
  return read.object(chunk, 'the chunk')
}
