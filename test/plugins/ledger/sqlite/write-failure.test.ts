import { join } from 'node:path'
import { GatewayError } from 'tokligence'
import { sampleAttempt, sampleClosing, sampleRecord } from 'tokligence/testing'
import { describe, expect, it } from 'vitest'
import { createBatchWriter } from '../../../../plugins/ledger/sqlite/batch-writer.ts'
import { loadDriver, type SqlDatabase } from '../../../../plugins/ledger/sqlite/driver.ts'
import { openDatabase } from '../../../../plugins/ledger/sqlite/open-database.ts'
import { keptRows, type OnFailure, WriteQueue } from '../../../../plugins/ledger/sqlite/write-queue.ts'
import { recordingLogger } from '../../set-up.ts'
import { openLedger, temporaryFolder } from './set-up-ledger.ts'

interface Fixture {
  readonly queue: WriteQueue
  readonly database: SqlDatabase
  readonly lines: readonly Record<string, unknown>[]
  /** What SQLite does when the disk or the permissions fail: every write is refused. */
  readonly breakDatabase: () => void
  readonly mendDatabase: () => void
}

async function withQueue(onFailure: OnFailure, body: (fixture: Fixture) => Promise<void>): Promise<void> {
  const database = openDatabase(loadDriver(), join(temporaryFolder(), 'ledger.db'), 'process')
  const { logger, lines } = recordingLogger()
  const queue = new WriteQueue({ write: createBatchWriter(database, 'this'), onFailure, logger, onCommit: () => {} })
  const breakDatabase = () => void database.exec('PRAGMA query_only = ON')
  const mendDatabase = () => void database.exec('PRAGMA query_only = OFF')
  try {
    await body({ queue, database, lines, breakDatabase, mendDatabase })
  } finally {
    await queue.end()
    database.close()
  }
}

const outcomes = async (promises: readonly Promise<void>[]) =>
  (await Promise.allSettled(promises)).map((result) => (result.status === 'fulfilled' ? 'resolved' : GatewayError.from(result.reason).code))

const count = (database: SqlDatabase, sql: string) => (database.prepare(`SELECT count(*) AS n FROM ${sql}`).get() as { n: number }).n

describe('a ledger that cannot write, set to refuse', () => {
  it('rejects every waiting record, and takes the next once it can', () =>
    withQueue('refuse', async ({ queue, database, lines, breakDatabase, mendDatabase }) => {
      breakDatabase()
      expect(await outcomes([queue.record(sampleRecord()), queue.record(sampleRecord())])).toEqual(['TKL_LEDGER_UNAVAILABLE', 'TKL_LEDGER_UNAVAILABLE'])
      expect(lines).toMatchObject([{ level: 50, requests: 2, kept: 0, dropped: 0 }])
      mendDatabase()
      expect(await outcomes([queue.record(sampleRecord())])).toEqual(['resolved'])
      expect(count(database, 'requests')).toBe(1)
    }))

  it('keeps the attempts, whose tokens are spent, and writes them later', () =>
    withQueue('refuse', async ({ queue, database, breakDatabase, mendDatabase }) => {
      const early = sampleAttempt()
      queue.open(early)
      await queue.flush()
      breakDatabase()
      const late = sampleAttempt()
      queue.close(sampleClosing(early.id))
      queue.open(late)
      expect(await outcomes([queue.record(sampleRecord({ id: early.requestId })), queue.flush()])).toEqual(['TKL_LEDGER_UNAVAILABLE', 'TKL_LEDGER_UNAVAILABLE'])
      mendDatabase()
      await queue.flush()
      expect(count(database, 'attempts WHERE ending IS NULL')).toBe(1)
      expect(count(database, "attempts WHERE ending = 'complete'")).toBe(1)
      expect(count(database, 'requests')).toBe(0)
    }))

  it('leaves nothing of a batch behind when the database is full in the middle of it', () =>
    withQueue('refuse', async ({ queue, database }) => {
      const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number }
      database.prepare(`PRAGMA max_page_count = ${pages + 1}`).get()
      const results = await outcomes(Array.from({ length: 200 }, () => queue.record(sampleRecord())))
      expect(new Set(results)).toEqual(new Set(['TKL_LEDGER_UNAVAILABLE']))
      expect(count(database, 'requests')).toBe(0)
    }))
})

describe('a ledger that cannot write, set to alarm', () => {
  it('lets requests go on, says so, and writes their rows once it can', () =>
    withQueue('alarm', async ({ queue, database, lines, breakDatabase, mendDatabase }) => {
      breakDatabase()
      expect(await outcomes([queue.record(sampleRecord()), queue.record(sampleRecord())])).toEqual(['resolved', 'resolved'])
      expect(lines).toMatchObject([{ level: 50, requests: 2, kept: 2, dropped: 0 }])
      expect(await outcomes([queue.record(sampleRecord())])).toEqual(['resolved'])
      expect(count(database, 'requests')).toBe(0)
      mendDatabase()
      await queue.flush()
      expect(count(database, 'requests')).toBe(3)
      expect(lines.at(-1)).toMatchObject({ level: 30, rows: 3 })
    }))

  it('drops the oldest rows beyond its bound, and says how many', () =>
    withQueue('alarm', async ({ queue, database, lines, breakDatabase, mendDatabase }) => {
      breakDatabase()
      const records = Array.from({ length: keptRows + 3 }, () => sampleRecord())
      await Promise.all(records.map((record) => queue.record(record)))
      expect(lines).toMatchObject([{ level: 50, kept: keptRows, dropped: 3 }])
      mendDatabase()
      await queue.flush()
      expect(count(database, 'requests')).toBe(keptRows)
      expect(count(database, `requests WHERE id IN ('${records[0]?.id}', '${records[2]?.id}')`)).toBe(0)
    }))
})

describe('a row that the database does not take', () => {
  const fractional = () => sampleRecord({ cost: 0.5 })

  it('is refused alone; those beside it are written', () =>
    withQueue('refuse', async ({ queue, database, lines }) => {
      const bad = fractional()
      const attempt = sampleAttempt({ estimatedInput: 1.5 })
      queue.open(attempt)
      expect(await outcomes([queue.record(sampleRecord()), queue.record(bad), queue.record(sampleRecord())])).toEqual([
        'resolved',
        'TKL_LEDGER_UNAVAILABLE',
        'resolved',
      ])
      expect(count(database, 'requests')).toBe(2)
      expect(lines.map(({ row }) => (row as { id: string }).id)).toEqual([attempt.id, bad.id])
    }))

  it('goes to the log with its content when requests are to go on', () =>
    withQueue('alarm', async ({ queue, database, lines }) => {
      expect(await outcomes([queue.record(fractional())])).toEqual(['resolved'])
      expect(lines).toMatchObject([{ level: 50, row: { cost: 0.5 } }])
      await queue.flush()
      expect(count(database, 'requests')).toBe(0)
    }))
})

describe('a lock that another process holds', () => {
  it('is waited for without stopping the event loop', async () => {
    const { ledger, path, close } = await openLedger()
    const other = loadDriver().open(path)
    other.exec('BEGIN IMMEDIATE')
    let longest = 0
    let last = performance.now()
    const ticks = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 1)
    let released = false
    setTimeout(() => {
      released = true
      other.exec('COMMIT')
    }, 300)
    await ledger.record(sampleRecord())
    clearInterval(ticks)
    expect(released).toBe(true)
    expect(longest).toBeLessThan(100)
    expect(await ledger.requests({})).toHaveLength(1)
    other.close()
    await close()
  })

  it('counts as a failure after five seconds', async () => {
    const { ledger, path, alarms, close } = await openLedger()
    const other = loadDriver().open(path)
    other.exec('BEGIN IMMEDIATE')
    const started = performance.now()
    await expect(ledger.record(sampleRecord())).rejects.toMatchObject({ code: 'TKL_LEDGER_UNAVAILABLE' })
    expect(performance.now() - started).toBeGreaterThan(4_900)
    expect(alarms()).toMatchObject([{ requests: 1 }])
    other.exec('COMMIT')
    other.close()
    await close()
  })
})
