/** The bounds of one event within a text of whole events. */
export interface EventBounds {
  readonly start: number
  /** Behind the event's closing blank line. */
  readonly end: number
}

/** What was read of an event, and where it stands. */
export interface ReadEvent<Value> {
  readonly bounds: EventBounds
  readonly value: Value
}

/** Reads the events around words that are looked for in order. Each is read once: a tool's arguments may hold thousands of such words. */
export class EventReader<Value> {
  readonly #parse: (text: string) => Value
  #events: Buffer | undefined
  #last: ReadEvent<Value> | undefined

  constructor(parse: (text: string) => Value) {
    this.#parse = parse
  }

  /** `text` is `events` with one character per byte. */
  around(events: Buffer, text: string, position: number): ReadEvent<Value> {
    if (this.#last && this.#events === events && position >= this.#last.bounds.start && position < this.#last.bounds.end) return this.#last
    const bounds = eventAround(text, position)
    this.#events = events
    this.#last = { bounds, value: this.#parse(events.toString('utf8', bounds.start, bounds.end)) }
    return this.#last
  }
}

/** The event that holds the character at `position`. */
export function eventAround(text: string, position: number): EventBounds {
  let start = lineStart(text, position)
  while (start > 0 && !blankLineBefore(text, start)) start = lineStart(text, beforeLineEnd(text, start))
  return { start, end: eventEnd(text, position) }
}

/**
 * Where the line begins whose `[DONE]` stands at `at` (a space may precede it), or -1 when it is no line of its own: the same word inside a
 * JSON string is not at the start of a line.
 */
export function doneLine(text: string, at: number): number {
  const field = text.charCodeAt(at - 1) === 0x20 ? at - 6 : at - 5
  return field >= 0 && text.startsWith('data:', field) && (field === 0 || isLineEnd(text.charCodeAt(field - 1))) ? field : -1
}

function lineStart(text: string, position: number): number {
  let start = position
  while (start > 0 && !isLineEnd(text.charCodeAt(start - 1))) start--
  return start
}

/** The last character of the line before the one that starts at `start`. */
function beforeLineEnd(text: string, start: number): number {
  const pair = text.charCodeAt(start - 1) === 0x0a && text.charCodeAt(start - 2) === 0x0d
  return start - (pair ? 2 : 1)
}

function blankLineBefore(text: string, start: number): boolean {
  const end = beforeLineEnd(text, start)
  return end === 0 || isLineEnd(text.charCodeAt(end - 1))
}

function eventEnd(text: string, position: number): number {
  let at = position
  for (;;) {
    while (at < text.length && !isLineEnd(text.charCodeAt(at))) at++
    if (at >= text.length) return text.length
    at = afterLineEnd(text, at)
    if (isLineEnd(text.charCodeAt(at))) return afterLineEnd(text, at)
  }
}

function afterLineEnd(text: string, at: number): number {
  return text.charCodeAt(at) === 0x0d && text.charCodeAt(at + 1) === 0x0a ? at + 2 : at + 1
}

function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d
}
