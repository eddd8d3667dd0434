import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import sqliteSessions from 'tokligence/plugins/session/sqlite'
import { SharedStore } from 'tokligence/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadDriver } from '../../../../plugins/ledger/sqlite/driver.ts'
import { resolveSessionPath } from '../../../../plugins/session/sqlite/session-file.ts'
import { SqliteSessionStore } from '../../../../plugins/session/sqlite/store.ts'
import { openLedger } from '../../ledger/sqlite/set-up-ledger.ts'
import { recordingLogger } from '../../set-up.ts'
import { openStore, temporaryFolder } from './open-store.ts'

afterEach(() => {
  vi.useRealTimers()
})

function entry(key: string, value = '{}', lifetime = 60_000) {
  return { key, value, expiresAt: Date.now() + lifetime }
}

describe('the file', () => {
  it('is the option’s, else one beside the ledger, else one in the home folder', () => {
    expect(resolveSessionPath('~/mine/s.db', {})).toBe(join(homedir(), 'mine/s.db'))
    expect(resolveSessionPath('relative.db', {})).toBe(resolve('relative.db'))
    expect(resolveSessionPath(undefined, { TOKLIGENCE_LEDGER_PATH: '/data/ledger.db' })).toBe('/data/sessions.db')
    expect(resolveSessionPath(undefined, { TOKLIGENCE_LEDGER_PATH: ':memory:' })).toBe(join(homedir(), '.tokligence/sessions.db'))
    expect(resolveSessionPath(undefined, {})).toBe(join(homedir(), '.tokligence/sessions.db'))
  })

  it('is made in a folder of its own, readable for this user alone', async () => {
    const folder = join(temporaryFolder(), 'a', 'b')
    const { store, close } = await openStore({ path: join(folder, 'sessions.db') })
    await store.put('me', [entry('k')])
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    await close()
    expect(readdirSync(folder)).toEqual(['sessions.db'])
  })

  it('is not made by a command that only assembles, until it asks', async () => {
    const path = join(temporaryFolder(), 'sessions.db')
    const { store, close } = await openStore({ path }, { serving: false })
    expect(existsSync(path)).toBe(false)
    expect(await store.get('me', ['k'])).toEqual([])
    await close()
  })

  it('is refused when it cannot be made, is damaged or holds something else', async () => {
    const folder = temporaryFolder()
    const text = join(folder, 'text')
    writeFileSync(text, 'not a database, but long enough to be told from one that is just being made '.repeat(20))
    const ledger = await openLedger()
    for (const path of [join(text, 'sessions.db'), text, ledger.path])
      await expect(openStore({ path })).rejects.toMatchObject({ code: 'TKL_CONFIG_INVALID', message: expect.stringContaining(path) })
    await ledger.close()
  })

  it('is made anew when somebody removes it before it is used', async () => {
    const { store, path, close } = await openStore()
    rmSync(path)
    await store.put('me', [entry('k')])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await store.get('me', ['k'])).toHaveLength(1)
    await close()
  })

  it('keeps nothing of what was erased, nor does its write-ahead log', async () => {
    const { store, path, close } = await openStore()
    // By another process: reading the files in this one would drop the locks that SQLite holds on them.
    const content = () => execFileSync('cat', [path, `${path}-wal`], { encoding: 'latin1' })
    await store.put('principal-1', [entry('reply:confidential', 'confidential'.repeat(2_000)), entry('k', 'confidential')])
    expect(content()).toMatch(/confidential/)
    expect(await store.erase('principal-1')).toBe(2)
    expect(content()).not.toMatch(/confidential|principal-1/)
    await close()
  })
})

describe('the time to live', () => {
  it('is a day, unless the entry or the option says less', async () => {
    const never = { key: 'k', value: '1', expiresAt: Number.POSITIVE_INFINITY }
    for (const [options, most] of [
      [{}, 86_400_000],
      [{ timeToLive: 3_600_000 }, 3_600_000],
    ] as const) {
      const { store, close } = await openStore(options)
      await store.put('me', [never])
      const lifetime = ((await store.get('me', ['k']))[0]?.expiresAt ?? 0) - Date.now()
      expect(lifetime).toBeLessThanOrEqual(most)
      expect(lifetime).toBeGreaterThan(most - 10_000)
      await close()
    }
  })

  it('ends in the entry being removed within a minute, without a call, until the store is closed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { store, path, close } = await openStore()
    await store.put('me', [entry('soon', '{}', 20), entry('later')])
    await pause(30)
    const reader = loadDriver().open(path)
    const rows = () => reader.prepare('SELECT key, (SELECT bytes FROM total) = sum(bytes) OVER () AS summed FROM entries').all()
    expect(rows()).toHaveLength(2)
    vi.advanceTimersByTime(60_000)
    await store.get('me', ['later'])
    expect(rows()).toEqual([{ key: '"later"', summed: 1 }])
    reader.close()
    await close()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the cap', () => {
  it('holds when thousands of small entries make way for a large one', async () => {
    const { store, close } = await openStore({ byteLimit: 1024 * 1024 })
    const keys = Array.from({ length: 3_000 }, (_, index) => `k${index}`)
    await store.put(
      'me',
      keys.map((key) => entry(key)),
    )
    expect(await store.get('me', keys)).toHaveLength(3_000)
    await store.put('me', [entry('large', 'x'.repeat(1_000_000))])
    expect(await store.get('me', ['large'])).toHaveLength(1)
    expect((await store.get('me', keys)).length).toBeLessThan(200)
    await close()
  })

  it('is named in a warning when one entry is larger', async () => {
    const { store, lines, close } = await openStore({ byteLimit: 1_024 })
    await store.put('me', [entry('reply:1', 'x'.repeat(2_000))])
    expect(lines).toMatchObject([{ level: 40, key: 'reply:1', byteLimit: 1_024 }])
    await close()
  })
})

describe('a failure', () => {
  it('is logged with its reason and what to do, which callers are not told, and is over when its reason is', async () => {
    const { store, path, lines, close } = await openStore()
    const other = loadDriver().open(path)
    other.exec("CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
    await store.put('me', []).then(() => store.get('me', ['k']))
    await expect(store.put('me', [entry('a'), entry('b')])).rejects.toMatchObject({
      code: 'TKL_SESSION_UNAVAILABLE',
      status: 503,
      message: 'The session store cannot be used at the moment. The log says why.',
      options: { cause: expect.objectContaining({ message: 'the disk is full' }) },
    })
    expect(lines).toMatchObject([{ level: 50, path, error: { message: 'the disk is full' }, msg: expect.stringContaining('see that the file') }])
    other.exec('DROP TRIGGER full')
    other.close()
    expect(await store.get('me', ['a', 'b'])).toEqual([])
    await store.put('me', [entry('a')])
    expect(await store.get('me', ['a'])).toHaveLength(1)
    await close()
  })

  it('that names the file is told to nobody who has only the message', async () => {
    const { store, path, lines, close } = await openStore()
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
    writeFileSync(path, 'not a database, but long enough to be told from one that is just being made '.repeat(20))
    const failed = await store.get('me', ['k']).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'TKL_SESSION_UNAVAILABLE', message: expect.not.stringContaining(path) })
    expect(lines).toMatchObject([{ path, error: { message: expect.stringContaining('remove it') } }])
    await close()
  })

  it('of another process that holds the lock for a while is waited for, without stopping the event loop', async () => {
    const { store, path, close } = await openStore()
    await store.put('me', [entry('a')])
    const other = loadDriver().open(path)
    other.exec('BEGIN IMMEDIATE')
    let turns = 0
    const ticking = setInterval(() => turns++, 10)
    const put = store.put('me', [entry('b')])
    await pause(300)
    expect(turns).toBeGreaterThan(10)
    clearInterval(ticking)
    other.exec('COMMIT')
    other.close()
    await put
    expect(await store.get('me', ['a', 'b'])).toHaveLength(2)
    await close()
  })

  it('of the thread ends what it was doing, and the next call starts another', async () => {
    const workers: Worker[] = []
    const collect = (worker: Worker) => void workers.push(worker)
    process.on('worker', collect)
    const { store, close } = await openStore()
    await store.put('me', [entry('a')])
    const interrupted = store.put('me', [entry('b', 'x'.repeat(10_000_000))])
    await Promise.all([expect(interrupted).rejects.toMatchObject({ code: 'TKL_SESSION_UNAVAILABLE' }), ...workers.map((worker) => worker.terminate())])
    await store.put('me', [entry('c')])
    expect(await store.get('me', ['a', 'b', 'c'])).toMatchObject([{ key: 'a' }, { key: 'c' }])
    // One that writes, its successor, and one that reads.
    expect(workers).toHaveLength(3)
    process.off('worker', collect)
    await close()
  })

  it('of the sweep is logged, and nothing else', async () => {
    const { logger, lines } = recordingLogger()
    const path = join(temporaryFolder(), 'sessions.db')
    const store = new SqliteSessionStore({ path, timeToLive: 1_000, byteLimit: 1_000, driver: loadDriver(), logger })
    const other = loadDriver().open(path)
    other.exec('DROP TABLE entries')
    other.close()
    await store.sweep()
    expect(lines).toMatchObject([{ level: 40, msg: expect.stringContaining('could not be removed') }])
    await store.close()
  })
})

describe('a reload', () => {
  it('keeps the same store until the last generation is gone', async () => {
    const sharedStore = new SharedStore()
    const first = await openStore({}, { sharedStore })
    const second = await openStore({ path: first.path }, { sharedStore })
    expect(second.store).toBe(first.store)
    await first.close()
    await second.store.put('me', [entry('k')])
    await second.close()
    expect(sharedStore.size).toBe(0)
  })

  it('that changes a limit opens another store on the same file', async () => {
    const sharedStore = new SharedStore()
    const first = await openStore({}, { sharedStore })
    const second = await openStore({ path: first.path, timeToLive: 1_000 }, { sharedStore })
    expect(second.store).not.toBe(first.store)
    const pending = first.store.put('me', [entry('k')])
    await first.close()
    await pending
    expect(await second.store.get('me', ['k'])).toHaveLength(1)
    await second.close()
  })
})

describe('the options', () => {
  it('may all be left out, and name what is wrong', () => {
    expect(sqliteSessions()).toMatchObject({ kind: 'session', id: 'sqlite' })
    expect(() => sqliteSessions({ path: ':memory:' })).toThrow('memorySessions()')
    const misspelt = { timeTolive: 1 } as object
    expect(() => sqliteSessions(misspelt)).toThrow('did you mean "timeToLive"')
  })
})
