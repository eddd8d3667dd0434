import { createId } from '../../../../core/identifiers.ts'
import { fakePluginApi, sampleAttempt, sampleClosing, sampleRecord } from '../../../../core/testing/index.ts'
import { sqliteLedger } from '../../../../plugins/ledger/sqlite/index.ts'

/** `<ledger file>`: leaves requests in each state that a kill can find them in, prints their ids as JSON, and is killed. */
const [path = ''] = process.argv.slice(2)

const api = fakePluginApi({ id: 'sqlite' })
const ledger = await sqliteLedger.definition.setup(api, sqliteLedger.definition.options.parse({ path }))

const ids = { closed: createId(), retried: createId(), unused: createId(), recorded: createId() }

const closed = sampleAttempt({ requestId: ids.closed })
ledger.openAttempt(closed)
ledger.closeAttempt(sampleClosing(closed.id, { vendorRequestId: 'req_1' }))

const first = sampleAttempt({ requestId: ids.retried })
const second = sampleAttempt({ requestId: ids.retried, sequence: 1, estimatedInput: 60, model: 'model-2' })
ledger.openAttempt(first)
ledger.closeAttempt(sampleClosing(first.id, { ending: 'upstream-error' }))
ledger.openAttempt(second)

const unused = sampleAttempt({ requestId: ids.unused })
ledger.openAttempt(unused)
const { usage: _usage, ...withoutUsage } = sampleClosing(unused.id, { ending: 'upstream-error', status: 429 })
ledger.closeAttempt(withoutUsage)

const recorded = sampleAttempt({ requestId: ids.recorded })
ledger.openAttempt(recorded)
ledger.closeAttempt(sampleClosing(recorded.id))
await ledger.record(sampleRecord({ id: ids.recorded }))

await ledger.flush()
process.stdout.write(JSON.stringify(ids), () => process.kill(process.pid, 'SIGKILL'))
