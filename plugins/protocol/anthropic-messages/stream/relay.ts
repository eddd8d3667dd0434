import { isJsonObject, type Json, type JsonObject, parseEvents, type ReplySummary, type StreamRelay, type WireError } from 'tokligence'
import { decodeUsage, mergeRawUsage } from '../reply/usage.ts'
import { decodeStreamError } from '../wire/wire-error.ts'

const terminal = 'message_stop'
const nothing = Buffer.alloc(0)
// As bytes: a search for a string encodes it anew for every piece.
const words = {
  contentDelta: Buffer.from('"content_block_delta"'),
  usage: Buffer.from('"usage"'),
  error: Buffer.from('"error"'),
  terminal: Buffer.from(terminal),
}

/**
 * Reads a stream of this protocol in passing. Each piece costs a handful of native searches; events are only parsed in the pieces that open
 * and close the reply. Inside of JSON strings quotes are escaped, so a quoted word cannot be found in a model's text.
 */
export class MessageRelay implements StreamRelay {
  readonly withheld: Buffer[] = []
  #rawUsage: JsonObject | undefined
  #head: { id?: string; model?: string } = {}
  #finish: string | undefined
  #error: WireError | undefined
  #complete = false
  #contentEvents = 0

  push(events: Buffer): Buffer {
    if (this.#complete) {
      this.withheld.push(events)
      return nothing
    }
    this.#contentEvents += count(events, words.contentDelta)
    if (events.includes(words.usage) || events.includes(words.error)) this.#read(events)
    const start = events.includes(words.terminal) ? terminalStart(events) : -1
    if (start === -1) return events
    this.#complete = true
    this.withheld.push(events.subarray(start))
    return events.subarray(0, start)
  }

  summary(): ReplySummary {
    const usage = decodeUsage(this.#rawUsage)
    return {
      ...(usage && { usage }),
      ...this.#head,
      ...(this.#finish !== undefined && { finish: this.#finish }),
      complete: this.#complete,
      ...(this.#error && { error: this.#error }),
      contentEvents: this.#contentEvents,
    }
  }

  #read(events: Buffer): void {
    for (const { data } of parseEvents(events.toString('utf8'))) {
      if (!data.includes('"usage"') && !data.includes('"error"')) continue
      const value = parse(data)
      if (value?.type === 'message_start' && isJsonObject(value.message)) this.#readStart(value.message)
      else if (value?.type === 'message_delta') this.#readDelta(value)
      else if (value?.type === 'error') this.#error ??= decodeStreamError(value)
    }
  }

  #readStart(message: JsonObject): void {
    this.#head = {
      ...(typeof message.id === 'string' && { id: message.id }),
      ...(typeof message.model === 'string' && { model: message.model }),
    }
    this.#readUsage(message.usage)
  }

  #readDelta(value: JsonObject): void {
    const reason = isJsonObject(value.delta) ? value.delta.stop_reason : undefined
    if (typeof reason === 'string') this.#finish = reason
    this.#readUsage(value.usage)
  }

  #readUsage(usage: Json | undefined): void {
    if (isJsonObject(usage)) this.#rawUsage = mergeRawUsage(this.#rawUsage, usage)
  }
}

function count(bytes: Buffer, word: Buffer): number {
  let found = 0
  for (let at = bytes.indexOf(word); at !== -1; at = bytes.indexOf(word, at + word.length)) found++
  return found
}

/** A stream that is relayed goes on unread where it cannot be parsed: the caller gets the provider's own bytes. */
function parse(data: string): JsonObject | undefined {
  try {
    const value = JSON.parse(data) as Json
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Where the event that ends the reply begins, or -1: the word may also stand in a model's text. */
function terminalStart(events: Buffer): number {
  // latin1 keeps one character per byte, so positions are those of the buffer.
  const text = events.toString('latin1')
  let start = 0
  for (const border of text.matchAll(/\r\n\r\n|\n\n|\r\r|\n\r\n|\r\n\n/g)) {
    const end = border.index + border[0].length
    if (isTerminal(text.slice(start, end))) return start
    start = end
  }
  return start < text.length && isTerminal(`${text.slice(start)}\n\n`) ? start : -1
}

function isTerminal(event: string): boolean {
  if (!event.includes(terminal)) return false
  return parseEvents(event).some(({ event: name, data }) => name === terminal || parse(data)?.type === terminal)
}
