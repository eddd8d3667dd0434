import { type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Fields, objects } from '../../support/json-fields.ts'
import { type Speakers, speakers } from '../thoughtful-vendors.ts'
import { callers, paths } from '../vendors.ts'
import { loopClients } from './loop-clients.ts'
import { type LoopGateway, runLoop, type Seat, startLoopGateway } from './loop-gateway.ts'
import { StrictVendors } from './strict-vendors.ts'

let upstream: ScriptedUpstream
let gateway: LoopGateway
let all: Speakers
let vendors: StrictVendors

beforeAll(async () => {
  ;[upstream, all] = await Promise.all([startScriptedUpstream(), speakers()])
  gateway = await startLoopGateway(upstream)
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})
beforeEach(() => {
  vendors = new StrictVendors(all)
  upstream.always(vendors.answer)
})
afterEach(() => expect(vendors.refusals).toEqual([]))

const both = [false, true]
const url = () => gateway.url

/** Ten turns of two calls each, and an end. */
const whole = [...Array.from({ length: 10 }, (_, turn) => [{ turn }, { turn }]), []]

describe('a loop of ten turns that think and call two tools at once', () => {
  it.each(paths.flatMap((path) => both.map((stream) => ({ ...path, stream }))))(
    'goes through to a vendor that refuses what it did not sign ($name, streamed: $stream)',
    async ({ caller, upstream: protocol, stream }) => {
      const turns = await runLoop({ client: loopClients[caller], stream, url, seat: () => ({ protocol, account: 'first' }) })
      expect(turns.map(({ calls }) => calls.map(({ input }) => ({ turn: input.turn })))).toEqual(whole)
      expect(turns[0]?.calls.map(({ name }) => name)).toEqual(['look', 'count'])
    },
  )
})

describe('a loop whose vendor thinks between two calls of one turn', () => {
  const between = paths.filter(({ upstream: protocol }) => /responses|messages/.test(protocol))

  it.each(between.flatMap((path) => both.map((stream) => ({ ...path, stream }))))(
    'gets each thought back at its place ($name, streamed: $stream)',
    async (path) => {
      vendors = new StrictVendors(all, 3, { between: true })
      upstream.always(vendors.answer)
      const seat = () => ({ protocol: path.upstream, account: 'first' as const })
      expect(await runLoop({ client: loopClients[path.caller], stream: path.stream, turns: 3, url, seat })).toHaveLength(4)
    },
  )
})

describe('a loop whose client returns the signatures of calls alone, and drops thoughts', () => {
  const dropsThoughts = (said: readonly Fields[]) =>
    said
      .map((content): Fields => ({ ...content, parts: objects(content.parts).filter(({ thought }) => thought !== true) }))
      .filter(({ parts }) => objects(parts).length > 0)
  const kept = paths.filter(({ caller, upstream: protocol }) => caller === 'gemini' && protocol !== 'gemini')

  it.each(kept.flatMap((path) => both.flatMap((stream) => both.map((between) => ({ ...path, stream, between })))))(
    'gives its vendor back all of them, without a store ($name, streamed: $stream, between calls too: $between)',
    async ({ caller, upstream: protocol, stream, between }) => {
      vendors = new StrictVendors(all, 4, { between })
      upstream.always(vendors.answer)
      const number = upstream.requests.length
      const seat = () => ({ protocol, account: 'first' as const })
      expect(await runLoop({ client: loopClients[caller], stream, turns: 4, url, seat, keep: dropsThoughts })).toHaveLength(5)
      const asked = upstream.requests.slice(number).map((request) => request.json() as Fields)
      if (protocol === 'anthropic-messages') expect(asked.map(({ thinking }) => (thinking as Fields | undefined)?.type)).toEqual(Array(5).fill('enabled'))
      const lost = gateway.ledger
        .records()
        .slice(-5)
        .flatMap(({ losses }) => losses ?? [])
      expect(lost.filter(({ feature }) => feature === 'reasoning-seal' || feature === 'reasoning')).toEqual([])
    },
  )
})

describe('a loop without a store whose client drops seals', () => {
  it.each([
    ['anthropic-messages', ['reasoning semantic']],
    ['gemini', ['thought-signature hint']],
    ['openai-responses', []],
  ] as const)('goes on, and what becomes of a demand for them is told (%s)', async (protocol, told) => {
    const number = gateway.ledger.records().length
    const once = new StrictVendors(all, 1)
    upstream.always((request) => {
      once.forget()
      return once.answer(request)
    })
    const keep = (said: readonly Fields[]) => said.map(({ reasoning_details: _, reasoning: __, ...message }) => message)
    const seat = () => ({ protocol, account: 'first' as const })
    expect(await runLoop({ client: loopClients['openai-chat'], stream: false, turns: 1, url, seat, keep })).toHaveLength(2)
    const lost = gateway.ledger.records().slice(number)[1]?.losses ?? []
    const named = lost.map(({ feature, severity }) => `${feature} ${severity}`)
    expect(named.filter((name) => /semantic$|^thought-signature/.test(name))).toEqual(told)
  })
})

const seats = callers.flatMap((protocol): Seat[] => [
  { protocol, account: 'first' },
  { protocol, account: 'second' },
])
/** Every vendor to every other, and to another account of the same one. */
const switches = seats
  .filter(({ account }) => account === 'first')
  .flatMap((first) =>
    seats
      .filter((other) => (other.protocol === first.protocol) === (other.account === 'second'))
      .map((other) => ({ first, other, name: `${first.protocol} → ${other.protocol} (${other.account}) → ${first.protocol}` })),
  )

/** Between two accounts of the caller's own protocol the vendor's opaque values go as they are: nobody knows whose they are until one is refused. */
const isUntouched = (caller: string, { first, other }: Pick<(typeof switches)[number], 'first' | 'other'>) =>
  first.protocol === caller && other.protocol === caller

describe.each(callers)('a loop of a %s caller', (caller) => {
  const cases = switches.flatMap((one) => both.map((stream) => ({ ...one, stream })))

  it.each(cases)('goes on while providers and accounts change under it: $name, streamed: $stream', async ({ first, other, stream }) => {
    // The results of two turns go to another one than asked for the calls.
    const order = [first, first, other, other, first, first]
    vendors = new StrictVendors(all, order.length - 1)
    upstream.always(vendors.answer)
    const turns = await runLoop({ client: loopClients[caller], stream, turns: order.length - 1, url, seat: (turn) => order[turn] as Seat })
    expect(turns.map(({ calls }) => calls.length)).toEqual([2, 2, 2, 2, 2, 0])
    if (isUntouched(caller, { first, other })) expect(vendors.refusals.splice(0)).toEqual([expect.stringContaining('was not given to this account')])
  })
})
