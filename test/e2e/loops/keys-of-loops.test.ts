import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Fields, isObject } from '../../support/json-fields.ts'
import { type Speakers, speakers } from '../thoughtful-vendors.ts'
import { translatedPaths } from '../vendors.ts'
import { loopClients } from './loop-clients.ts'
import { type LoopGateway, type LoopGatewayOptions, runLoop, sealKey, startLoopGateway } from './loop-gateway.ts'
import { StrictVendors } from './strict-vendors.ts'

let upstream: ScriptedUpstream
let all: Speakers
let vendors: StrictVendors
let running: LoopGateway[] = []

beforeAll(async () => {
  ;[upstream, all] = await Promise.all([startScriptedUpstream(), speakers()])
})
afterAll(() => upstream.close())
beforeEach(() => {
  vendors = new StrictVendors(all, 4)
  upstream.always(vendors.answer)
})
afterEach(async () => {
  await Promise.all(running.map((gateway) => gateway.close()))
  running = []
  expect(vendors.refusals).toEqual([])
})

async function start(options: LoopGatewayOptions = {}): Promise<LoopGateway> {
  const gateway = await startLoopGateway(upstream, options)
  running.push(gateway)
  return gateway
}

const reasonsOf = (gateway: LoopGateway) => gateway.ledger.records().flatMap(({ losses = [] }) => losses.map(({ feature }) => feature))
/** Those of requests: the last answer of a loop may have an opaque value that has no place. */
const lostSeals = (gateway: LoopGateway) =>
  gateway.ledger.records().flatMap(({ losses }) => losses.filter(({ feature, detail }) => feature === 'reasoning-seal' && !detail?.includes('cannot end')))
const cases = translatedPaths.map((path, index) => ({ ...path, stream: index % 2 === 0 }))

describe.each(cases)('a loop along $name (streamed: $stream)', ({ caller, upstream: protocol, stream }) => {
  const plan = { client: loopClients[caller], stream, turns: 4, seat: () => ({ protocol, account: 'first' as const }) }

  it('goes on when the gateway starts anew between its turns, with the key in its file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokligence-loops-'))
    vi.stubEnv('TOKLIGENCE_LEDGER_PATH', join(folder, 'ledger.db'))
    try {
      const turns = await runLoop({
        ...plan,
        async url() {
          await Promise.all(running.splice(0).map((gateway) => gateway.close()))
          return (await start({ seals: {} })).url
        },
      })
      expect(turns.at(-1)?.calls).toEqual([])
    } finally {
      vi.unstubAllEnvs()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('goes on through two gateways that share a key, and through one that has taken a new key', async () => {
    const newKey = Buffer.alloc(32, 8).toString('base64')
    const rotated = { seals: { seals: { key: newKey, olderKeys: [sealKey] } } }
    const gateways = await Promise.all([start(), start(), start(rotated), start(rotated), start(rotated)])
    const turns = await runLoop({ ...plan, url: (turn) => gateways[turn]?.url ?? '' })
    expect(turns).toHaveLength(5)
    expect(gateways.flatMap(lostSeals)).toEqual([])
  })

  it('sends no seal on that its caller altered, nor what is left of one', async () => {
    const gateway = await start()
    // Vendors demand what they gave, so that a turn without it is another one to them.
    upstream.always((request) => {
      expect(request.body.toString()).not.toMatch(/tkl1|dGtsMS/)
      return new StrictVendors(all, 4).answer(request)
    })
    const turns = await runLoop({ ...plan, turns: 1, url: () => gateway.url, keep: (said) => said.map(altered) })
    expect(turns).toHaveLength(2)
    expect(reasonsOf(gateway)).toContain('reasoning-seal')
  })
})

/** Every seal with another character in its middle. */
function altered(fields: Fields): Fields {
  return JSON.parse(JSON.stringify(fields), (_, value: unknown) => {
    if (typeof value !== 'string' || isObject(value) || !/^(tkl1|dGtsMS)/.test(value) || value.length < 20) return value
    const middle = value.length >> 1
    return value.slice(0, middle) + (value[middle] === 'x' ? 'y' : 'x') + value.slice(middle + 1)
  }) as Fields
}
