import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { definePlugin, type PluginEntry } from 'tokligence'
import { memorySessions, sqliteSessions } from 'tokligence/plugins'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ownRecording } from '../support/recordings.ts'
import { playRecording, startVendorUpstream, type VendorUpstream } from '../support/scripted-upstream.ts'
import { openaiClient } from '../support/sdk-readings.ts'
import { callerOf, type Shelf, shelf, startRemembering } from './remembering.ts'
import { speakers, streamed, thoughtful } from './thoughtful-vendors.ts'
import { translatedPaths, type Vendors } from './vendors.ts'

const open: Pick<Vendors, 'close'>[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()))
})

async function start(
  sessions: Pick<Shelf, 'plugin'> = { plugin: memorySessions({ capture: 'all' }) },
  extra: readonly PluginEntry[] = [],
  upstream?: VendorUpstream,
) {
  const gateway = await startRemembering(sessions, extra, upstream && { upstream })
  open.push(gateway)
  const told = (index: number) => gateway.upstream.requests.at(index)?.body.toString() ?? ''
  const sent = (index: number) => gateway.upstream.requests.at(index)?.json() as { readonly input: readonly Record<string, unknown>[] }
  return { gateway, told, sent, as: (name: string) => openaiClient(gateway.url, callerOf(name)).responses }
}

/** Vendors that stay while gateways before them come and go. */
async function stayingVendors(): Promise<VendorUpstream> {
  const upstream = await startVendorUpstream()
  open.push(upstream)
  return upstream
}

const native = 'gpt-recorded'
const foreign = 'claude-recorded'
const tools = [{ type: 'function' as const, name: 'look', strict: false, parameters: { type: 'object', properties: {} } }]
const asked = { model: native, input: 'Go.', tools, instructions: 'Be formal.' }
const seen = [{ type: 'function_call_output' as const, call_id: 'call_1', output: 'Seen.' }]
const foreignText = playRecording(ownRecording('anthropic-messages', 'text-unary'))
const said = (number: number) => ({ body: thoughtful('openai-responses', number, true) })
const notFound = { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' }
const vendors = translatedPaths.filter(({ caller }) => caller === 'openai-responses')

async function saidInEvents(number: number) {
  const { 'openai-responses': protocol } = await speakers()
  if (!protocol) throw new Error('No plugin speaks Responses.')
  return { headers: { 'content-type': 'text/event-stream' }, body: streamed(protocol, thoughtful('openai-responses', number, true)) }
}

describe.each(vendors)('a copy of a native reply, gone on from elsewhere ($name)', ({ model, upstream }) => {
  it.each([false, true])('brings the whole conversation, but no opaque value (stream: %s)', async (stream) => {
    const { gateway, told, as } = await start()
    gateway.upstream.reply(stream ? await saidInEvents(1) : said(1), playRecording(ownRecording(upstream, stream ? 'text' : 'text-unary')))
    const first = stream ? await as('ann').stream(asked).finalResponse() : await as('ann').create(asked)
    const next = { model, tools, input: seen, previous_response_id: first.id }
    const answer = stream ? await as('ann').stream(next).finalResponse() : await as('ann').create(next)
    expect(answer).toMatchObject({ status: 'completed', previous_response_id: first.id, store: true })
    for (const words of ['Go.', 'Hm.', 'look', 'Seen.']) expect(told(1)).toContain(words)
    expect(told(1)).not.toMatch(/opaque|Be formal/)
    expect(gateway.ledger.records().at(-1)?.losses).toContainEqual(expect.objectContaining({ feature: 'reasoning-seal', severity: 'hint' }))
    expect(gateway.upstream.refusals).toEqual([])
  })
})

describe('a copy of a native reply', () => {
  it('is not needed where the vendor goes on himself, neither before nor behind another one', async () => {
    const { gateway, sent, as } = await start()
    gateway.upstream.reply(said(1), said(2), foreignText, said(3))
    await as('ann').create(asked)
    await as('ann').create({ model: native, tools, input: seen, previous_response_id: 'resp_1' })
    expect(sent(1)).toMatchObject({ previous_response_id: 'resp_1', input: seen })
    const away = await as('ann').create({ model: foreign, tools, input: [{ ...seen[0], call_id: 'call_2' }] as typeof seen, previous_response_id: 'resp_2' })
    for (const words of ['Go.', 'call_1', 'call_2']) expect(JSON.stringify(sent(2))).toContain(words)
    // What only his account can read he has himself.
    await as('ann').create({ model: native, tools, input: 'And?', previous_response_id: away.id })
    expect(sent(3)).toMatchObject({ previous_response_id: 'resp_2', input: [{ call_id: 'call_2' }, { role: 'assistant' }, { role: 'user' }] })
    expect(gateway.upstream.refusals).toEqual([])
  })

  it('brings the conversation to another account of the vendor, which is sent no id and no thought of the first', async () => {
    const { gateway, told, sent, as } = await start()
    gateway.upstream.reply(said(1), said(2), said(3))
    await as('ann').create(asked)
    await as('ann').create({ model: 'second/gpt-recorded', tools, input: seen, previous_response_id: 'resp_1' })
    expect(gateway.upstream.lastRequest.headers.authorization).toBe('Bearer sk-second')
    expect(sent(1).input.map(({ type, role }) => type ?? role)).toEqual(['message', 'message', 'function_call', 'function_call_output'])
    expect(sent(1).input.filter((item) => 'id' in item)).toEqual([])
    expect(told(1)).not.toMatch(/opaque|previous_response_id/)
    const losses = gateway.ledger.records().at(-1)?.losses
    expect(losses).toMatchObject([1, 2].map((place) => ({ path: `previous_response_id.input[${place}]`, feature: 'reasoning-seal', severity: 'hint' })))
    // Each account goes on from its own.
    await as('ann').create({ model: 'second/gpt-recorded', tools, input: 'And?', previous_response_id: 'resp_2' })
    expect(sent(2)).toMatchObject({ previous_response_id: 'resp_2', input: 'And?' })
    expect(gateway.upstream.refusals).toEqual([])
  })

  it('leaves the bytes of the reply alone, streamed and not', async () => {
    const { gateway } = await start()
    for (const stream of [false, true]) {
      const recorded = ownRecording('openai-responses', stream ? 'text' : 'text-unary')
      gateway.upstream.reply(playRecording(recorded))
      const answer = await callerOf('ann')(`${gateway.url}/v1/responses`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: native, input: 'Greet me.', stream }),
      })
      expect(Buffer.from(await answer.arrayBuffer()).equals(recorded.body)).toBe(true)
    }
  })

  it.each([false, true])('is made of what the caller gets where a plugin looks into replies (stream: %s)', async (stream) => {
    const { gateway, told, as } = await start(undefined, [shouting()])
    gateway.upstream.reply(stream ? await saidInEvents(1) : said(1), foreignText)
    const { id } = stream ? await as('ann').stream(asked).finalResponse() : await as('ann').create(asked)
    await as('ann').create({ model: foreign, tools, input: seen, previous_response_id: id })
    expect(told(1)).toContain('Oh! ')
  })

  it('is nobody else’s, and is gone with the reply', async () => {
    const { gateway, as } = await start()
    gateway.upstream.reply(said(1), { body: { id: 'resp_1', object: 'response', deleted: true } })
    await as('ann').create(asked)
    for (const model of [foreign, native])
      await expect(as('bob').create({ model, input: seen, previous_response_id: 'resp_1' })).rejects.toMatchObject(notFound)
    await as('ann').delete('resp_1')
    await expect(as('ann').create({ model: foreign, input: seen, previous_response_id: 'resp_1' })).rejects.toMatchObject(notFound)
    expect(gateway.upstream.requests).toHaveLength(2)
  })

  it('is not what its caller asks for: that is the vendor’s', async () => {
    const { gateway, as } = await start()
    gateway.upstream.reply(said(1), { body: { ...thoughtful('openai-responses', 1, true), status: 'cancelled' } })
    await as('ann').create(asked)
    expect(await as('ann').retrieve('resp_1')).toMatchObject({ status: 'cancelled' })
  })

  it('is there after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'copies-'))
    const sessions = { plugin: sqliteSessions({ path: join(folder, 'sessions.db'), capture: 'all' }) }
    const upstream = await stayingVendors()
    const before = await start(sessions, [], upstream)
    upstream.reply(said(1), foreignText, said(2), said(3))
    await before.as('ann').create(asked)
    await open.pop()?.close()
    const { told, sent, as } = await start(sessions, [], upstream)
    await as('ann').create({ model: foreign, tools, input: seen, previous_response_id: 'resp_1' })
    expect(told(1)).toContain('Hm.')
    await as('ann').create({ model: native, tools, input: seen, previous_response_id: 'resp_1' })
    expect(sent(2)).toMatchObject({ previous_response_id: 'resp_1' })
    await as('ann').create({ model: 'second/gpt-recorded', tools, input: seen, previous_response_id: 'resp_1' })
    expect(told(3)).toContain('Hm.')
    await open.pop()?.close()
    await rm(folder, { recursive: true })
  })
})

describe('no copy', () => {
  it('is made without the option: neither another vendor nor another account is asked, and the caller is told why', async () => {
    const sessions = shelf()
    const upstream = await stayingVendors()
    const { as } = await start(sessions, [], upstream)
    upstream.reply(said(1), said(2))
    await as('ann').create(asked)
    const why = expect.stringMatching(/kept by the provider "openai".*`capture: "all"`.*send the whole input/)
    for (const model of [foreign, 'second/gpt-recorded'])
      await expect(as('ann').create({ model, tools, input: seen, previous_response_id: 'resp_1' })).rejects.toMatchObject({ ...notFound, message: why })
    expect(upstream.requests).toHaveLength(1)
    await open.pop()?.close()
    // What was said before the option was on is not known, nor is what rests on it.
    const later = await start({ plugin: shelfOf(sessions) }, [], upstream)
    await later.as('ann').create({ model: native, tools, input: seen, previous_response_id: 'resp_1' })
    for (const previous_response_id of ['resp_1', 'resp_2'])
      await expect(later.as('ann').create({ model: foreign, input: 'On.', previous_response_id })).rejects.toMatchObject({ ...notFound, message: why })
  })

  it('is made of what is not to be stored, nor of what rests on things that the vendor alone has', async () => {
    const sessions = shelf('all')
    const { gateway, as } = await start(sessions)
    const bodies = [
      { ...asked, store: false },
      { ...asked, conversation: 'conv_1' },
      { ...asked, prompt: { id: 'pmpt_1' } },
      { ...asked, input: [{ type: 'item_reference' as const, id: 'msg_1' }] },
    ]
    for (const [index, body] of bodies.entries()) {
      gateway.upstream.reply(said(index))
      await as('ann').create(body)
    }
    expect(gateway.upstream.refusals).toEqual([])
    expect([...sessions.entries.keys()].filter((key) => key.includes('reply:'))).toEqual([])
  })

  it('goes where the vendor’s own items mean nothing', async () => {
    const { gateway, as } = await start()
    const search = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } }
    gateway.upstream.reply({ body: { ...thoughtful('openai-responses', 1, true), output: [search] } })
    await as('ann').create(asked)
    const crossing = as('ann').create({ model: 'second/gpt-recorded', input: 'On.', previous_response_id: 'resp_1' })
    await expect(crossing).rejects.toMatchObject({ ...notFound, message: expect.stringContaining('"web_search_call"') })
  })
})

describe('a store that fails', () => {
  it('costs the copy, not the reply', async () => {
    const sessions = shelf('all')
    const { gateway, as } = await start(sessions)
    gateway.upstream.reply(said(1), await saidInEvents(2), foreignText)
    sessions.failing = true
    expect((await as('ann').create(asked)).status).toBe('completed')
    expect((await as('ann').stream(asked).finalResponse()).status).toBe('completed')
    sessions.failing = false
    await expect(as('ann').create({ model: foreign, input: seen, previous_response_id: 'resp_1' })).rejects.toMatchObject(notFound)
  })

  it.each([false, true])('is waited for when it is slow: the copy is there when the caller sees the end (stream: %s)', async (stream) => {
    const sessions = shelf('all')
    const { gateway, told, as } = await start(sessions)
    gateway.upstream.reply(stream ? await saidInEvents(1) : said(1), foreignText)
    sessions.delay = 300
    if (stream) await as('ann').stream(asked).finalResponse()
    else await as('ann').create(asked)
    sessions.delay = 0
    await as('ann').create({ model: foreign, tools, input: seen, previous_response_id: 'resp_1' })
    expect(told(1)).toContain('Hm.')
  })

  it('is not waited for any longer than five seconds', { timeout: 15_000 }, async () => {
    const sessions = shelf('all')
    const { gateway, as } = await start(sessions)
    gateway.upstream.reply(said(1))
    sessions.delay = 60_000
    const before = performance.now()
    expect((await as('ann').create(asked)).status).toBe('completed')
    expect(performance.now() - before).toBeLessThan(7_000)
  })
})

/** Adds to what is said. */
const shouting = definePlugin({
  kind: 'detector',
  name: 'shouting',
  apiVersion: 1,
  options: z.strictObject({}),
  setup: (api) =>
    api.hooks.openReply.tap(() => ({
      event(event, emit) {
        emit(event)
        if (event.type === 'block-start' && event.block.type === 'text')
          emit({ type: 'block-delta', index: event.index, delta: { type: 'text', text: 'Oh! ' } })
      },
    })),
})

/** The same entries with the option on. */
function shelfOf({ entries }: Shelf) {
  const later = shelf('all')
  for (const [place, entry] of entries) later.entries.set(place, entry)
  return later.plugin
}
