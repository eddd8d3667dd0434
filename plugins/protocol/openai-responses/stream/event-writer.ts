import { formatEvent, type JsonObject } from 'tokligence'

/** Writes the events of one stream, numbered without gaps. */
export class EventWriter {
  #next: number

  constructor(first = 0) {
    this.#next = first
  }

  /** The number of the next event. */
  get next(): number {
    return this.#next
  }

  write(type: string, fields: JsonObject): string {
    return formatEvent(JSON.stringify({ type, ...fields, sequence_number: this.#next++ }), type)
  }
}
