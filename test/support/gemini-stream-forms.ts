import { list, parseObject } from './json-fields.ts'
import { referenceEvents } from './reference-events.ts'

/** The chunks of an array as events, which is the only form that the vendor's client reads. */
export function asEvents(body: Buffer): Buffer {
  const chunks: unknown = JSON.parse(body.toString('utf8'))
  const events = list(chunks).map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`)
  return Buffer.from(events.join(''))
}

/** The chunks of events as an array, written as the vendor writes it: a comma on a line of its own between two of them. */
export function asArray(body: Buffer): Buffer {
  const chunks = referenceEvents(body).map(({ data }) => JSON.stringify(parseObject(data), null, 2))
  return Buffer.from(`[${chunks.join('\n,\n')}\n]`)
}
