import { definePlugin, type Ledger } from 'tokligence'
import { z } from 'zod'
import { loadDriver } from './driver.ts'
import { SqliteLedger } from './ledger.ts'
import { inMemory, resolveLedgerPath } from './ledger-path.ts'

const options = z.strictObject({
  path: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The database file; a leading `~` is the home folder, `:memory:` keeps nothing. Default: `TOKLIGENCE_LEDGER_PATH`, else `~/.tokligence/ledger.db`.',
    ),
  durability: z
    .enum(['process', 'power'])
    .default('process')
    .describe('What an acknowledged row survives: `process`, the death of the gateway; `power`, also a power cut (one fsync per commit).'),
  onFailure: z
    .enum(['refuse', 'alarm'])
    .default('refuse')
    .describe('What happens to a request whose row cannot be written: `refuse` fails it, `alarm` logs an error and lets it go on.'),
  walLimit: z
    .number()
    .int()
    .min(0)
    .default(64 * 1024 * 1024)
    .describe('Bytes that the write-ahead log may grow to before a checkpoint cuts it back to nothing.'),
})

export const sqliteLedger = definePlugin({
  kind: 'ledger',
  name: 'sqlite',
  apiVersion: 1,
  description: 'Records every request in an SQLite file.',
  options,
  setup(api, { path: given, durability, onFailure, walLimit }) {
    const driver = loadDriver()
    const path = resolveLedgerPath(given)
    const file = path === inMemory ? `${inMemory}${api.id}` : path
    const create = () => {
      if (driver.fallbackReason !== undefined)
        api.logger.warn({ error: driver.fallbackReason }, 'better-sqlite3 did not load (npm rebuild better-sqlite3 builds it); Node’s own SQLite is used')
      return new SqliteLedger({ path, durability, onFailure, walLimit, driver, logger: api.logger })
    }
    const open = () => api.shared(`sqlite-ledger:${file}:${durability}:${onFailure}:${walLimit}`, create, (ledger) => ledger.close())
    return api.serving ? open() : openOnUse(open)
  },
})

/** Commands that only assemble, such as a check of the configuration, must not leave a database behind. */
function openOnUse(open: () => Ledger): Ledger {
  let opened: Ledger | undefined
  const ledger = (): Ledger => {
    opened ??= open()
    return opened
  }
  return {
    openAttempt: (attempt) => ledger().openAttempt(attempt),
    closeAttempt: (attempt) => ledger().closeAttempt(attempt),
    record: (record) => ledger().record(record),
    recover: async () => ledger().recover(),
    usage: async (query) => ledger().usage(query),
    requests: async (query) => ledger().requests(query),
    flush: async () => opened?.flush(),
  }
}

export default sqliteLedger
