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
  /** The last two bytes that came, for a border that straddles pieces. */
  #last: number | undefined
  #lastButOne: number | undefined

  /** The whole events in hand after this piece, or undefined when none has ended. Throws RangeError when one event exceeds `maximumEventBytes`. */
  push(chunk: Buffer): Buffer | undefined {
    if (chunk.length === 0) return undefined
    const end = lastBorder(chunk, this.#last, this.#lastButOne)
    this.#lastButOne = chunk.length > 1 ? chunk[chunk.length - 2] : this.#last
    this.#last = chunk[chunk.length - 1]
    if (end === -1) {
      this.#wait(chunk)
      return undefined
    }
    const head = chunk.subarray(0, end)
    const whole = this.#waitingBytes > 0 ? Buffer.concat([...this.#waiting, head]) : head
    this.#waiting = []
    this.#waitingBytes = 0
    if (end < chunk.length) this.#wait(chunk.subarray(end))
    return whole
  }

  /** What is left when the stream ends: an event without its closing blank line, or nothing. */
  rest(): Buffer {
    return Buffer.concat(this.#waiting)
  }

  #wait(piece: Buffer): void {
    this.#waiting.push(piece)
    this.#waitingBytes += piece.length
    if (this.#waitingBytes > maximumEventBytes) throw new RangeError(`An event of the stream is larger than ${maximumEventBytes} bytes.`)
  }
}

/** The index behind the last blank line, or -1. `last` and `lastButOne` are the bytes before the piece. */
function lastBorder(bytes: Buffer, last: number | undefined, lastButOne: number | undefined): number {
  const byteAt = (index: number) => (index >= 0 ? bytes[index] : index === -1 ? last : lastButOne)
  let feed = bytes.lastIndexOf(lineFeed)
  let carriage = bytes.lastIndexOf(carriageReturn)
  for (;;) {
    const at = Math.max(feed, carriage)
    if (at === -1) return -1
    const before = byteAt(at - 1)
    // A CR closes a line by itself, unless an LF is still to come; then the LF belongs to this border.
    // CR LF is one line end: before it, another one makes the blank line.
    const blank = at === feed && before === carriageReturn ? isLineEnd(byteAt(at - 2)) : isLineEnd(before)
    if (blank) return at + 1
    if (at === feed) feed = at === 0 ? -1 : bytes.lastIndexOf(lineFeed, at - 1)
    else carriage = at === 0 ? -1 : bytes.lastIndexOf(carriageReturn, at - 1)
  }
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === lineFeed || byte === carriageReturn
}

/**
 * Parses whole events. Comments, `id:` and `retry:` fields are passed over; an event without data is dropped, and so is one whose closing blank
 * line is missing, as the standard says. A byte order mark is passed over at the start of any line: pieces of a stream are parsed alike, whether
 * they are its first or not.
 *
 * Some providers break off a stream with an error as bare JSON, which the standard would pass over: a block that begins with `{` or `[` is an event
 * whose data are all its lines.
 */
export function parseEvents(text: string): ServerSentEvent[] {
  const events: ServerSentEvent[] = []
  let event = ''
  let data: string | undefined
  let first = true
  let bare = false
  for (const line of wholeLines(text)) {
    if (line === '') {
      if (data !== undefined) events.push({ event, data })
      event = ''
      data = undefined
      first = true
      bare = false
      continue
    }
    if (first) bare = line.startsWith('{') || line.startsWith('[')
    first = false
    if (bare) {
      data = data === undefined ? line : `${data}\n${line}`
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

function wholeLines(text: string): string[] {
  const clean = text.includes('\uFEFF') ? text.replace(/(^|[\r\n])\uFEFF/g, '$1') : text
  const lines = clean.includes('\r') ? clean.split(/\r\n|\n|\r/) : clean.split('\n')
  // What stands behind the last line end is no whole line.
  lines.pop()
  return lines
}

/** One event on the wire. `data` must hold no line break. */
export function formatEvent(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`
}
