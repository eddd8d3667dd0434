import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { loadDriver } from '../../../../plugins/ledger/sqlite/driver.ts'
import { bundleChild } from '../../../faults/bundle-child.ts'
import { openLedger, temporaryFolder } from './set-up-ledger.ts'

let program: string
const children = new Set<ChildProcess>()

beforeAll(async () => {
  program = await bundleChild(fileURLToPath(new URL('writer-process.ts', import.meta.url)))
})

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
})

interface Writer {
  readonly child: ChildProcess
  /** Resolves when the first request was acknowledged. */
  readonly started: Promise<void>
  /** Resolves when the process is gone, with the ids that it acknowledged and how many attempts it recovered at its start. */
  readonly ended: Promise<{ acknowledged: string[]; recovered: number; code: number | null; errors: string }>
}

function startWriter(path: string, ...parameters: readonly string[]): Writer {
  const child = spawn(process.execPath, [program, path, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  let output = ''
  let errors = ''
  const started = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.includes('acknowledged')) resolve()
    })
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const ended = once(child, 'close').then(([code]) => {
    children.delete(child)
    // A line cut off by the kill was not acknowledged to anybody.
    const lines = output.split('\n').slice(0, -1)
    const words = (word: string) => lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length + 1))
    return { acknowledged: words('acknowledged'), recovered: Number(words('recovered')[0] ?? 0), code: code as number | null, errors }
  })
  return { child, started, ended }
}

interface Rows {
  readonly endings: ReadonlyMap<string, string>
  readonly requests: number
  readonly open: number
  readonly interruptedAttempts: number
  /** Attempts whose request has no row. */
  readonly unbooked: number
}

function readRows(path: string): Rows {
  const database = loadDriver().open(path)
  const count = (sql: string) => (database.prepare(`SELECT count(*) AS n FROM ${sql}`).get() as { n: number }).n
  const requests = database.prepare('SELECT id, ending FROM requests').all() as { id: string; ending: string }[]
  const rows = {
    endings: new Map(requests.map(({ id, ending }) => [id, ending])),
    requests: requests.length,
    open: count('attempts WHERE ending IS NULL'),
    interruptedAttempts: count("attempts WHERE ending = 'interrupted'"),
    unbooked: count('attempts WHERE request_id NOT IN (SELECT id FROM requests)'),
  }
  database.close()
  return rows
}

describe('a gateway that is killed', () => {
  it('loses no acknowledged request in ten kills; what was open is booked once', { timeout: 60_000 }, async () => {
    const path = join(temporaryFolder(), 'ledger.db')
    const acknowledged: string[] = []
    let orphans = 0
    let recovered = 0
    for (let round = 0; round < 10; round++) {
      const writer = startWriter(path)
      await writer.started
      await pause(20 + Math.random() * 200)
      writer.child.kill('SIGKILL')
      const result = await writer.ended
      acknowledged.push(...result.acknowledged)
      recovered += result.recovered
      orphans += readRows(path).open
    }
    const { ledger, close } = await openLedger({ path })
    recovered += await ledger.recover()
    expect(await ledger.recover()).toBe(0)
    await close()

    const rows = readRows(path)
    expect(acknowledged.filter((id) => rows.endings.get(id) !== 'complete')).toEqual([])
    expect(new Set(acknowledged).size).toBe(acknowledged.length)
    expect(rows.endings.size).toBe(rows.requests)
    expect([rows.open, rows.unbooked]).toEqual([0, 0])
    expect(orphans).toBeGreaterThan(0)
    expect(recovered).toBe(orphans)
    expect(rows.interruptedAttempts).toBe(orphans)
    const interrupted = [...rows.endings.values()].filter((ending) => ending === 'interrupted').length
    expect(interrupted).toBeGreaterThan(0)
    expect(interrupted).toBeLessThanOrEqual(orphans)
    console.info(`ten kills: ${acknowledged.length} acknowledged requests, none missing; ${orphans} orphans closed, ${interrupted} requests interrupted`)
  })
})

describe('several processes over one file', () => {
  it('make it together, write side by side, and leave nothing open', { timeout: 60_000 }, async () => {
    const path = join(temporaryFolder(), 'ledger.db')
    const results = await Promise.all(Array.from({ length: 3 }, () => startWriter(path, '10', '15').ended))
    expect(results.filter(({ code }) => code !== 0).map(({ errors }) => errors)).toEqual([])
    const rows = readRows(path)
    expect(rows.requests).toBe(450)
    for (const { acknowledged } of results) expect(acknowledged.filter((id) => rows.endings.get(id) !== 'complete')).toEqual([])
    expect([rows.open, rows.interruptedAttempts, rows.unbooked]).toEqual([0, 0, 0])
    expect(readdirSync(`${path}-processes`)).toEqual([])
    expect(existsSync(`${path}-wal`)).toBe(false)
  })

  it('do not take each other’s requests for orphans, and take over those of one that is killed', { timeout: 60_000 }, async () => {
    const path = join(temporaryFolder(), 'ledger.db')
    const [killed, survivor] = [startWriter(path, '20'), startWriter(path, '20')]
    await Promise.all([killed.started, survivor.started])
    await pause(100)
    const { ledger, close } = await openLedger({ path })
    expect(await ledger.recover()).toBe(0)
    killed.child.kill('SIGKILL')
    const { acknowledged } = await killed.ended
    const recovered = await ledger.recover()
    survivor.child.kill('SIGKILL')
    acknowledged.push(...(await survivor.ended).acknowledged)
    expect(recovered).toBeGreaterThan(0)
    expect(recovered).toBeLessThanOrEqual(20)
    await ledger.recover()
    await close()
    const rows = readRows(path)
    expect(acknowledged.filter((id) => rows.endings.get(id) !== 'complete')).toEqual([])
    expect([rows.open, rows.unbooked]).toEqual([0, 0])
  })
})
