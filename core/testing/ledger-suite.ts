import type { Ledger, RequestRecord, UsageRow } from '../contracts/ledger.ts'
import { createId } from '../identifiers.ts'
import { fullRecord, sampleAttempt, sampleClosing, sampleRecord } from './ledger-samples.ts'

/** The functions of a test runner that the kit uses; those of vitest, jest and their like fit as they are. */
export interface TestRunner {
  describe(title: string, body: () => void): unknown
  it(title: string, body: () => Promise<void>): unknown
  expect(value: unknown): { toBe(expected: unknown): unknown; toEqual(expected: unknown): unknown }
}

export interface LedgerUnderTest {
  readonly ledger: Ledger
  /** Ends it gracefully. */
  close(): Promise<void>
}

export interface LedgerSuite<Opened extends LedgerUnderTest = LedgerUnderTest> {
  /** Makes an empty ledger that is set to refuse what it cannot write. */
  create(): Promise<Opened>
  /** Opens one more ledger on the same store, as another process would. Leave it out when the store dies with the ledger. */
  readonly again?: (first: Opened) => Promise<LedgerUnderTest>
  /** Opens a ledger on what would be left if the first one's process were killed now. Leave it out when nothing would be. */
  readonly afterCrash?: (killed: Opened) => Promise<LedgerUnderTest>
  readonly runner: TestRunner
}

/** What every ledger must do, whatever it stores its rows in. */
export function testLedger<Opened extends LedgerUnderTest>(suite: LedgerSuite<Opened>): void {
  const { describe } = suite.runner
  describe('ledger contract', () => {
    describe('record', () => testRecord(suite))
    describe('requests', () => testRequests(suite))
    describe('usage', () => testUsage(suite))
    describe('attempts and recovery', () => testAttempts(suite))
  })
}

type Track = (opened: LedgerUnderTest) => Ledger

/** Runs a test with an empty ledger; closes it and whatever else was opened and tracked. */
async function withLedger<Opened extends LedgerUnderTest>(suite: LedgerSuite<Opened>, body: (first: Opened, track: Track) => Promise<void>): Promise<void> {
  const first = await suite.create()
  const opened: LedgerUnderTest[] = [first]
  const track: Track = (another) => {
    opened.push(another)
    return another.ledger
  }
  try {
    await body(first, track)
  } finally {
    for (const one of opened.reverse()) await one.close()
  }
}

async function only(ledger: Ledger, id: string): Promise<RequestRecord | undefined> {
  const found = await ledger.requests({ id })
  if (found.length > 1) throw new Error(`${found.length} rows have the id ${id}`)
  return found[0]
}

function testRecord<Opened extends LedgerUnderTest>(suite: LedgerSuite<Opened>): void {
  const { it, expect } = suite.runner

  it('keeps every field as it was', () =>
    withLedger(suite, async ({ ledger }) => {
      const record = fullRecord()
      await ledger.record(record)
      expect(await only(ledger, record.id)).toEqual(record)
    }))

  it('keeps what is absent absent', () =>
    withLedger(suite, async ({ ledger }) => {
      const record = sampleRecord({ usage: { source: 'estimated', output: 0 } })
      await ledger.record(record)
      const found = await only(ledger, record.id)
      expect(Object.keys(found ?? {}).sort()).toEqual(Object.keys(record).sort())
      expect(found).toEqual(record)
    }))

  it('has written a record when its promise resolves, each of many at once', () =>
    withLedger(suite, async ({ ledger }) => {
      const records = Array.from({ length: 300 }, () => sampleRecord())
      const seen = await Promise.all(
        records.map(async (record) => {
          await ledger.record(record)
          return (await ledger.requests({ id: record.id })).length
        }),
      )
      expect(seen).toEqual(records.map(() => 1))
    }))

  it('changes nothing when an id is recorded again', () =>
    withLedger(suite, async ({ ledger }) => {
      const first = sampleRecord({ status: 200 })
      await Promise.all([ledger.record(first), ledger.record({ ...first, status: 500 })])
      await ledger.record({ ...first, status: 501 })
      expect(await only(ledger, first.id)).toEqual(first)
    }))

  it('flushes what is queued, and resolves at once when nothing is', () =>
    withLedger(suite, async ({ ledger }) => {
      await ledger.flush()
      const record = sampleRecord()
      const recorded = ledger.record(record)
      await ledger.flush()
      expect((await ledger.requests({ id: record.id })).length).toBe(1)
      await recorded
    }))

  const { again } = suite
  if (!again) return
  it('shows its rows to another process', () =>
    withLedger(suite, async (first, track) => {
      const record = fullRecord()
      await first.ledger.record(record)
      expect(await only(track(await again(first)), record.id)).toEqual(record)
    }))

  it('keeps its rows when it is closed, those still queued included, and lets others go on', () =>
    withLedger(suite, async (first, track) => {
      const closing = await again(first)
      const record = fullRecord()
      const recorded = closing.ledger.record(record)
      await closing.close()
      await recorded
      expect(await only(first.ledger, record.id)).toEqual(record)
      expect(await only(track(await again(first)), record.id)).toEqual(record)
    }))
}

function testRequests<Opened extends LedgerUnderTest>(suite: LedgerSuite<Opened>): void {
  const { it, expect } = suite.runner

  it('finds a request by its own id and all that share a caller’s id, newest first', () =>
    withLedger(suite, async ({ ledger }) => {
      const records = [1_000, 3_000, 2_000].map((startedAt) => sampleRecord({ startedAt, requestId: 'retried' }))
      await Promise.all([...records, sampleRecord()].map((record) => ledger.record(record)))
      const found = await ledger.requests({ id: 'retried' })
      expect(found.map(({ startedAt }) => startedAt)).toEqual([3_000, 2_000, 1_000])
      expect((await ledger.requests({ id: records[0]?.id ?? '' })).map(({ startedAt }) => startedAt)).toEqual([1_000])
      expect(await ledger.requests({ id: 'nobody' })).toEqual([])
    }))

  it('lists the newest first from a moment on', () =>
    withLedger(suite, async ({ ledger }) => {
      const times = [5, 1, 4, 2, 3]
      await Promise.all(times.map((startedAt) => ledger.record(sampleRecord({ startedAt }))))
      expect((await ledger.requests({ since: 3 })).map(({ startedAt }) => startedAt)).toEqual([5, 4, 3])
      expect((await ledger.requests({ limit: 2 })).map(({ startedAt }) => startedAt)).toEqual([5, 4])
    }))

  it('gives 100 rows when no limit is named, and never more than 1,000', () =>
    withLedger(suite, async ({ ledger }) => {
      await Promise.all(Array.from({ length: 1_010 }, () => ledger.record(sampleRecord())))
      expect((await ledger.requests({})).length).toBe(100)
      expect((await ledger.requests({ limit: 5_000 })).length).toBe(1_000)
    }))
}

const emptyRow: Omit<UsageRow, 'group'> = {
  requests: 1,
  failed: 0,
  estimated: 0,
  inputUncached: 0,
  cacheRead: 0,
  cacheWrite: 0,
  output: 0,
  reasoning: 0,
  cost: null,
  unpriced: 0,
}

function testUsage<Opened extends LedgerUnderTest>(suite: LedgerSuite<Opened>): void {
  const { it, expect } = suite.runner
  const byGroup = (rows: readonly UsageRow[]) => [...rows].sort((a, b) => (a.group < b.group ? -1 : 1))

  it('sums what was reported, and counts the requests that were estimated, did not complete or have no price', () =>
    withLedger(suite, async ({ ledger }) => {
      const usage = { inputUncached: 10, cacheRead: 1, cacheWrite: 2, output: 5, reasoning: 3, source: 'measured' } as const
      await Promise.all([
        ledger.record(sampleRecord({ model: 'a', usage, cost: 100, currency: 'USD' })),
        ledger.record(sampleRecord({ model: 'a', usage: { output: 4, source: 'estimated' }, ending: 'interrupted' })),
        ledger.record(sampleRecord({ model: 'a', usage, cost: 0, currency: 'USD', ending: 'client-gone' })),
        ledger.record(sampleRecord({ model: 'b', ending: 'rejected', status: 400 })),
      ])
      expect(byGroup(await ledger.usage({ groupBy: 'model' }))).toEqual([
        {
          ...emptyRow,
          group: 'a',
          requests: 3,
          failed: 2,
          estimated: 1,
          inputUncached: 20,
          cacheRead: 2,
          cacheWrite: 4,
          output: 14,
          reasoning: 6,
          cost: 100,
          unpriced: 1,
        },
        { ...emptyRow, group: 'b', failed: 1, unpriced: 1 },
      ])
    }))

  it('groups by model, provider, principal and UTC day; what is absent has an empty name', () =>
    withLedger(suite, async ({ ledger }) => {
      await ledger.record(sampleRecord({ model: 'm', provider: 'p', principal: 'me', startedAt: Date.UTC(2026, 0, 31, 23, 59, 59, 999) }))
      await ledger.record(sampleRecord({ startedAt: Date.UTC(2026, 1, 1) }))
      const groups = async (groupBy: 'model' | 'provider' | 'principal' | 'day') => byGroup(await ledger.usage({ groupBy })).map(({ group }) => group)
      expect(await groups('model')).toEqual(['', 'm'])
      expect(await groups('provider')).toEqual(['', 'p'])
      expect(await groups('principal')).toEqual(['', 'me'])
      expect(await groups('day')).toEqual(['2026-01-31', '2026-02-01'])
    }))

  it('counts from a moment on and up to, but not including, another', () =>
    withLedger(suite, async ({ ledger }) => {
      await Promise.all([999, 1_000, 1_999, 2_000].map((startedAt) => ledger.record(sampleRecord({ startedAt, model: 'm' }))))
      expect(await ledger.usage({ groupBy: 'model', since: 1_000, until: 2_000 })).toEqual([{ ...emptyRow, group: 'm', requests: 2, unpriced: 2 }])
      expect(await ledger.usage({ groupBy: 'model', since: 5_000 })).toEqual([])
    }))
}

function testAttempts<Opened extends LedgerUnderTest>(suite: LedgerSuite<Opened>): void {
  const { it, expect } = suite.runner

  it('takes attempts without complaint, also one that is closed twice or was never opened', () =>
    withLedger(suite, async ({ ledger }) => {
      const attempt = sampleAttempt()
      ledger.openAttempt(attempt)
      ledger.closeAttempt(sampleClosing(attempt.id))
      ledger.closeAttempt(sampleClosing(attempt.id, { ending: 'upstream-error' }))
      ledger.closeAttempt(sampleClosing(createId()))
      await ledger.flush()
      expect(await ledger.recover()).toBe(0)
    }))

  it('leaves its own open attempts alone', () =>
    withLedger(suite, async ({ ledger }) => {
      ledger.openAttempt(sampleAttempt())
      await ledger.flush()
      expect(await ledger.recover()).toBe(0)
      expect(await ledger.requests({})).toEqual([])
    }))

  const { again } = suite
  if (again)
    it('leaves the open attempts of another live process alone', () =>
      withLedger(suite, async (first, track) => {
        first.ledger.openAttempt(sampleAttempt())
        await first.ledger.flush()
        expect(await track(await again(first)).recover()).toBe(0)
        expect(await first.ledger.requests({})).toEqual([])
      }))

  const { afterCrash } = suite
  if (!afterCrash) return
  it('books what a killed process left open as interrupted, estimated, once', () =>
    withLedger(suite, async (killed, track) => {
      const retried = sampleAttempt({ requestId: createId(), callerRequestId: 'caller-1', principal: 'me' })
      const orphan = { ...retried, id: createId(), sequence: 1, estimatedInput: 60 }
      killed.ledger.openAttempt(retried)
      killed.ledger.closeAttempt(sampleClosing(retried.id, { ending: 'upstream-error' }))
      killed.ledger.openAttempt(orphan)
      await killed.ledger.flush()
      const ledger = track(await afterCrash(killed))
      expect(await ledger.recover()).toBe(1)
      // How long it took and what the caller saw of it, nobody knows; but no success.
      const { startedAt, duration, status, ...rest } = (await only(ledger, retried.requestId)) ?? sampleRecord()
      expect(rest).toEqual({
        id: retried.requestId,
        requestId: 'caller-1',
        principal: 'me',
        protocol: 'caller-protocol',
        operation: 'generate',
        stream: true,
        model: 'fast',
        provider: 'provider-1',
        upstreamModel: 'model-1-large',
        upstreamProtocol: 'upstream-protocol',
        ending: 'interrupted',
        attempts: 2,
        usage: { inputUncached: 101, output: 9, source: 'estimated' },
        losses: [],
      })
      expect(status >= 200 && status < 400).toBe(false)
      expect(await ledger.recover()).toBe(0)
      expect((await ledger.requests({})).length).toBe(1)
    }))

  it('does not touch a request that was recorded before its process was killed', () =>
    withLedger(suite, async (killed, track) => {
      const attempt = sampleAttempt()
      const record = sampleRecord({ id: attempt.requestId, requestId: attempt.requestId })
      killed.ledger.openAttempt(attempt)
      await killed.ledger.record(record)
      const ledger = track(await afterCrash(killed))
      expect(await ledger.recover()).toBe(1)
      expect(await only(ledger, record.id)).toEqual(record)
    }))
}
