import { definePlugin, type SessionStore } from 'tokligence'
import { z } from 'zod'
import { MemoryEntries } from './entries.ts'
import { MemorySessionStore } from './store.ts'

const options = z.strictObject({
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
    .default(64 * 1024 * 1024)
    .describe('Bytes that the entries may take together: their texts in UTF-8, and 256 more for each. Beyond that the oldest go.'),
})

export const memorySessions = definePlugin({
  kind: 'session',
  name: 'memory',
  apiVersion: 1,
  description: 'Remembers what conversations leave behind, for as long as the process lives.',
  options,
  setup(api, { timeToLive, byteLimit }): SessionStore {
    const entries = api.shared(
      `memory-sessions:${api.id}`,
      () => new MemoryEntries(),
      (shared) => shared.close(),
    )
    return new MemorySessionStore(entries, { timeToLive, byteLimit, logger: api.logger })
  },
})

export default memorySessions
