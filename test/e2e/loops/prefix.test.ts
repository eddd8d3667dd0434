import { type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectContinued, readSentTurns, type SentTurns } from '../sent-turns.ts'
import { speakers } from '../thoughtful-vendors.ts'
import { paths } from '../vendors.ts'
import { loopClients } from './loop-clients.ts'
import { type LoopGateway, runLoop, startLoopGateway } from './loop-gateway.ts'
import { StrictVendors } from './strict-vendors.ts'

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

describe('what a provider is sent', () => {
  it.each(paths.flatMap((path) => [false, true].map((stream) => ({ ...path, stream }))))(
    'begins with all of what it was sent a turn before ($name, streamed: $stream)',
    async ({ caller, upstream: protocol, stream }) => {
      const first = upstream.requests.length
      upstream.always(new StrictVendors(await speakers(), 4).answer)
      await runLoop({ client: loopClients[caller], stream, url: () => gateway.url, seat: () => ({ protocol, account: 'first' }) })
      const sent = upstream.requests.slice(first).map(({ body }) => readSentTurns(protocol, body))
      expect(sent).toHaveLength(5)
      for (const [index, later] of sent.slice(1).entries()) {
        const before = sent[index] as SentTurns
        expectContinued(later, before)
        expect([later.tools, later.settings]).toEqual([before.tools, before.settings])
      }
    },
  )
})
