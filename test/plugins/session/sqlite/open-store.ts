import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionStore } from 'tokligence'
import sqliteSessions from 'tokligence/plugins/session/sqlite'
import type { FakePluginApiOptions, SessionStoreUnderTest } from 'tokligence/testing'
import { afterAll } from 'vitest'
import { recordingLogger, setUpWithApi } from '../../set-up.ts'

const folders: string[] = []

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tokligence-sessions-'))
  folders.push(folder)
  return folder
}

export interface OpenedStore extends SessionStoreUnderTest {
  readonly path: string
  readonly lines: readonly Record<string, unknown>[]
}

type Options = Omit<NonNullable<Parameters<typeof sqliteSessions>[0]>, 'id'>

/** The plugin, set up as a gateway does it; over a new file when none is named. */
export async function openStore(options: Options = {}, api: FakePluginApiOptions = {}): Promise<OpenedStore> {
  const path = options.path ?? join(temporaryFolder(), 'sessions.db')
  const { logger, lines } = recordingLogger()
  const made = await setUpWithApi<SessionStore>(sqliteSessions({ ...options, path }), { ...api, logger })
  return { store: made.contribution, path, lines, close: () => made.api.dispose() }
}
