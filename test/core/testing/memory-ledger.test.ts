import { describe, expect, it } from 'vitest'
import type { AttemptOpened, Ledger, RequestRecord } from '../../../core/contracts/ledger.ts'
import { fakePluginApi, MemoryLedger, memoryLedger, testLedger } from '../../../core/testing/index.ts'

const attempt: AttemptOpened = {
  id: 'attempt-1',
  requestId: 'row-1',
  sequence: 0,
  provider: 'p',
  protocol: 'upstream',
  model: 'm-upstream',
  startedAt: Date.UTC(2026, 0, 1),
  estimatedInput: 12,
  callerProtocol: 'caller',
  callerRequestId: 'req-1',
  operation: 'generate',
  stream: true,
  callerModel: 'm',
}
const record: RequestRecord = {
  id: 'row-1',
  requestId: 'req-1',
  startedAt: Date.UTC(2026, 0, 1),
  protocol: 'caller',
  operation: 'generate',
  stream: true,
  model: 'm',
  provider: 'p',
  status: 200,
  ending: 'complete',
  attempts: 1,
  duration: 5,
  losses: [],
  usage: { inputUncached: 10, cacheRead: 5, output: 7, source: 'measured' },
}

async function openLedger() {
  const plugin = memoryLedger()
  return { plugin, ledger: (await plugin.setup(fakePluginApi())) as Ledger }
}

describe('memoryLedger', () => {
  it('keeps a row once, and an attempt closed once', async () => {
    const { plugin, ledger } = await openLedger()
    ledger.openAttempt(attempt)
    ledger.closeAttempt({ id: 'attempt-1', ending: 'complete', duration: 3 })
    ledger.closeAttempt({ id: 'attempt-1', ending: 'upstream-error', duration: 4 })
    await ledger.record(record)
    await ledger.record({ ...record, status: 500 })
    expect(plugin.records()).toEqual([record])
    expect(plugin.attempts()).toEqual([{ opened: attempt, closed: { id: 'attempt-1', ending: 'complete', duration: 3 } }])
  })
})

testLedger({ create: async () => ({ ledger: new MemoryLedger(), close: async () => {} }), runner: { describe, it, expect } })
