import { createHash } from 'node:crypto'
import type { EmbeddingInput } from 'tokligence'

const defaultDimensions = 16

/** A vector of length 1 that is the same for the same input, and another for another: enough to try a search with, and nothing of meaning. */
export function embedText(input: EmbeddingInput, dimensions = defaultDimensions): number[] {
  const text = typeof input === 'string' ? input : input.join(' ')
  const values: number[] = []
  for (let block = 0; values.length < dimensions; block++) {
    const digest = createHash('sha256').update(`${block} ${text}`).digest()
    for (let at = 0; at + 4 <= digest.length && values.length < dimensions; at += 4) values.push(digest.readInt32LE(at) / 2 ** 31)
  }
  const length = Math.hypot(...values) || 1
  return values.map((value) => value / length)
}
