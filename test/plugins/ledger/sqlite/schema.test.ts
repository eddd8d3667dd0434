import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GatewayError } from 'tokligence'
import { sampleAttempt, sampleClosing, sampleRecord } from 'tokligence/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadDriver, type SqlDatabase } from '../../../../plugins/ledger/sqlite/driver.ts'
import { migrate } from '../../../../plugins/ledger/sqlite/migrate.ts'
import { migrations } from '../../../../plugins/ledger/sqlite/migrations.ts'
import { openLedger, temporaryFolder } from './set-up-ledger.ts'

const driver = loadDriver()
let path: string
let database: SqlDatabase

beforeEach(() => {
  path = join(temporaryFolder(), 'ledger.db')
  database = driver.open(path)
})

afterEach(() => {
  database.close()
})

const thrownBy = (body: () => unknown): unknown => {
  try {
    body()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe('migrations', () => {
  const applied = () => database.prepare('SELECT number, name FROM migrations ORDER BY number').all()
  const next = { number: migrations.length + 1, name: 'notes', sql: 'CREATE TABLE notes (text TEXT) STRICT' }

  it('make the schema from nothing, and do nothing the second time', () => {
    migrate(database, path)
    const first = database.prepare('SELECT * FROM migrations').all()
    migrate(database, path)
    expect(database.prepare('SELECT * FROM migrations').all()).toEqual(first)
    expect(applied()).toEqual(migrations.map(({ number, name }) => ({ number, name })))
  })

  it('apply only the steps that are new', () => {
    migrate(database, path)
    migrate(database, path, [...migrations, next])
    expect(applied()).toHaveLength(next.number)
  })

  it('are all undone when one of them fails', () => {
    const broken = { number: next.number + 1, name: 'broken', sql: 'CREATE TABLE good (a TEXT) STRICT; CREATE TABLE bad (' }
    expect(() => migrate(database, path, [...migrations, next, broken])).toThrow()
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()).toEqual([])
  })

  it('refuse a database of a newer version', async () => {
    migrate(database, path, [...migrations, next])
    await expect(openLedger({ path })).rejects.toMatchObject({ code: 'TKL_CONFIG_INVALID', message: expect.stringContaining('newer version') })
  })

  it('refuse a database whose applied step is another one', () => {
    migrate(database, path, [next])
    const error = thrownBy(() => migrate(database, path, [{ ...next, sql: 'CREATE TABLE notes (text TEXT, extra TEXT) STRICT' }]))
    expect(GatewayError.is(error, 'TKL_CONFIG_INVALID') && error.message).toContain('different build')
  })

  it('refuse a file that is no database, naming it', async () => {
    const text = join(temporaryFolder(), 'notes.txt')
    writeFileSync(text, 'these are notes, and not a database at all; '.repeat(40))
    await expect(openLedger({ path: text })).rejects.toMatchObject({ code: 'TKL_CONFIG_INVALID', message: expect.stringContaining(text) })
  })
})

describe('the tables', () => {
  it('are append-only: a request neither changes nor goes away', async () => {
    const { ledger, close } = await openLedger({ path })
    await ledger.record(sampleRecord())
    expect(() => database.exec('UPDATE requests SET cost = 0')).toThrow('append-only')
    expect(() => database.exec('DELETE FROM requests')).toThrow('append-only')
    await close()
  })

  it('let an attempt be closed once, and change nothing else of it', async () => {
    const { ledger, close } = await openLedger({ path })
    const attempt = sampleAttempt()
    ledger.openAttempt(attempt)
    await ledger.flush()
    expect(() => database.exec("UPDATE attempts SET model = 'cheaper'")).toThrow('does not change')
    expect(() => database.exec('UPDATE attempts SET output = 0')).toThrow('closed once')
    expect(() => database.exec('DELETE FROM attempts')).toThrow('append-only')
    ledger.closeAttempt(sampleClosing(attempt.id))
    await ledger.flush()
    expect(() => database.exec("UPDATE attempts SET ending = 'client-gone'")).toThrow('closed once')
    await close()
  })

  it('hold an attempt the same way whether it was written once or twice', async () => {
    const { ledger, close } = await openLedger({ path })
    const [slow, fast] = [sampleAttempt({ startedAt: 1, principal: 'me' }), sampleAttempt({ startedAt: 1, principal: 'me' })]
    ledger.openAttempt(slow)
    await ledger.flush()
    ledger.openAttempt(fast)
    ledger.closeAttempt(sampleClosing(fast.id))
    ledger.closeAttempt(sampleClosing(slow.id))
    await ledger.flush()
    const rows = database.prepare('SELECT * FROM attempts ORDER BY rowid').all() as Record<string, unknown>[]
    const content = rows.map(({ id, request_id, caller_request_id, ...rest }) => rest)
    expect(rows.map(({ id }) => id)).toEqual([slow.id, fast.id])
    expect(content[0]).toEqual(content[1])
    expect(content[0]).toMatchObject({ ending: 'complete', duration_us: 10_000, input_uncached: 41, cache_read: null, principal: 'me' })
    await close()
  })

  it('have an index for each query', () => {
    migrate(database, path)
    const plan = (sql: string) => (database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map(({ detail }) => detail).join('; ')
    expect(plan('SELECT * FROM requests WHERE started_at >= 1 ORDER BY started_at DESC, id DESC LIMIT 5')).toContain('requests_started_at')
    expect(plan("SELECT * FROM requests WHERE id = 'x' OR (request_id = 'x' AND request_id <> id)")).toContain('requests_request_id')
    expect(plan("SELECT * FROM attempts WHERE ending IS NULL AND process = 'x'")).toContain('attempts_open')
  })
})
