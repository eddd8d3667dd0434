import { definePlugin, type SessionStore } from 'tokligence'
import { z } from 'zod'
import { captureOption, captureReplies } from './capture-replies.ts'
import { MemoryEntries } from './entries.ts'
import { limitOptions } from './limit-options.ts'
import { MemorySessionStore } from './store.ts'

const options = z.strictObject({
  ...limitOptions(64 * 1024 * 1024),
  ...captureOption,
})

export const memorySessions = definePlugin({
  kind: 'session',
  name: 'memory',
  apiVersion: 1,
  description: 'Remembers what conversations leave behind, for as long as the process lives.',
  options,
  setup(api, { timeToLive, byteLimit, capture }): SessionStore {
    captureReplies(api, capture)
    const entries = api.shared(
      `memory-sessions:${api.id}`,
      () => new MemoryEntries(),
      (shared) => shared.close(),
    )
    return new MemorySessionStore(entries, { timeToLive, byteLimit, logger: api.logger })
  },
})

export default memorySessions
