import { isJsonObject, type Json, type JsonObject, mergeUsage, parseEvents, type ReplySummary, type StreamRelay, type Usage, type WireError } from 'tokligence'
import { eventAround } from '../../openai-chat/stream/event-text.ts'
import { jsonObjectOf } from '../../openai-chat/wire/json-object.ts'
import { failedResponse } from '../reply/encode-response.ts'
import { decodeFailure } from '../reply/response-error.ts'
import { describe } from '../reply/summarize.ts'
import { EventWriter } from './event-writer.ts'
import { writeFailure } from './stream-error.ts'

const nothing = Buffer.alloc(0)

/**
 * The types that tell something, found in one pass. Within JSON strings quotes are escaped, so a hit is a member; whether it is the event's own is seen
 * when the event is parsed.
 */
const signs = /"type"\s*:\s*"(?:response\.(?:[a-z_]+\.delta|(created|completed|incomplete|failed))|(error))"/g

const sequence = /"sequence_number"\s*:\s*(\d+)/g

/** Reads along in a stream that goes through untouched, and parses its first and its last event. */
export class ResponsesRelay implements StreamRelay {
  readonly withheld: Buffer[] = []
  readonly #see: ((response: JsonObject) => void) | undefined
  #done = false
  #known: Pick<ReplySummary, 'id' | 'model' | 'finish'> = {}
  #created: Json | undefined
  #usage: Usage | undefined
  #error: WireError | undefined
  #contentEvents = 0
  #next = 0

  /** `see` is told the whole response, when it ends well. */
  constructor(see?: (response: JsonObject) => void) {
    this.#see = see
  }

  push(events: Buffer): Buffer {
    if (this.#done) {
      this.withheld.push(events)
      return nothing
    }
    // One character per byte, so that positions in the text are positions in the bytes.
    const text = events.toString('latin1')
    const end = this.#read(events, text)
    this.#count(text)
    if (end === events.length) return events
    this.withheld.push(events.subarray(end))
    return events.subarray(0, end)
  }

  summary(): ReplySummary {
    return {
      ...this.#known,
      ...(this.#usage && { usage: this.#usage }),
      ...(this.#error && { error: this.#error }),
      complete: this.#error === undefined && this.#done,
      contentEvents: this.#contentEvents,
    }
  }

  /** An error that ends the stream, numbered behind the last event that went through. */
  fail(error: WireError, requestId: string): string {
    const { id = `resp_${requestId.replaceAll('-', '')}`, model = '' } = this.#known
    return writeFailure(
      new EventWriter(this.#next),
      error,
      failedResponse({ id, model, ...(this.#created !== undefined && { created_at: this.#created }) }, error),
    )
  }

  /** Where the terminal event begins, if it is there. Errors are not held back: what follows them says no more. */
  #read(events: Buffer, text: string): number {
    signs.lastIndex = 0
    for (let sign = signs.exec(text); sign !== null; sign = signs.exec(text)) {
      const [, state, error] = sign
      if (state === undefined && error === undefined) {
        this.#contentEvents++
        continue
      }
      const { start, end } = eventAround(text, sign.index)
      // Each event is read once: tools that a vendor repeats may hold thousands of such words.
      signs.lastIndex = end
      if (this.#readEvent(parseOne(events.toString('utf8', start, end)))) return start
    }
    return events.length
  }

  /** True for the terminal event. */
  #readEvent(event: JsonObject | undefined): boolean {
    const response = isJsonObject(event?.response) ? event.response : undefined
    switch (event?.type) {
      case 'response.created':
        if (response) this.#describe(response, false)
        return false
      case 'error':
        this.#error ??= decodeFailure(event)
        return false
      case 'response.failed':
        if (response) this.#describe(response, true)
        this.#error ??= decodeFailure(response?.error ?? undefined)
        return false
      case 'response.completed':
      case 'response.incomplete':
        if (response) this.#describe(response, true)
        this.#done = true
        if (this.#see && response && this.#isWhole(response)) this.#see(response)
        return true
      default:
        // The word stood before the event's own type.
        if (typeof event?.type === 'string' && event.type.endsWith('.delta')) this.#contentEvents++
        return false
    }
  }

  /** Some hosts leave out of the last event what the others told. */
  #isWhole({ output }: JsonObject): boolean {
    return Array.isArray(output) && (output.length > 0 || this.#contentEvents === 0)
  }

  #describe(response: JsonObject, ended: boolean): void {
    const { usage, finish, ...named } = describe(response)
    this.#known = { ...this.#known, ...named, ...(ended && finish !== undefined && { finish }) }
    this.#created ??= response.created_at
    if (usage) this.#usage = mergeUsage(this.#usage, usage)
  }

  #count(text: string): void {
    const at = text.lastIndexOf('"sequence_number"')
    if (at === -1) return
    sequence.lastIndex = at
    const number = sequence.exec(text)?.[1]
    if (number !== undefined) this.#next = Number(number) + 1
  }
}

function parseOne(text: string): JsonObject | undefined {
  // The blank line may be missing at the end of a stream.
  const [event] = parseEvents(`${text}\n\n`)
  // What is no JSON is not ours to judge: the caller gets these bytes as they are, and reads them with its own parser.
  return event && jsonObjectOf(event.data)
}
