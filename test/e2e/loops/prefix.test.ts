import { type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fields } from '../../support/json-fields.ts'
import type { RecordedProtocol } from '../../support/recordings.ts'
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

/** Where a request holds its turns. Vendors put tools and system text before them, whatever the order in the body. */
const turnsIn = { 'openai-chat': 'messages', 'openai-responses': 'input', 'anthropic-messages': 'messages', gemini: 'contents' } as const

interface Sent {
  /** All of the request but its turns. */
  readonly settings: string
  readonly turns: readonly string[]
}

function readSent(protocol: RecordedProtocol, body: string): Sent {
  const { [turnsIn[protocol]]: turns, ...settings } = JSON.parse(body) as Fields
  return { settings: JSON.stringify(settings), turns: (turns as unknown[]).map((turn) => JSON.stringify(turn)) }
}

describe('what a provider is sent', () => {
  it.each(paths.flatMap((path) => [false, true].map((stream) => ({ ...path, stream }))))(
    'begins with all of what it was sent a turn before ($name, streamed: $stream)',
    async ({ caller, upstream: protocol, stream }) => {
      const first = upstream.requests.length
      upstream.always(new StrictVendors(await speakers(), 4).answer)
      await runLoop({ client: loopClients[caller], stream, url: () => gateway.url, seat: () => ({ protocol, account: 'first' }) })
      const sent = upstream.requests.slice(first).map(({ body }) => readSent(protocol, body.toString()))
      expect(sent).toHaveLength(5)
      for (const [index, { settings, turns }] of sent.slice(1).entries()) {
        const before = sent[index] as Sent
        expect(settings).toBe(before.settings)
        expect(turns.slice(0, before.turns.length)).toEqual(before.turns)
        expect(turns.length).toBeGreaterThan(before.turns.length)
      }
    },
  )
})
