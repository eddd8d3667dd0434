import { isJsonObject, type JsonObject, mergeUsage, parseEvents, type ReplySummary, type StreamRelay, type Usage, type WireError } from 'tokligence'
import { decodeErrorValue } from '../failure/decode-error.ts'
import { decodeUsage } from '../reply/usage.ts'
import { jsonObjectOf } from '../wire/json-object.ts'
import { doneLine, type EventBounds, EventReader, eventAround } from './event-text.ts'

const nothing = Buffer.alloc(0)

/**
 * The words that tell something, found in one pass. Within JSON strings quotes are escaped, so a hit is the name of a member; those with a value
 * of null are passed over, and deltas that say nothing, or no more than the role.
 */
const signs =
  /"delta"\s*:(?!\s*\{\s*(?:"role"\s*:\s*"\w+"\s*(?:,\s*)?)?(?:"content"\s*:\s*(?:""|null)\s*(?:,\s*)?)?(?:"refusal"\s*:\s*null\s*)?\})|"finish_reason"\s*:\s*"([^"]*)"|"usage"\s*:\s*\{|"error"\s*:\s*[^\sn]|\[DONE\]/g

/** Reads along in a stream that goes through untouched, and parses only the events that hold usage or an error. */
export class ChatRelay implements StreamRelay {
  readonly withheld: Buffer[] = []
  readonly #stripUsage: boolean
  readonly #reader = new EventReader(parseChunk)
  #done = false
  #id: string | undefined
  #model: string | undefined
  #usage: Usage | undefined
  #finish: string | undefined
  #error: WireError | undefined
  #contentEvents = 0

  constructor(options: { readonly stripUsage: boolean }) {
    this.#stripUsage = options.stripUsage
  }

  push(events: Buffer): Buffer {
    if (this.#done) {
      this.withheld.push(events)
      return nothing
    }
    // One character per byte, so that positions in the text are positions in the bytes.
    const text = events.toString('latin1')
    if (this.#id === undefined) this.#readName(events, text)
    const { end, stripped } = this.#read(events, text)
    if (this.#done) this.withheld.push(events.subarray(end))
    return without(events, stripped, end)
  }

  /** A finish reason is as good as `[DONE]`: compatible hosts leave that out. */
  summary(): ReplySummary {
    return {
      ...(this.#usage && { usage: this.#usage }),
      ...(this.#id !== undefined && { id: this.#id }),
      ...(this.#model !== undefined && { model: this.#model }),
      ...(this.#finish !== undefined && { finish: this.#finish }),
      ...(this.#error && { error: this.#error }),
      complete: this.#error === undefined && (this.#done || this.#finish !== undefined),
      contentEvents: this.#contentEvents,
    }
  }

  /** Where the terminal event begins, if it is there, and the events before it that are to be taken out. */
  #read(events: Buffer, text: string): { readonly end: number; readonly stripped: readonly EventBounds[] } {
    const stripped: EventBounds[] = []
    let usageIn: EventBounds | undefined
    for (const sign of text.matchAll(signs)) {
      switch (text[sign.index + 1]) {
        case 'd':
          this.#contentEvents++
          break
        case 'f':
          this.#finish = sign[1] || this.#finish
          break
        case 'e':
          this.#readError(this.#reader.around(events, text, sign.index).value)
          break
        case 'u': {
          const { bounds, value: chunk } = this.#reader.around(events, text, sign.index)
          if (chunk && bounds !== usageIn && this.#readUsage(chunk)) {
            usageIn = bounds
            if (this.#stripUsage && isUsageOnly(chunk)) stripped.push(bounds)
          }
          break
        }
        default: {
          const line = doneLine(text, sign.index)
          if (line === -1) break
          this.#done = true
          return { end: eventAround(text, line).start, stripped }
        }
      }
    }
    return { end: events.length, stripped }
  }

  #readName(events: Buffer, text: string): void {
    for (const sign of text.matchAll(/"id"\s*:\s*"[^"]/g)) {
      const { id, model } = this.#reader.around(events, text, sign.index).value ?? {}
      if (typeof id !== 'string' || id === '') continue
      this.#id = id
      if (typeof model === 'string' && model !== '') this.#model = model
      return
    }
  }

  #readError(chunk: JsonObject | undefined): void {
    if (chunk?.error) this.#error ??= decodeErrorValue(chunk.error)
  }

  #readUsage(chunk: JsonObject): boolean {
    const usage = decodeUsage(chunk.usage) ?? decodeUsage(isJsonObject(chunk.x_groq) ? chunk.x_groq.usage : undefined)
    if (usage) this.#usage = mergeUsage(this.#usage, usage)
    return usage !== undefined
  }
}

/** Usage that rides on a choice stays: only the event that the flag added is taken out. */
function isUsageOnly(chunk: JsonObject): boolean {
  return isJsonObject(chunk.usage) && Array.isArray(chunk.choices) && chunk.choices.length === 0
}

function parseChunk(text: string): JsonObject | undefined {
  const [event] = parseEvents(text.endsWith('\n') || text.endsWith('\r') ? text : `${text}\n\n`)
  // What is no JSON is not ours to judge: the caller gets these bytes as they are, and reads them with its own parser.
  return event && jsonObjectOf(event.data)
}

/** The bytes before `end` but for the events taken out; the same buffer when that is all of it. */
function without(events: Buffer, stripped: readonly EventBounds[], end: number): Buffer {
  if (stripped.length === 0) return end === events.length ? events : events.subarray(0, end)
  const kept: Buffer[] = []
  let from = 0
  for (const bounds of stripped) {
    kept.push(events.subarray(from, Math.min(bounds.start, end)))
    from = bounds.end
  }
  if (from < end) kept.push(events.subarray(from, end))
  return Buffer.concat(kept)
}
