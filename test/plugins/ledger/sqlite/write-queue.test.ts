import { setTimeout as pause } from 'node:timers/promises'
import { sampleAttempt, sampleClosing, sampleRecord } from 'tokligence/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { QueuedRow } from '../../../../plugins/ledger/sqlite/batch-writer.ts'
import { WriteQueue } from '../../../../plugins/ledger/sqlite/write-queue.ts'
import { recordingLogger } from '../../set-up.ts'

let batches: QueuedRow[][]
let queue: WriteQueue
let log: ReturnType<typeof recordingLogger>

beforeEach(() => {
  batches = []
  log = recordingLogger()
  const write = (rows: readonly QueuedRow[]) => {
    batches.push([...rows])
    return new Map()
  }
  queue = new WriteQueue({ write, onFailure: 'refuse', logger: log.logger, onCommit: () => {} })
})

const kinds = () => batches.map((rows) => rows.map(({ kind }) => kind))

describe('the write queue', () => {
  it('commits what comes in one turn of the event loop together, in order', async () => {
    queue.open(sampleAttempt())
    await Promise.all([queue.record(sampleRecord()), queue.record(sampleRecord()), Promise.resolve().then(() => queue.record(sampleRecord()))])
    expect(kinds()).toEqual([['opened', 'record', 'record', 'record']])
  })

  it('writes an attempt within milliseconds though nobody waits for it', async () => {
    queue.open(sampleAttempt())
    await Promise.resolve()
    expect(kinds()).toEqual([])
    await pause(50)
    expect(kinds()).toEqual([['opened']])
  })

  it('makes one row of an attempt that ends before it is written, and two of one that ends later', async () => {
    const [fast, slow] = [sampleAttempt(), sampleAttempt()]
    queue.open(slow)
    await queue.flush()
    queue.open(fast)
    queue.close(sampleClosing(fast.id))
    queue.close(sampleClosing(fast.id, { ending: 'client-gone' }))
    queue.close(sampleClosing(slow.id))
    await queue.flush()
    expect(kinds()).toEqual([['opened'], ['opened', 'closed']])
    expect(batches[1]?.[0]).toMatchObject({ opened: { id: fast.id }, closed: { id: fast.id, ending: 'complete' } })
  })

  it('writes what is queued before it ends, also what the last promises add, and takes nothing afterwards', async () => {
    const recorded = queue.record(sampleRecord()).then(() => queue.open(sampleAttempt()))
    await queue.end()
    await recorded
    expect(kinds()).toEqual([['record'], ['opened']])
    queue.open(sampleAttempt())
    queue.close(sampleClosing('x'))
    await expect(queue.record(sampleRecord())).rejects.toMatchObject({ code: 'TKL_LEDGER_UNAVAILABLE' })
    await pause(20)
    expect(kinds()).toHaveLength(2)
    expect(log.lines.map(({ level }) => level)).toEqual([50, 50])
  })
})

describe('a lock that outlasted the patience of the write queue', () => {
  afterEach(() => void vi.useRealTimers())

  it('does not make the next lock a failure at once', async () => {
    vi.useFakeTimers()
    let locked = true
    const write = () => {
      if (locked) throw Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' })
      return new Map()
    }
    queue = new WriteQueue({ write, onFailure: 'refuse', logger: log.logger, onCommit: () => {} })
    const refused = expect(queue.record(sampleRecord())).rejects.toMatchObject({ code: 'TKL_LEDGER_UNAVAILABLE' })
    await vi.advanceTimersByTimeAsync(6_000)
    await refused
    const patient = queue.record(sampleRecord())
    await vi.advanceTimersByTimeAsync(100)
    locked = false
    await vi.advanceTimersByTimeAsync(100)
    await patient
    expect(log.lines.map(({ level }) => level)).toEqual([50, 30])
  })
})
