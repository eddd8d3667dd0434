import { definePlugin, type SessionStore } from 'tokligence'
import { z } from 'zod'
import { loadDriver } from '../../ledger/sqlite/driver.ts'
import { inMemory } from '../../ledger/sqlite/ledger-path.ts'
import { captureOption, captureReplies } from '../memory/capture-replies.ts'
import { limitOptions } from '../memory/limit-options.ts'
import { resolveSessionPath } from './session-file.ts'
import { sessionsCommand } from './sessions-command.ts'
import { SqliteSessionStore } from './store.ts'

const options = z.strictObject({
  path: z
    .string()
    .min(1)
    .refine((path) => path !== inMemory, 'must be a file; memorySessions() keeps sessions in memory')
    .optional()
    .describe(
      'The database file; a leading `~` is the home folder. Default: `sessions.db`, where `TOKLIGENCE_LEDGER_PATH` points to, else in `~/.tokligence`.',
    ),
  ...limitOptions(256 * 1024 * 1024),
  ...captureOption,
})

export const sqliteSessions = definePlugin({
  kind: 'session',
  name: 'sqlite',
  apiVersion: 1,
  description: 'Remembers what conversations leave behind in an SQLite file.',
  options,
  setup(api, { path: given, timeToLive, byteLimit, capture }) {
    captureReplies(api, capture)
    const driver = loadDriver()
    const path = resolveSessionPath(given)
    const create = () => {
      if (driver.fallbackReason !== undefined)
        api.logger.warn({ error: driver.fallbackReason }, 'better-sqlite3 did not load (npm rebuild better-sqlite3 builds it); Node’s own SQLite is used')
      return new SqliteSessionStore({ path, timeToLive, byteLimit, driver, logger: api.logger })
    }
    const open = () => api.shared(`sqlite-sessions:${path}:${timeToLive}:${byteLimit}`, create, (store) => store.close())
    api.addCommand(sessionsCommand(path, open))
    return api.serving ? open() : openOnUse(open, timeToLive)
  },
})

/** Commands that only assemble, such as a check of the configuration, must not leave a database behind. */
function openOnUse(open: () => SessionStore, timeToLive: number): SessionStore {
  let opened: SessionStore | undefined
  const store = (): SessionStore => {
    opened ??= open()
    return opened
  }
  return {
    timeToLive,
    put: async (principal, entries) => store().put(principal, entries),
    get: async (principal, keys) => store().get(principal, keys),
    renew: async (principal, keys, expiresAt) => store().renew(principal, keys, expiresAt),
    delete: async (principal, keys) => store().delete(principal, keys),
    erase: async (principal) => store().erase(principal),
  }
}

export default sqliteSessions
