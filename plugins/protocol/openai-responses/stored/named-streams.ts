import type { EncodeReplyOptions, JsonObject, ReplyEvent } from 'tokligence'
import { ResponsesRelay } from '../stream/relay.ts'
import { ResponsesStreamEncoder } from '../stream/stream-encoder.ts'

/** Told the id of a reply before its caller is. */
export type Name = (id: string) => void

/** Reads the id of a native reply as its stream goes through. */
export class NamedRelay extends ResponsesRelay {
  readonly #name: Name
  #named = false

  constructor(name: Name, see: (response: JsonObject) => void) {
    super(see)
    this.#name = name
  }

  override push(events: Buffer): Buffer {
    const passed = super.push(events)
    if (this.#named) return passed
    const { id } = this.summary()
    if (id === undefined) return passed
    this.#named = true
    this.#name(id)
    return passed
  }
}

/** The same of a reply that is written here; one of another vendor's may keep the id that it came with. */
export class NamedStreamEncoder extends ResponsesStreamEncoder {
  readonly #name: Name

  constructor(name: Name, options: EncodeReplyOptions) {
    super(options)
    this.#name = name
  }

  override push(event: ReplyEvent): string {
    if (event.type === 'reply-start' && event.id !== undefined) this.#name(event.id)
    return super.push(event)
  }
}
