import { type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Fields } from '../support/json-fields.ts'
import { loopClients } from './loops/loop-clients.ts'
import { type LoopGateway, modelAt, startLoopGateway } from './loops/loop-gateway.ts'
import { StrictVendors } from './loops/strict-vendors.ts'
import { sealedRefusals } from './loops/vendor-refusals.ts'
import { speakers } from './thoughtful-vendors.ts'

let upstream: ScriptedUpstream
let gateway: LoopGateway

beforeAll(async () => {
  upstream = await startScriptedUpstream()
  gateway = await startLoopGateway(upstream)
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})

const foreign = 'gAAA-of-another'

it.each([
  ['openai-responses', { type: 'compaction', id: 'cmp_1', encrypted_content: foreign }, 'compaction semantic'],
  ['openai-chat', { role: 'assistant', content: 'Hello.', extra_content: { google: { thought_signature: foreign } } }, 'reasoning-seal hint'],
] as const)(
  'an opaque value that stands beside the blocks of a turn is refused once, and sent neither again nor in later turns (%s)',
  async (caller, holder, loss) => {
    const vendors = new StrictVendors(await speakers(), 4)
    let refusals = 0
    upstream.always((request) => {
      if (!request.body.includes(foreign)) return vendors.answer(request)
      refusals++
      return { status: 400, body: sealedRefusals[caller] }
    })
    const client = loopClients[caller]
    const number = upstream.requests.length
    let history: readonly Fields[] = [client.question, holder, client.question]
    for (let turn = 0; turn < 3; turn++) {
      const { said, calls } = await client.ask(gateway.url, modelAt({ protocol: caller, account: 'first' }), history, false)
      history = [...history, ...said, ...client.results(calls)]
    }
    expect([refusals, upstream.requests.length - number, vendors.refusals]).toEqual([1, 4, []])
    const rows = gateway.ledger.records().slice(-3)
    expect(rows.map(({ losses }) => losses?.map(({ feature, severity }) => `${feature} ${severity}`))).toEqual([[loss], [loss], [loss]])
  },
)
