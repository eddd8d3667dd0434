import { definePlugin } from 'tokligence'
import { type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Fields, objects } from '../../support/json-fields.ts'
import type { RecordedProtocol } from '../../support/recordings.ts'
import { type Speakers, speakers } from '../thoughtful-vendors.ts'
import { translatedPaths } from '../vendors.ts'
import { loopClients } from './loop-clients.ts'
import { type LoopGateway, modelAt, runLoop, sealKey, startLoopGateway } from './loop-gateway.ts'
import { RememberingStore, remembering } from './remembering-store.ts'
import { StrictVendors } from './strict-vendors.ts'

const store = new RememberingStore()
/** Who asks; two of them use the same ids. */
let principal = 'alice'
const login = definePlugin({
  kind: 'auth',
  name: 'login',
  apiVersion: 1,
  options: z.strictObject({}),
  setup: ({ hooks }) => hooks.resolvePrincipal.tap(() => ({ id: principal })),
})

let upstream: ScriptedUpstream
let gateway: LoopGateway
let all: Speakers
let vendors: StrictVendors

beforeAll(async () => {
  ;[upstream, all] = await Promise.all([startScriptedUpstream(), speakers()])
  gateway = await startLoopGateway(upstream, { extra: [remembering(store), login()] })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})
beforeEach(() => {
  vendors = new StrictVendors(all)
  upstream.always(vendors.answer)
})
afterEach(() => {
  store.entries.clear()
  store.failure = undefined
  principal = 'alice'
})

/** What clients drop that do not know it. */
const strip: Readonly<Record<RecordedProtocol, (said: readonly Fields[]) => readonly Fields[]>> = {
  'openai-chat': (said) => said.map(({ reasoning_details: _, ...message }) => message),
  'openai-responses': (said) => said.filter(({ type }) => type !== 'reasoning'),
  'anthropic-messages': (said) =>
    said.map((message) => ({ ...message, content: objects(message.content).filter(({ type }) => !String(type).includes('thinking')) })),
  gemini: (said) =>
    said
      .map((content) => ({ ...content, parts: objects(content.parts).flatMap(({ thoughtSignature: _, ...part }) => (part.thought === true ? [] : [part])) }))
      .filter(({ parts }) => parts.length > 0),
}
const dropsThoughts = (said: readonly Fields[]) =>
  said
    .map((content): Fields => ({ ...content, parts: objects(content.parts).filter(({ thought }) => thought !== true) }))
    .filter(({ parts }) => objects(parts).length > 0)

async function withCopies(copies: false | { readonly timeToLive: number }, run: (gateway: LoopGateway) => Promise<void>) {
  const other = await startLoopGateway(upstream, { seals: { seals: { key: sealKey, copies } }, extra: [remembering(store), login()] })
  try {
    await run(other)
  } finally {
    await other.close()
  }
}

const cases = translatedPaths.flatMap((path) => [false, true].map((stream) => ({ ...path, stream })))
const planOf = ({ caller, upstream: protocol, stream }: (typeof cases)[number]) => ({
  client: loopClients[caller],
  stream,
  url: () => gateway.url,
  seat: () => ({ protocol, account: 'first' as const }),
  keep: strip[caller],
})
const [first] = cases.filter(({ caller, upstream: protocol }) => caller === 'openai-chat' && protocol === 'anthropic-messages')
const plan = planOf(first as (typeof cases)[number])

describe('a loop of ten turns whose client drops opaque values', () => {
  it.each(cases)('has them put back before the calls of their turns ($name, streamed: $stream)', async (one) => {
    const turns = await runLoop(planOf(one))
    expect([turns.length, vendors.refusals]).toEqual([11, []])
  })

  it.each(cases.filter(({ upstream: protocol }) => protocol === 'openai-responses' || protocol === 'anthropic-messages'))(
    'has those between two calls put back there ($name, streamed: $stream)',
    async (one) => {
      vendors = new StrictVendors(all, 3, { between: true })
      upstream.always(vendors.answer)
      const turns = await runLoop({ ...planOf(one), turns: 3 })
      expect([turns.length, vendors.refusals]).toEqual([4, []])
    },
  )

  it.each(cases.filter(({ caller }) => caller === 'gemini'))('has them put back where it drops thoughts alone ($name, streamed: $stream)', async (one) => {
    const turns = await runLoop({ ...planOf(one), keep: dropsThoughts })
    expect([turns.length, vendors.refusals]).toEqual([11, []])
  })
})

/** What is left of an entry in clients that read it by a schema: OpenRouterTeam/ai-sdk-provider, src/schemas/reasoning-details.ts, in 1.x and 0.x. */
const knownMembers = [
  ['type', 'data', 'id', 'index'],
  ['type', 'data'],
]

describe('a loop whose chat client keeps the members of reasoning_details that it knows', () => {
  it.each(cases.filter(({ caller }) => caller === 'openai-chat').flatMap((one) => knownMembers.map((members) => ({ ...one, members }))))(
    'has everything put back from those ($name, streamed: $stream, $members)',
    async ({ members, ...one }) => {
      const known = (detail: Fields): Fields => Object.fromEntries(Object.entries(detail).filter(([name]) => members.includes(name)))
      const keep = (said: readonly Fields[]) => said.map((message) => ({ ...message, reasoning_details: objects(message.reasoning_details).map(known) }))
      vendors = new StrictVendors(all, 3)
      upstream.always(vendors.answer)
      const turns = await runLoop({ ...planOf(one), turns: 3, keep })
      expect([turns.length, vendors.refusals]).toEqual([4, []])
    },
  )
})

describe('seals of more than 256 KiB', () => {
  it.each(cases.filter(({ stream }, index) => stream === index % 4 > 1))(
    'are kept, and referred to where callers get them ($name, streamed: $stream)',
    async (one) => {
      for (const keep of [strip[one.caller], (said: readonly Fields[]) => said]) {
        vendors = new StrictVendors(all, 2, { opaqueBytes: 300_000 })
        upstream.always(vendors.answer)
        const turns = await runLoop({ ...planOf(one), turns: 2, keep })
        expect([turns.length, vendors.refusals]).toEqual([3, []])
        expect(JSON.stringify(turns).length).toBeLessThan(30_000)
        expect([...store.entries.values()].some(({ value }) => value.length > 256 * 1024)).toBe(true)
      }
    },
  )

  it('that are not kept are taken out, with a loss', async () => {
    vendors = new StrictVendors(all, 2, { opaqueBytes: 300_000 })
    upstream.always(vendors.answer)
    const { calls, said } = await plan.client.ask(gateway.url, modelAt(plan.seat()), [plan.client.question], false)
    // The process that made one has it for a while yet, for those whose reply held it.
    principal = 'bob'
    const history = [plan.client.question, ...said, ...plan.client.results(calls)]
    await expect(plan.client.ask(gateway.url, modelAt(plan.seat()), history, false)).rejects.toThrow('something is missing')
    expect(
      gateway.ledger
        .records()
        .at(-1)
        ?.losses?.map(({ feature }) => feature),
    ).toContain('reasoning-seal')
  })
})

describe('the copies', () => {
  it('are never put into the conversation of somebody else', async () => {
    const { calls, said } = await plan.client.ask(gateway.url, modelAt(plan.seat()), [plan.client.question], false)
    const history = [plan.client.question, ...plan.keep(said), ...plan.client.results(calls)]
    principal = 'bob'
    await expect(plan.client.ask(gateway.url, modelAt(plan.seat()), history, false)).rejects.toThrow('something is missing')
    principal = 'alice'
    expect((await plan.client.ask(gateway.url, modelAt(plan.seat()), history, false)).calls).toHaveLength(2)
  })

  it('are not sent to another account, nor are they told as a loss', async () => {
    const turns = await runLoop({ ...plan, turns: 2, seat: (turn) => ({ protocol: 'anthropic-messages', account: turn === 1 ? 'second' : 'first' }) })
    expect([turns.length, vendors.refusals]).toEqual([3, []])
    const losses = gateway.ledger.records().at(-2)?.losses ?? []
    expect(losses.filter(({ feature }) => feature === 'reasoning-seal')).toEqual([])
  })

  it('of one conversation are not put into another whose host numbers its calls in the same way', async () => {
    // As hosts do: every reply's calls are called the same.
    const numbered = (text: string) => text.replace(/toolu_[0-9a-f]{12}_(\d)/g, 'tool_$1').replace(/"owner":"[0-9a-f]+"/g, '"owner":"x"')
    upstream.always((request) => {
      const reply = vendors.answer(request)
      return { ...reply, body: JSON.parse(numbered(JSON.stringify(reply.body))) as unknown }
    })
    const questions = ['Look at one.', 'Look at two.'].map((content) => ({ role: 'user', content }))
    const asked = [] as (readonly Fields[])[]
    for (const question of questions) {
      const { calls, said } = await plan.client.ask(gateway.url, modelAt(plan.seat()), [question], false)
      asked.push([question, ...plan.keep(said), ...plan.client.results(calls)])
    }
    // What goes to the vendor of the first one's thoughts.
    const sent = [] as string[]
    upstream.always((request) => {
      sent.push(request.body.toString())
      return { status: 400, body: {} }
    })
    for (const history of asked) await plan.client.ask(gateway.url, modelAt(plan.seat()), history, false).catch(() => undefined)
    const thoughts = sent.map((body) => body.match(/"(?:signature|data)":"[^"]+"/g) ?? [])
    expect(thoughts.map((found) => found.length > 0)).toEqual([true, true])
    expect(thoughts[0]).not.toEqual(thoughts[1])
  })

  it('are kept for a day', async () => {
    await plan.client.ask(gateway.url, modelAt(plan.seat()), [plan.client.question], false)
    const [entry, ...others] = store.entries.values()
    expect(others).toEqual([])
    expect(Math.abs((entry?.expiresAt ?? 0) - Date.now() - 86_400_000)).toBeLessThan(10_000)
  })

  it('live as long as the option says', async () => {
    await withCopies({ timeToLive: 60_000 }, async ({ url }) => {
      await plan.client.ask(url, modelAt(plan.seat()), [plan.client.question], false)
      const [entry] = store.entries.values()
      expect(Math.abs((entry?.expiresAt ?? 0) - Date.now() - 60_000)).toBeLessThan(10_000)
    })
  })

  it.each([false, { timeToLive: 0 }] as const)('are neither made nor referred to where they are turned off (%o)', async (copies) => {
    vendors = new StrictVendors(all, 2, { opaqueBytes: 300_000 })
    upstream.always(vendors.answer)
    await withCopies(copies, async ({ url }) => {
      const turns = await runLoop({ ...plan, url: () => url, turns: 2, keep: (said) => said })
      expect([turns.length, vendors.refusals, store.entries.size]).toEqual([3, [], 0])
      // Long seals go to the caller whole.
      expect(JSON.stringify(turns).length).toBeGreaterThan(300_000)
    })
  })

  it('that a store can neither keep nor give cost no request of a client that drops nothing', async () => {
    store.failure = new Error('The store is away.')
    const turns = await runLoop({ ...plan, keep: (said) => said })
    expect([turns.length, vendors.refusals]).toEqual([11, []])
  })
})
