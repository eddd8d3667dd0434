import { z } from 'zod'

/** The options of stores that bound what they keep. `byteLimit` is what the store takes when none is given. */
export function limitOptions(byteLimit: number) {
  return {
    timeToLive: z
      .number()
      .int()
      .positive()
      .default(24 * 60 * 60 * 1000)
      .describe('Milliseconds that an entry lives at most; one that states an earlier end is gone by then.'),
    byteLimit: z
      .number()
      .int()
      .positive()
      .default(byteLimit)
      .describe('Bytes that the entries may take together: their texts in UTF-8, and 256 more for each. Beyond that the oldest go.'),
  }
}
