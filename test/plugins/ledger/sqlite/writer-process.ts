import { setTimeout as pause } from 'node:timers/promises'
import { createId } from '../../../../core/identifiers.ts'
import { fakePluginApi, sampleAttempt, sampleClosing, sampleRecord } from '../../../../core/testing/index.ts'
import { sqliteLedger } from '../../../../plugins/ledger/sqlite/index.ts'

/** `<ledger file> <callers> <requests of each>`: writes requests as a gateway does, and prints the id of each once its record is acknowledged. */
const [path = '', callers = '8', requests = 'Infinity'] = process.argv.slice(2)

const api = fakePluginApi({ id: 'sqlite' })
const ledger = await sqliteLedger.definition.setup(api, sqliteLedger.definition.options.parse({ path }))
process.stdout.write(`recovered ${await ledger.recover()}\n`)

async function call(): Promise<void> {
  const id = createId()
  const attempt = sampleAttempt({ requestId: id })
  ledger.openAttempt(attempt)
  // Some end before their opening is written, some after.
  await pause(Math.random() * 15)
  ledger.closeAttempt(sampleClosing(attempt.id))
  await ledger.record(sampleRecord({ id }))
  process.stdout.write(`acknowledged ${id}\n`)
}

async function caller(): Promise<void> {
  for (let sent = 0; sent < Number(requests); sent++) await call()
}

await Promise.all(Array.from({ length: Number(callers) }, caller))
await api.dispose()
