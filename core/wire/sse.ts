/** One event of a `text/event-stream`, as the WHATWG HTML standard (section 9.2) defines it. */
export interface ServerSentEvent {
  /** The `event:` field; empty when there was none. */
  readonly event: string
  /** The `data:` lines joined by newlines. */
  readonly data: string
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Largest single event that is buffered while its end is awaited. */
export const maximumEventBytes = 32 * 1024 * 1024

/**
 * Cuts a byte stream at event borders (LF LF, CR LF CR LF, CR CR, and mixes), whatever pieces it comes in.
 * Whole events come out as slices of the input where possible; an unfinished event waits for its rest.
 */
export class EventFramer {
  #waiting: Buffer[] = []
  #waitingBytes = 0

  /** The whole events in hand after this piece, or undefined when none has ended. Throws RangeError when one event exceeds `maximumEventBytes`. */
  push(chunk: Buffer): Buffer | undefined {
    const joined = this.#waitingBytes > 0 && needsContext(chunk) ? this.#join(chunk) : chunk
    const end = lastBorder(joined)
    if (end === -1) {
      if (joined !== chunk) {
        this.#waiting = [joined]
        this.#waitingBytes = joined.length
      } else {
        this.#waiting.push(chunk)
        this.#waitingBytes += chunk.length
      }
      if (this.#waitingBytes > maximumEventBytes) throw new RangeError(`An event of the stream is larger than ${maximumEventBytes} bytes.`)
      return undefined
    }
    const whole = joined === chunk && this.#waitingBytes > 0 ? this.#join(chunk.subarray(0, end)) : joined.subarray(0, end)
    const rest = joined.subarray(end)
    this.#waiting = rest.length > 0 ? [rest] : []
    this.#waitingBytes = rest.length
    return whole
  }

  /** What is left when the stream ends: an event without its closing blank line, or nothing. */
  rest(): Buffer {
    return Buffer.concat(this.#waiting)
  }

  #join(chunk: Buffer): Buffer {
    return Buffer.concat([...this.#waiting, chunk])
  }
}

/** A border can straddle two pieces only when the later one starts with a line end. */
function needsContext(chunk: Buffer): boolean {
  const first = chunk[0]
  return first === lineFeed || first === carriageReturn
}

/** The index behind the last blank line, or -1. */
function lastBorder(bytes: Buffer): number {
  let from = bytes.length - 1
  while (from > 0) {
    const at = Math.max(bytes.lastIndexOf(lineFeed, from), bytes.lastIndexOf(carriageReturn, from))
    if (at <= 0) return -1
    const before = bytes[at - 1]
    if (bytes[at] === lineFeed) {
      if (before === lineFeed) return at + 1
      // CR LF: the blank line needs a line end before this pair.
      if (before === carriageReturn && at >= 2 && isLineEnd(bytes[at - 2])) return at + 1
    } else if (isLineEnd(before)) {
      // A CR closes a line by itself, unless an LF is still to come; then the LF belongs to this border.
      return at + 1
    }
    from = at - 1
  }
  return -1
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === lineFeed || byte === carriageReturn
}

/** Parses whole events. Comments, `id:` and `retry:` fields are passed over; an event without data is dropped, as the standard says. */
export function parseEvents(text: string): ServerSentEvent[] {
  const events: ServerSentEvent[] = []
  let event = ''
  let data: string | undefined
  for (const line of splitLines(text)) {
    if (line === '') {
      if (data !== undefined) events.push({ event, data })
      event = ''
      data = undefined
      continue
    }
    const colon = line.indexOf(':')
    if (colon === 0) continue
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.charCodeAt(colon + 1) === 0x20 ? line.slice(colon + 2) : line.slice(colon + 1)
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`
    else if (field === 'event') event = value
  }
  return events
}

function splitLines(text: string): string[] {
  const clean = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  return clean.includes('\r') ? clean.split(/\r\n|\n|\r/) : clean.split('\n')
}

/** One event on the wire. `data` must hold no line break. */
export function formatEvent(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`
}
