import { describe, expect, it } from 'vitest'
import type { UsageQuery } from '../../../core/contracts/ledger.ts'
import { workspace } from '../config/workspace.ts'
import { captureIo, runCommand } from './captured-io.ts'

const rows = [
  {
    group: 'small',
    requests: 12,
    failed: 1,
    estimated: 2,
    inputUncached: 1500,
    cacheRead: 20,
    cacheWrite: 3,
    output: 400,
    reasoning: 100,
    cost: 1_234_567,
    unpriced: 0,
  },
  {
    group: 'large-model',
    requests: 3,
    failed: 0,
    estimated: 0,
    inputUncached: 7,
    cacheRead: 0,
    cacheWrite: 0,
    output: 9,
    reasoning: 0,
    cost: null,
    unpriced: 3,
  },
]

async function usage(ledgerRows: readonly object[], ...options: string[]) {
  const files = workspace({
    'gateway.config.ts': `
      const ledger = { recover: async () => { throw new Error('a command must not recover') }, usage: async (query) => { globalThis.seenQuery = query; return ${JSON.stringify(ledgerRows)} } }
      export default { plugins: [{ kind: 'ledger', id: 'small', name: 'small', apiVersion: 1, setup: () => ledger }] }
    `,
  })
  const io = captureIo(files.folder)
  const code = await runCommand(['usage', ...options], io)
  return { code, out: io.out, error: io.error, query: (globalThis as unknown as { readonly seenQuery: UsageQuery }).seenQuery }
}

describe('tokligence usage', () => {
  it('prints the sums of each group and of all, lined up', async () => {
    const { code, out } = await usage(rows)
    expect(code).toBe(0)
    expect(out.split('\n').slice(2, 8)).toEqual([
      'model        requests  failed  estimated  input (uncached)  cache read  cache write  output  reasoning      cost',
      '-----------  --------  ------  ---------  ----------------  ----------  -----------  ------  ---------  --------',
      'small              12       1          2              1500          20            3     400        100  1.234567',
      'large-model         3       0          0                 7           0            0       9          0         -',
      '-----------  --------  ------  ---------  ----------------  ----------  -----------  ------  ---------  --------',
      'total              15       1          2              1507          20            3     409        100  1.234567',
    ])
    expect(out).toContain('3 of 15 requests are not part of the cost: no price is known for them, or they were refused.')
  })

  it('names the group of requests that have no name to go by', async () => {
    const { out } = await usage([{ ...rows[0], group: '' }])
    expect(out).toMatch(/^\(none\) +12 /m)
  })

  it('gives programs the rows as the ledger has them, an unknown cost as null', async () => {
    const { out } = await usage(rows, '--json')
    const printed = JSON.parse(out) as object
    expect(printed).toMatchObject({ groupBy: 'model', rows, total: { requests: 15, output: 409, cost: 1_234_567, unpriced: 3 } })
  })

  it('does not make a cost out of nothing', async () => {
    const { out } = await usage(rows.slice(1), '--json')
    expect(JSON.parse(out)).toMatchObject({ total: { cost: null } })
  })

  it('asks for the group and the time that were named', async () => {
    const now = Date.now()
    const { query } = await usage(rows, '--by', 'day', '--since', '24h')
    expect(query.groupBy).toBe('day')
    expect((query.since ?? 0) - (now - 86_400_000)).toBeLessThan(10_000)
    expect((query.since ?? 0) - (now - 86_400_000)).toBeGreaterThanOrEqual(0)
    expect((await usage(rows, '--since', '2026-01-31T08:00Z')).query.since).toBe(Date.UTC(2026, 0, 31, 8))
    expect((await usage(rows, '--since', '2026-01-31')).query.since).toBe(Date.UTC(2026, 0, 31))
  })

  it('says that nothing is recorded rather than printing an empty table', async () => {
    expect((await usage([])).out).toBe('Nothing is recorded for this time.\n')
  })

  it('says that there is no ledger', async () => {
    const io = captureIo(workspace({ 'gateway.config.ts': 'export default { plugins: [] }' }).folder)
    expect(await runCommand(['usage'], io)).toBe(78)
    expect(io.error).toContain('The configuration has no ledger, so that nothing is recorded.')
  })
})
