import { kindOfStatus, type Reply, type StreamEncoder } from 'tokligence'
import type { Behaviour } from './behaviour.ts'
import { streamEvents } from './stream-events.ts'

/** The reply's stream in pieces. Throws where the connection is to break. */
export function* streamBytes(reply: Reply, encoder: StreamEncoder, behaviour: Behaviour): Generator<Buffer> {
  if (behaviour.split === undefined) return yield* eventBytes(reply, encoder, behaviour)
  for (const bytes of eventBytes(reply, encoder, behaviour))
    for (let at = 0; at < bytes.length; at += behaviour.split) yield bytes.subarray(at, at + behaviour.split)
}

function* eventBytes(reply: Reply, encoder: StreamEncoder, { cut, errorMidway }: Behaviour): Generator<Buffer> {
  let left = cut !== undefined || errorMidway !== undefined ? Math.floor(countEvents(reply) / 2) : Number.POSITIVE_INFINITY
  for (const event of streamEvents(reply)) {
    if (left-- <= 0) break
    yield* piece(encoder.push(event))
  }
  if (cut === 'break') throw new Error('The loopback provider was told to break the connection.')
  if (errorMidway !== undefined && cut === undefined)
    yield* piece(
      encoder.push({
        type: 'error',
        error: { status: errorMidway, kind: kindOfStatus(errorMidway), message: 'The loopback provider was told to fail midway.' },
      }),
    )
}

function* piece(text: string): Generator<Buffer> {
  if (text !== '') yield Buffer.from(text)
}

function countEvents(reply: Reply): number {
  let count = 0
  for (const _ of streamEvents(reply)) count++
  return count
}
