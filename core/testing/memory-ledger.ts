import type { AttemptClosed, AttemptOpened, Ledger, RequestRecord, UsageQuery, UsageRow } from '../contracts/ledger.ts'
import type { Plugin } from '../plugin.ts'

/** An attempt as the ledger knows it; `closed` is absent while it runs. */
export interface MemoryAttempt {
  readonly opened: AttemptOpened
  readonly closed?: AttemptClosed
}

/** A ledger plugin whose rows a test can look at. Rows survive a reload, but not the process. */
export interface MemoryLedgerPlugin extends Plugin<'ledger'> {
  /** In the order in which they were written. */
  records(): readonly RequestRecord[]
  /** In the order in which they were opened. */
  attempts(): readonly MemoryAttempt[]
}

export function memoryLedger(options: { readonly id?: string } = {}): MemoryLedgerPlugin {
  const ledger = new MemoryLedger()
  return {
    kind: 'ledger',
    id: options.id ?? 'memory',
    name: 'memory',
    apiVersion: 1,
    setup: () => ledger,
    records: () => [...ledger.rows.values()],
    attempts: () => [...ledger.attempts.values()],
  }
}

/** The contract `Ledger` over two maps. Nothing is durable, so it is for tests only. */
export class MemoryLedger implements Ledger {
  readonly rows = new Map<string, RequestRecord>()
  readonly attempts = new Map<string, MemoryAttempt>()

  openAttempt(opened: AttemptOpened): void {
    if (!this.attempts.has(opened.id)) this.attempts.set(opened.id, { opened })
  }

  closeAttempt(closed: AttemptClosed): void {
    const attempt = this.attempts.get(closed.id)
    if (attempt && !attempt.closed) this.attempts.set(closed.id, { ...attempt, closed })
  }

  async record(record: RequestRecord): Promise<void> {
    if (!this.rows.has(record.id)) this.rows.set(record.id, record)
  }

  /** Nothing is left of an earlier process. */
  async recover(): Promise<number> {
    return 0
  }

  async usage(query: UsageQuery): Promise<readonly UsageRow[]> {
    const groups = new Map<string, RequestRecord[]>()
    for (const row of this.#between(query.since, query.until)) {
      const group = groupOf(row, query.groupBy)
      groups.set(group, [...(groups.get(group) ?? []), row])
    }
    return [...groups].map(([group, rows]) => sumUp(group, rows)).sort((a, b) => (a.group < b.group ? -1 : 1))
  }

  async requests(query: Parameters<Ledger['requests']>[0]): Promise<readonly RequestRecord[]> {
    const limit = Math.min(query.limit ?? 100, 1_000)
    return this.#between(query.since, undefined)
      .filter((row) => query.id === undefined || row.id === query.id || row.requestId === query.id)
      .sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1))
      .slice(0, limit)
  }

  async flush(): Promise<void> {}

  #between(since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY): RequestRecord[] {
    return [...this.rows.values()].filter((row) => row.startedAt >= since && row.startedAt < until)
  }
}

function groupOf(row: RequestRecord, groupBy: UsageQuery['groupBy']): string {
  if (groupBy === 'day') return new Date(row.startedAt).toISOString().slice(0, 10)
  return row[groupBy] ?? ''
}

function sumUp(group: string, rows: readonly RequestRecord[]): UsageRow {
  const sum = (pick: (row: RequestRecord) => number | undefined) => rows.reduce((total, row) => total + (pick(row) ?? 0), 0)
  const priced = rows.filter((row) => row.cost !== undefined)
  return {
    group,
    requests: rows.length,
    failed: rows.filter((row) => row.ending !== 'complete').length,
    estimated: rows.filter((row) => row.usage?.source === 'estimated').length,
    inputUncached: sum((row) => row.usage?.inputUncached),
    cacheRead: sum((row) => row.usage?.cacheRead),
    cacheWrite: sum((row) => row.usage?.cacheWrite),
    output: sum((row) => row.usage?.output),
    reasoning: sum((row) => row.usage?.reasoning),
    cost: priced.length > 0 ? sum((row) => row.cost) : null,
    unpriced: rows.length - priced.length,
  }
}
