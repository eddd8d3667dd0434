/**
 * Turns a stream of server-sent events into another form for the caller. One per answer; the pieces it is given hold whole events. Codecs and
 * relays know nothing of it.
 */
export interface StreamFraming {
  readonly contentType: string
  push(events: Buffer | string): string
  /** What ends the answer. */
  end(): string
}
