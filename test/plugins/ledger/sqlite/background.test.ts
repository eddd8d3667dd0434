import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { sampleRecord } from 'tokligence/testing'
import { describe, expect, it } from 'vitest'
import { Background } from '../../../../plugins/ledger/sqlite/background.ts'
import { loadDriver } from '../../../../plugins/ledger/sqlite/driver.ts'
import { openDatabase } from '../../../../plugins/ledger/sqlite/open-database.ts'
import { openLedger, temporaryFolder } from './set-up-ledger.ts'

const driver = loadDriver()

describe('the background thread', () => {
  it('cuts the write-ahead log back once it is larger than its limit, and not before', async () => {
    const path = join(temporaryFolder(), 'ledger.db')
    const database = openDatabase(driver, path, 'process')
    const background = new Background({ module: driver.module, path, synchronous: 'NORMAL' })
    const before = statSync(`${path}-wal`).size
    expect(before).toBeGreaterThan(0)
    expect(await background.checkpoint(before)).toEqual({ truncated: false, walSize: before })
    expect(await background.checkpoint(before - 1)).toEqual({ truncated: true, walSize: 0 })
    await background.close()
    database.close()
  })

  it('leaves the log for the next time while another process reads an old state', async () => {
    const path = join(temporaryFolder(), 'ledger.db')
    const database = openDatabase(driver, path, 'process')
    const background = new Background({ module: driver.module, path, synchronous: 'NORMAL' })
    const reader = driver.open(path)
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM requests').get()
    database.exec('CREATE TABLE more (a INTEGER) STRICT')
    expect((await background.checkpoint(0)).truncated).toBe(false)
    reader.exec('COMMIT')
    expect((await background.checkpoint(0)).truncated).toBe(true)
    reader.close()
    await background.close()
    database.close()
  })

  it('answers a task that fails with its error, and goes on', async () => {
    const path = join(temporaryFolder(), 'ledger.db')
    const database = openDatabase(driver, path, 'process')
    const background = new Background({ module: driver.module, path, synchronous: 'NORMAL' })
    await expect(background.read('SELECT missing', [])).rejects.toThrow('no such column')
    expect(await background.read('SELECT ? AS a', ['x'])).toEqual([{ a: 'x' }])
    await background.close()
    database.close()
  })

  it('rejects when it cannot start', async () => {
    const background = new Background({ module: '/nowhere', path: '/nowhere', synchronous: 'NORMAL' })
    await expect(background.checkpoint(0)).rejects.toThrow('/nowhere')
    await background.close()
  })
})

describe('a ledger under load', () => {
  it('has its log cut back while it goes on writing, and gone when it closes', async () => {
    const { ledger, path, alarms, close } = await openLedger({ walLimit: 1_000_000 })
    let largest = 0
    let cutBack = false
    const deadline = Date.now() + 15_000
    for (let written = 0; !cutBack && Date.now() < deadline; written++) {
      await ledger.record(sampleRecord())
      const size = statSync(`${path}-wal`).size
      cutBack = size < largest
      largest = Math.max(largest, size)
      if (written % 100 === 0) await pause(1)
    }
    expect(largest).toBeGreaterThan(1_000_000)
    expect(cutBack).toBe(true)
    await close()
    expect(existsSync(`${path}-wal`)).toBe(false)
    expect(alarms()).toEqual([])
  })
})
