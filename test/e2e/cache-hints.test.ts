import type { Protocol } from 'tokligence'
import { anthropic, modelRoutes, translations } from 'tokligence/plugins'
import { createHarness, type Harness, type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fields, objects } from '../support/json-fields.ts'
import { promptBlocks, unmarked } from '../support/prompt-blocks.ts'
import { ownRecording, type RecordedProtocol } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { read } from '../support/sdk-readings.ts'
import { CachingVendor } from './caching-vendor.ts'
import { clientRequests } from './client-requests.ts'
import { earlierRequests } from './earlier-requests.ts'
import { loopClients } from './loops/loop-clients.ts'
import { type LoopGateway, runLoop, startLoopGateway } from './loops/loop-gateway.ts'
import { turnsIn } from './sent-turns.ts'
import { type Speakers, speakers, streamed } from './thoughtful-vendors.ts'
import { ask, callers, pathBetween, protocolPlugins, startVendors, type Vendors } from './vendors.ts'

const target = 'anthropic-messages'
const foreign = callers.filter((caller) => caller !== target)

let vendors: Vendors
/** The same vendor, whose conversations are not marked. */
let plain: Harness
let all: Speakers

beforeAll(async () => {
  ;[vendors, all] = await Promise.all([startVendors(), speakers()])
  const provider = anthropic({ apiKey: 'k', baseUrl: vendors.upstream.url, cacheMarkers: false })
  const routes = modelRoutes({ [pathBetween(target, target).model]: 'anthropic' })
  plain = await createHarness({ plugins: [protocolPlugins(), translations(), provider, routes] })
})
afterAll(async () => {
  await plain.close()
  await vendors.close()
})

/** What the vendor is sent for a caller's request. */
async function sent(caller: RecordedProtocol, request: Fields, url = vendors.url): Promise<Fields> {
  vendors.upstream.reply(playRecording(ownRecording(target, request.stream === true ? 'text' : 'text-unary')))
  const reply = await ask(url, caller, { ...request, model: pathBetween(caller, target).model })
  const answer = await reply.text()
  expect(reply.status, answer).toBe(200)
  return vendors.upstream.lastRequest.json() as Fields
}

const markersIn = (body: Fields) => JSON.stringify(body).match(/"cache_control":\{/g)?.length ?? 0

/** The turns that a caller can say in its own words. */
function conversation(caller: RecordedProtocol, ...texts: readonly string[]): Fields {
  const turns = texts.map((text, index) => {
    const role = index % 2 === 0 ? 'user' : caller === 'gemini' ? 'model' : 'assistant'
    return caller === 'gemini' ? { role, parts: [{ text }] } : { role, content: text }
  })
  return { [turnsIn[caller]]: turns }
}

describe.each(foreign)('a %s caller of a model of Anthropic’s', (caller) => {
  const real = clientRequests(caller).filter(({ request }) => earlierRequests(caller, request).length > 0)

  it.each(real)('has its conversation marked in every turn, and nothing else in it changed: $id', async ({ request }) => {
    for (const turn of [...earlierRequests(caller, request), request]) {
      const body = await sent(caller, turn)
      const without = await sent(caller, turn, plain.url)
      // A summary is asked for without tools; its first turn is a single question.
      expect(markersIn(body)).toBeGreaterThanOrEqual(objects(without.tools).length > 0 ? 2 : 0)
      expect(markersIn(body)).toBeLessThanOrEqual(4)
      expect(markersIn(without)).toBe(0)
      expect(promptBlocks(body).map(({ compared }) => compared)).toEqual(promptBlocks(without).map(({ compared }) => compared))
      const { system: _, messages: __, ...settings } = unmarked(body)
      expect(without).toMatchObject(settings)
    }
  })

  it('has a conversation without tools marked from its second turn on, and a single question never', async () => {
    expect(markersIn(await sent(caller, conversation(caller, 'Hi')))).toBe(0)
    const second = await sent(caller, conversation(caller, 'Hi', 'Hello.', 'And?'))
    expect(second).toMatchObject({ cache_control: { type: 'ephemeral' }, messages: [{ content: 'Hi' }, { content: 'Hello.' }, { content: 'And?' }] })
    expect(markersIn(second)).toBe(1)
  })

  it.each([false, true])('is told what was read from the cache, and what was written where there is a word for it (streamed: %s)', async (stream) => {
    const usage = { input_tokens: 10, cache_creation_input_tokens: 200, cache_read_input_tokens: 3000, output_tokens: 5 }
    const content = [{ type: 'text', text: 'Hello.' }]
    const reply = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content, stop_reason: 'end_turn', stop_sequence: null, usage }
    const body = stream ? streamed(all[target] as Protocol, reply) : reply
    vendors.upstream.reply({ body, ...(stream && { headers: { 'content-type': 'text/event-stream' } }) })
    const asks = stream && caller === 'openai-chat' ? { stream_options: { include_usage: true } } : {}
    const request = { ...conversation(caller, 'Hi', 'Hello.', 'And?'), ...asks, model: pathBetween(caller, target).model, stream }
    const { usage: told } = await read(caller, vendors.url, request)
    expect(told).toMatchObject(caller === 'gemini' ? { input: 210, cacheRead: 3000 } : { input: 10, cacheRead: 3000, cacheWrite: 200 })
    expect(vendors.ledger.records().at(-1)?.usage).toMatchObject({ inputUncached: 10, cacheRead: 3000, cacheWrite: 200 })
  })
})

describe('a chat caller that places markers itself', () => {
  it('has no others', async () => {
    const marked = { type: 'text', text: 'Hi', cache_control: { type: 'ephemeral', ttl: '1h' } }
    const messages = [
      { role: 'user', content: [marked] },
      { role: 'assistant', content: 'Hello.' },
      { role: 'user', content: 'And?' },
    ]
    const body = await sent('openai-chat', { messages })
    expect(markersIn(body)).toBe(1)
    expect(objects(body.messages)[0]?.content).toEqual([marked])
  })
})

describe('a messages caller of its own vendor', () => {
  it.each(clientRequests(target))('is sent as it came: $id', async ({ request }) => {
    const { model: _, ...body } = await sent(target, request)
    const { model: __, ...given } = request
    expect(body).toEqual(given)
  })
})

describe('a loop of ten turns, at a vendor that caches by its rules', () => {
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

  // Twelve calls with their results are more blocks than the look-back.
  const cases = foreign.flatMap((caller) => [2, 12].flatMap((calls) => [false, true].map((stream) => ({ caller, calls, stream }))))
  it.each(cases)('of a $caller caller with $calls calls a turn reads all that was there before (streamed: $stream)', async ({ caller, calls, stream }) => {
    const vendor = new CachingVendor(all, { lastTurn: 10, calls })
    upstream.always(vendor.answer)
    const earlier = gateway.ledger.records().length
    const turns = await runLoop({ client: loopClients[caller], stream, url: () => gateway.url, seat: () => ({ protocol: target, account: 'first' }) })
    expect(turns).toHaveLength(11)
    for (const [index, { read: found, uncached }] of vendor.turns.entries()) {
      const before = vendor.turns[index - 1]
      expect(uncached).toBe(0)
      expect(found).toBe(before ? before.read + before.written : 0)
    }
    const booked = gateway.ledger.records().slice(earlier)
    expect(booked.map(({ usage }) => usage?.cacheRead)).toEqual(vendor.turns.map((turn) => turn.read))
    expect(vendor.turns.slice(1).every((turn) => turn.read > 0)).toBe(true)
  })
})
