import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Ledger, RequestRecord } from 'tokligence'
import { sampleAttempt, sampleClosing } from 'tokligence/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadDriver, type SqlDatabase } from '../../../../plugins/ledger/sqlite/driver.ts'
import { Presence } from '../../../../plugins/ledger/sqlite/presence.ts'
import { bookRemains, findRemains } from '../../../../plugins/ledger/sqlite/recover.ts'
import { bundleChild } from '../../../faults/bundle-child.ts'
import { openLedger, temporaryFolder } from './set-up-ledger.ts'

let program: string

beforeAll(async () => {
  program = await bundleChild(fileURLToPath(new URL('killed-process.ts', import.meta.url)))
})

type Ids = Readonly<Record<'closed' | 'retried' | 'unused' | 'recorded', string>>

/** A ledger whose process was killed, and the ids of its requests. */
function killedLedger(): { readonly path: string; readonly ids: Ids } {
  const path = join(temporaryFolder(), 'ledger.db')
  const { stdout, signal } = spawnSync(process.execPath, [program, path], { encoding: 'utf8' })
  expect(signal).toBe('SIGKILL')
  return { path, ids: JSON.parse(stdout) as Ids }
}

/** SQLite keeps a journal, empty, beside each lock that is held. */
function lockFiles(path: string): string[] {
  return readdirSync(`${path}-processes`).filter((name) => !name.endsWith('-journal'))
}

async function only(ledger: Ledger, id: string): Promise<RequestRecord | undefined> {
  const records = await ledger.requests({ id })
  expect(records).toHaveLength(1)
  return records[0]
}

describe('recovery', () => {
  it('books every request of a killed process that has no row, with the usage of all its attempts', async () => {
    const { path, ids } = killedLedger()
    const { ledger, close } = await openLedger({ path })
    expect(await ledger.recover()).toBe(1)
    expect(await only(ledger, ids.closed)).toMatchObject({
      ending: 'interrupted',
      status: 500,
      attempts: 1,
      vendorRequestId: 'req_1',
      usage: { inputUncached: 41, output: 9, source: 'measured' },
    })
    expect(await only(ledger, ids.retried)).toMatchObject({
      ending: 'interrupted',
      attempts: 2,
      upstreamModel: 'model-2',
      usage: { inputUncached: 101, output: 9, source: 'estimated' },
    })
    const unused = await only(ledger, ids.unused)
    expect(unused).toMatchObject({ ending: 'interrupted', attempts: 1 })
    expect(unused).not.toHaveProperty('usage')
    expect(await only(ledger, ids.recorded)).toMatchObject({ ending: 'complete', status: 200 })
    expect(await ledger.recover()).toBe(0)
    expect(await ledger.requests({})).toHaveLength(4)
    await close()
    expect(readdirSync(`${path}-processes`)).toEqual([])
  })

  it('keeps the lock file of a dead process until its requests are booked', async () => {
    const { path } = killedLedger()
    expect(lockFiles(path)).toHaveLength(1)
    const { ledger, close } = await openLedger({ path })
    expect(lockFiles(path)).toHaveLength(2)
    await ledger.recover()
    expect(lockFiles(path)).toHaveLength(1)
    await close()
  })

  it('does not book the requests of a process that lives, nor its own', async () => {
    const { ledger, path, close } = await openLedger()
    const attempt = sampleAttempt()
    ledger.openAttempt(attempt)
    ledger.closeAttempt(sampleClosing(attempt.id))
    await ledger.flush()
    const other = await openLedger({ path })
    expect([await other.ledger.recover(), await ledger.recover()]).toEqual([0, 0])
    expect(await ledger.requests({})).toEqual([])
    expect(lockFiles(path)).toHaveLength(2)
    await other.close()
    await close()
  })

  it('does not take a lock file that is being made, or a file of somebody else, for a dead process', async () => {
    const { ledger, path, close } = await openLedger()
    const names = ['4242-0123456789ab', 'notes.txt']
    for (const name of names) writeFileSync(join(`${path}-processes`, name), '')
    expect(await ledger.recover()).toBe(0)
    expect(readdirSync(`${path}-processes`)).toEqual(expect.arrayContaining(names))
    await close()
  })

  it('reads the attempts of closed requests only when a process died', () => {
    const { path } = killedLedger()
    const driver = loadDriver()
    const database = driver.open(path)
    const statements: string[] = []
    const watched: SqlDatabase = {
      exec: (sql) => database.exec(sql),
      close: () => database.close(),
      prepare: (sql) => {
        statements.push(sql)
        return database.prepare(sql)
      },
    }
    const presence = new Presence(driver, path)
    const remains = findRemains(watched, presence)
    expect(statements).toHaveLength(2)
    expect(remains?.rows).toHaveLength(4)
    if (remains) bookRemains(database, remains)
    presence.forget(remains?.processes ?? [])
    statements.length = 0
    expect(findRemains(watched, presence)).toBeUndefined()
    expect(statements).toHaveLength(1)
    presence.release()
    database.close()
  })
})
