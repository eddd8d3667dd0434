import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { GatewayError, type Ledger } from 'tokligence'
import sqliteLedger from 'tokligence/plugins/ledger/sqlite'
import { SharedStore, sampleAttempt, sampleClosing, sampleRecord } from 'tokligence/testing'
import { describe, expect, it, vi } from 'vitest'
import { loadDriver } from '../../../../plugins/ledger/sqlite/driver.ts'
import { resolveLedgerPath } from '../../../../plugins/ledger/sqlite/ledger-path.ts'
import { openDatabase } from '../../../../plugins/ledger/sqlite/open-database.ts'
import { setUpWithApi } from '../../set-up.ts'
import { openLedger, temporaryFolder } from './set-up-ledger.ts'

describe('the file', () => {
  it('is the option’s, else the environment’s, else one in the home folder', () => {
    const environment = { TOKLIGENCE_LEDGER_PATH: '~/from-environment.db' }
    expect(resolveLedgerPath('~/mine/l.db', environment)).toBe(join(homedir(), 'mine/l.db'))
    expect(resolveLedgerPath('relative.db', environment)).toBe(resolve('relative.db'))
    expect(resolveLedgerPath(undefined, environment)).toBe(join(homedir(), 'from-environment.db'))
    expect(resolveLedgerPath(undefined, {})).toBe(join(homedir(), '.tokligence/ledger.db'))
    expect(resolveLedgerPath(':memory:', environment)).toBe(':memory:')
  })

  it('is made in a folder of its own, readable for this user alone', async () => {
    const folder = join(temporaryFolder(), 'a', 'b')
    const { close } = await openLedger({ path: join(folder, 'ledger.db') })
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    for (const name of ['ledger.db', 'ledger.db-wal']) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    await close()
  })

  it('is not made by a command that only assembles, until it asks for rows', async () => {
    const path = join(temporaryFolder(), 'ledger.db')
    const { ledger, close } = await openLedger({ path }, { serving: false })
    await ledger.flush()
    expect(existsSync(path)).toBe(false)
    expect(await ledger.usage({ groupBy: 'day' })).toEqual([])
    await close()
    expect(existsSync(`${path}-wal`)).toBe(false)
  })

  it('is named in the error when it cannot be made', async () => {
    const occupied = join(temporaryFolder(), 'file')
    writeFileSync(occupied, '')
    const path = join(occupied, 'ledger.db')
    await expect(openLedger({ path })).rejects.toMatchObject({ code: 'TKL_CONFIG_INVALID', message: expect.stringContaining(path) })
  })

  it('is synced with every commit only when a power cut must not matter', () => {
    for (const [durability, mode] of [
      ['process', 1],
      ['power', 2],
    ] as const) {
      const database = openDatabase(loadDriver(), join(temporaryFolder(), 'ledger.db'), durability)
      expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: mode })
      database.close()
    }
  })
})

describe('a reload', () => {
  it('keeps the same writer until the last generation is gone', async () => {
    const sharedStore = new SharedStore()
    const path = join(temporaryFolder(), 'ledger.db')
    const first = await openLedger({ path }, { sharedStore })
    const second = await openLedger({ path }, { sharedStore })
    expect(second.ledger).toBe(first.ledger)
    const attempt = sampleAttempt()
    first.ledger.openAttempt(attempt)
    await first.close()
    second.ledger.closeAttempt(sampleClosing(attempt.id))
    await second.ledger.record(sampleRecord({ id: attempt.requestId }))
    expect(await second.ledger.recover()).toBe(0)
    expect(await second.ledger.requests({})).toHaveLength(1)
    await second.close()
    await expect(second.ledger.record(sampleRecord())).rejects.toMatchObject({ code: 'TKL_LEDGER_UNAVAILABLE' })
    expect(sharedStore.size).toBe(0)
  })

  it('that changes the durability opens another writer on the same file', async () => {
    const sharedStore = new SharedStore()
    const path = join(temporaryFolder(), 'ledger.db')
    const first = await openLedger({ path }, { sharedStore })
    const second = await openLedger({ path, durability: 'power' }, { sharedStore })
    expect(second.ledger).not.toBe(first.ledger)
    await Promise.all([first.ledger.record(sampleRecord()), second.ledger.record(sampleRecord())])
    await first.close()
    expect(await second.ledger.requests({})).toHaveLength(2)
    await second.close()
    expect(readdirSync(`${path}-processes`)).toEqual([])
  })

  it('does not mix two ledgers in memory', async () => {
    const sharedStore = new SharedStore()
    const open = async (id: string) => (await setUpWithApi<Ledger>(sqliteLedger({ id, path: ':memory:' }), { sharedStore })).contribution
    const [one, another] = [await open('one'), await open('another')]
    await one.record(sampleRecord())
    expect(await another.requests({})).toEqual([])
    expect(await open('one')).toBe(one)
  })
})

describe('the driver', () => {
  class Works {
    exec = vi.fn()
    prepare = vi.fn()
    close = vi.fn()
  }

  class Broken extends Works {
    constructor() {
      super()
      throw new Error('built for another Node')
    }
  }

  const loader = (modules: Readonly<Record<string, unknown>>) => (name: string) => {
    if (!(name in modules)) throw new Error(`Cannot find module '${name}'`)
    return modules[name]
  }

  it('is better-sqlite3 where it loads', () => {
    const driver = loadDriver(loader({ 'better-sqlite3': Works, 'node:sqlite': { DatabaseSync: Works } }), () => '/path')
    expect(driver).toMatchObject({ name: 'better-sqlite3', module: '/path' })
    expect(driver.fallbackReason).toBe(undefined)
  })

  it('is Node’s own where the native module does not work, and tells why', () => {
    const driver = loadDriver(loader({ 'better-sqlite3': Broken, 'node:sqlite': { DatabaseSync: Works } }), () => '/path')
    expect(driver).toMatchObject({ name: 'node:sqlite', module: 'node:sqlite', fallbackReason: { message: 'built for another Node' } })
  })

  it('is refused with the line that builds it where there is neither', () => {
    let thrown: unknown
    try {
      loadDriver(loader({ 'better-sqlite3': Broken }), () => '/path')
    } catch (error) {
      thrown = error
    }
    expect(GatewayError.is(thrown, 'TKL_NATIVE_MODULE_MISSING') && thrown.message).toContain('\n  npm rebuild better-sqlite3\n')
  })
})

describe('the options', () => {
  it('may all be left out, and name what is wrong', () => {
    expect(sqliteLedger()).toMatchObject({ kind: 'ledger', id: 'sqlite' })
    const misspelt = { durabilty: 'power' } as object
    expect(() => sqliteLedger(misspelt)).toThrow('did you mean "durability"')
  })
})
