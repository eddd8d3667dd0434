import { type IncomingCall, parseEvents, type StreamFraming } from 'tokligence'

/** Callers that do not ask for events with `alt=sse` get one array, as the vendor writes it: each chunk an element as soon as it is there. */
export function framing({ params, query }: IncomingCall): StreamFraming | undefined {
  const streams = params['*']?.endsWith(':streamGenerateContent') === true
  return streams && query.get('alt') !== 'sse' ? new ArrayFraming() : undefined
}

/** What a ping begins with; a chunk of the reply that has no candidates has figures in its usage. */
const silence = /^\{"usageMetadata":\{\}/

class ArrayFraming implements StreamFraming {
  readonly contentType = 'application/json; charset=UTF-8'
  #begun = false
  #failed = false

  push(events: Buffer | string): string {
    if (events.length === 0) return ''
    // The last event of a stream may lack its blank line.
    const found = parseEvents(`${events.toString()}\n\n`).filter(({ data }) => data.trim() !== '' && !silence.test(data))
    // What says nothing, such as a ping, keeps the connection alive as white space.
    if (found.length === 0) return '\n'
    let text = ''
    for (const { data } of found) {
      // An error may stand there in two forms, and nothing follows it.
      if (this.#failed) break
      this.#failed = /^\{\s*"error"/.test(data)
      text += this.#begun ? `,\r\n${data}\n` : `[${data}\n`
      this.#begun = true
    }
    return text
  }

  end(): string {
    return this.#begun ? ']\n' : '[]\n'
  }
}
