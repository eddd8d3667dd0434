import type { Recording } from '../support/recordings.ts'
import { dialects } from './dialects/index.ts'

/** One recorded stream was stored without the blank line at its end, so that the vendor's own client cannot read it. */
export function isWhole({ format, body }: Recording): boolean {
  return format !== 'sse' || /\r?\n\r?\n$/.test(body.toString('latin1'))
}

/** All places in a recorded stream where an event ends, up to the event that a pattern finds. */
function bordersBefore({ body }: Recording, pattern: RegExp): number[] {
  const text = body.toString('latin1')
  return [...text.slice(0, text.search(pattern)).matchAll(/\r?\n\r?\n/g)].map((border) => border.index + border[0].length)
}

/** Some of the places, spread evenly, where an event of the stream ends and the reply is not whole yet. */
export function bordersBeforeTheEnd(recording: Recording): number[] {
  const borders = bordersBefore(recording, dialects[recording.protocol].whole)
  const step = Math.max(1, Math.floor(borders.length / 8))
  return borders.filter((_, index) => index % step === 0)
}

/** The place where an event ends in the middle of what the model says. */
export function midway(recording: Recording): number {
  const borders = bordersBefore(recording, dialects[recording.protocol].finishing)
  return borders[Math.floor(borders.length / 2)] as number
}

/** The place behind everything that is said, before the vendor says why the reply ended. */
export function beforeTheEnd(recording: Recording): number {
  return bordersBefore(recording, dialects[recording.protocol].finishing).at(-1) as number
}
