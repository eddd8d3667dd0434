import { isJsonObject, type Json, type JsonObject, parseEvents, type ReplySummary, type StreamRelay, type WireError } from 'tokligence'
import { EventReader } from '../../openai-chat/stream/event-text.ts'
import { decodeErrorValue } from '../failure/decode-error.ts'
import { errorIn } from '../reply/decode-reply.ts'
import { blockWord, finishWord } from '../reply/finish-reason.ts'
import { decodeUsage, mergeRawUsage } from '../reply/usage.ts'
import { jsonOf } from '../wire/json-of.ts'

/** The words that tell something, found in one pass. Within JSON strings quotes are escaped, so a hit is the name of a member. */
const signs = /"parts"\s*:|"usageMetadata"\s*:\s*\{|"finishReason"\s*:\s*["\d]|"blockReason"\s*:\s*["\d]|"error"\s*:\s*[^\sn]/g

/**
 * Reads along in a stream that goes through untouched. Usage is in every chunk, so only its own text is parsed; whole events are parsed where they may end
 * the reply. With several candidates the first that ends is taken for the end: what follows is withheld with it.
 */
export class ContentsRelay implements StreamRelay {
  readonly withheld: Buffer[] = []
  readonly #reader = new EventReader(parseChunks)
  #named = false
  #id: string | undefined
  #model: string | undefined
  #rawUsage: JsonObject | undefined
  #finish: string | undefined
  #error: WireError | undefined
  #complete = false
  #contentEvents = 0

  push(events: Buffer): Buffer {
    // One character per byte, so that positions in the text are positions in the bytes.
    const text = events.toString('latin1')
    if (!this.#named) this.#readName(events, text)
    const end = this.#read(events, text)
    if (end === events.length) return events
    this.withheld.push(events.subarray(end))
    return events.subarray(0, end)
  }

  summary(): ReplySummary {
    const usage = decodeUsage(this.#rawUsage)
    return {
      ...(usage && { usage }),
      ...(this.#id !== undefined && { id: this.#id }),
      ...(this.#model !== undefined && { model: this.#model }),
      ...(this.#finish !== undefined && { finish: this.#finish }),
      ...(this.#error && { error: this.#error }),
      complete: this.#complete && this.#error === undefined,
      contentEvents: this.#contentEvents,
    }
  }

  /** Where the terminal event begins; the length when it is not there. */
  #read(events: Buffer, text: string): number {
    let end = this.#complete ? 0 : events.length
    for (const sign of text.matchAll(signs)) {
      switch (text[sign.index + 1]) {
        case 'p':
          this.#contentEvents++
          break
        case 'u':
          this.#readUsage(events, text, sign.index + sign[0].length - 1)
          break
        case 'e':
          if (this.#readError(events, text, sign.index)) end = Math.min(end, this.#startOf(events, text, sign.index))
          break
        default:
          if (this.#readEnd(events, text, sign.index)) end = Math.min(end, this.#startOf(events, text, sign.index))
      }
    }
    return end
  }

  #startOf(events: Buffer, text: string, position: number): number {
    return this.#reader.around(events, text, position).bounds.start
  }

  #readName(events: Buffer, text: string): void {
    const at = text.search(/"(?:responseId|modelVersion)"\s*:/)
    if (at === -1) return
    for (const chunk of this.#reader.around(events, text, at).value) {
      if (!isJsonObject(chunk)) continue
      this.#named = true
      if (typeof chunk.responseId === 'string' && chunk.responseId !== '') this.#id = chunk.responseId
      if (typeof chunk.modelVersion === 'string' && chunk.modelVersion !== '') this.#model = chunk.modelVersion
    }
  }

  #readUsage(events: Buffer, text: string, start: number): void {
    const usage = jsonOf(events.toString('utf8', start, objectEnd(events, start)))
    if (isJsonObject(usage)) this.#rawUsage = mergeRawUsage(this.#rawUsage, usage)
    // An event whose data stand on several lines can only be read as a whole.
    else
      for (const chunk of this.#reader.around(events, text, start).value)
        if (isJsonObject(chunk) && isJsonObject(chunk.usageMetadata)) this.#rawUsage = mergeRawUsage(this.#rawUsage, chunk.usageMetadata)
  }

  /** True for bare JSON, which not all clients notice: it is kept back, so that the error is said in a form that they do, unless it was already. */
  #readError(events: Buffer, text: string, at: number): boolean {
    if (this.#error) return false
    for (const chunk of this.#reader.around(events, text, at).value) {
      const error = errorIn(chunk)
      if (error !== undefined) this.#error ??= decodeErrorValue(error)
    }
    return this.#error !== undefined && '[{'.includes(text.charAt(this.#startOf(events, text, at)))
  }

  /** The same words may be names in a call's arguments. */
  #readEnd(events: Buffer, text: string, at: number): boolean {
    let ended = false
    for (const chunk of this.#reader.around(events, text, at).value) {
      const word = isJsonObject(chunk) ? endOf(chunk) : undefined
      if (word === undefined) continue
      ended = true
      this.#finish ??= word
    }
    this.#complete ||= ended
    return ended
  }
}

/** The word that ends a candidate, or the whole reply. */
function endOf({ candidates, promptFeedback }: JsonObject): string | undefined {
  const list: readonly Json[] = Array.isArray(candidates) ? candidates : []
  for (const candidate of list) {
    const word = isJsonObject(candidate) ? finishWord(candidate.finishReason) : undefined
    if (word !== undefined) return word
  }
  return list.length === 0 ? blockWord(promptFeedback) : undefined
}

/** What is no JSON is passed over: the caller gets these bytes as they are, and reads them with its own parser. */
function parseChunks(text: string): readonly Json[] {
  return parseEvents(`${text}\n\n`).flatMap(({ data }) => jsonOf(data) ?? [])
}

/** Behind the object that opens at `start`. Usage holds no braces within strings. */
function objectEnd(events: Buffer, start: number): number {
  let depth = 0
  for (let index = start; index < events.length; index++) {
    const byte = events[index]
    if (byte === 0x7b) depth++
    else if (byte === 0x7d && --depth === 0) return index + 1
  }
  return events.length
}
