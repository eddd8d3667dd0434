import type { JsonObject } from 'tokligence'
import type { EventWriter } from './event-writer.ts'
import { announced, hostedEvents } from './hosted-events.ts'

/** An item that a stream has begun. */
export interface OpenItem {
  readonly id: string
  readonly index: number
}

/** The items of a stream: their numbers, the events that begin and end them, and all that were ended. */
export class OutputStream {
  readonly done: JsonObject[] = []
  readonly #events: EventWriter
  #opened = 0

  constructor(events: EventWriter) {
    this.#events = events
  }

  /** `item` as it is when nothing of it has been written. */
  begin(item: JsonObject, id: string): { readonly open: OpenItem; readonly bytes: string } {
    const open = { id, index: this.#opened++ }
    const running = item.status === undefined ? item : { ...item, status: 'in_progress' }
    return { open, bytes: this.#events.write('response.output_item.added', { output_index: open.index, item: running }) }
  }

  /** An event inside of an item. */
  inside(open: OpenItem, type: string, fields: JsonObject): string {
    return this.#events.write(`response.${type}`, { item_id: open.id, output_index: open.index, ...fields })
  }

  end(open: OpenItem, item: JsonObject): string {
    this.done.push(item)
    return this.#events.write('response.output_item.done', { output_index: open.index, item })
  }

  /** An item that is written at once. */
  whole(item: JsonObject): string {
    const { open, bytes } = this.begin(announced(item), typeof item.id === 'string' ? item.id : '')
    return bytes + hostedEvents(item, open, this) + this.end(open, item)
  }
}
