import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ledger } from 'tokligence'
import sqliteLedger from 'tokligence/plugins/ledger/sqlite'
import type { FakePluginApiOptions, LedgerUnderTest } from 'tokligence/testing'
import { afterAll } from 'vitest'
import { recordingLogger, setUpWithApi } from '../../set-up.ts'

const folders: string[] = []

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tokligence-ledger-'))
  folders.push(folder)
  return folder
}

export interface OpenedLedger extends LedgerUnderTest {
  readonly path: string
  /** The errors that the ledger logged so far. */
  readonly alarms: () => readonly Record<string, unknown>[]
}

type LedgerOptions = NonNullable<Parameters<typeof sqliteLedger>[0]>

/** The plugin, set up as a gateway does it; over a new file when none is named. */
export async function openLedger(options: Omit<LedgerOptions, 'id'> = {}, api: FakePluginApiOptions = {}): Promise<OpenedLedger> {
  const path = options.path ?? join(temporaryFolder(), 'ledger.db')
  const { logger, lines } = recordingLogger()
  const made = await setUpWithApi<Ledger>(sqliteLedger({ ...options, path }), { ...api, logger })
  return {
    ledger: made.contribution,
    path,
    alarms: () => lines.filter(({ level }) => level === 50),
    close: () => made.api.dispose(),
  }
}

/** The files as a killed process leaves them: whoever opens the copy finds nobody alive. */
export function copyOf(path: string): string {
  const folder = temporaryFolder()
  // By another process: reading the files in this one would drop the locks that SQLite holds on them.
  for (const suffix of ['', '-wal']) execFileSync('cp', [path + suffix, join(folder, `ledger.db${suffix}`)])
  return join(folder, 'ledger.db')
}
