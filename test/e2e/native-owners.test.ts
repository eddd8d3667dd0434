import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { definePlugin, type PluginApi, type PluginEntry } from 'tokligence'
import { memorySessions, openai, sqliteSessions } from 'tokligence/plugins'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ownRecording } from '../support/recordings.ts'
import { playRecording, type VendorUpstream } from '../support/scripted-upstream.ts'
import { openaiClient } from '../support/sdk-readings.ts'
import { callerOf, callers, type Shelf, shelf, startRemembering } from './remembering.ts'
import { speakers, streamed, thoughtful } from './thoughtful-vendors.ts'
import { startVendors, type Vendors } from './vendors.ts'

const open: Vendors[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()))
})

async function start(sessions: Pick<Shelf, 'plugin'> = { plugin: memorySessions() }, extra: readonly PluginEntry[] = [], upstream?: VendorUpstream) {
  const gateway = await startRemembering(sessions, extra, upstream && { upstream })
  open.push(gateway)
  return { gateway, as: (name: string) => openaiClient(gateway.url, callerOf(name)).responses }
}

const native = 'gpt-recorded'
const tools = [{ type: 'function' as const, name: 'look', strict: false, parameters: { type: 'object', properties: {} } }]
const asked = { model: native, input: 'Go.', tools, instructions: 'Be formal.' }
const seen = [{ type: 'function_call_output' as const, call_id: 'call_1', output: 'Seen.' }]
const nativeText = playRecording(ownRecording('openai-responses', 'text-unary'))
const said = (number: number) => ({ body: thoughtful('openai-responses', number, true) })
const notFound = { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' }

/** A plugin of one tap. */
function tapping(setup: (api: PluginApi) => void): PluginEntry {
  return definePlugin({ kind: 'detector', name: 'tapping', apiVersion: 1, options: z.strictObject({}), setup })()
}

describe('who keeps a native reply', () => {
  it.each([true, false])('is known when its caller sees the end, however long others look at the row (store: %s)', async (stores) => {
    const slow = tapping((api) => api.hooks.onMeter.tap(async () => void (await pause(500)), { order: 'pre' }))
    const gateway = stores ? (await start(undefined, [slow])).gateway : await startVendors({ extra: [callers(), slow] })
    if (!stores) open.push(gateway)
    gateway.upstream.reply(said(1), nativeText, said(1))
    const { responses } = openaiClient(gateway.url, callerOf('ann'))
    await responses.create(asked)
    await responses.create({ model: native, tools, input: seen, previous_response_id: 'resp_1' })
    expect((await responses.retrieve('resp_1')).id).toBe('resp_1')
  })

  it('is known at once to another process with the same store', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'owners-'))
    const sessions = { plugin: sqliteSessions({ path: join(folder, 'sessions.db') }) }
    const first = await start(sessions)
    const second = await start(sessions, [], first.gateway.upstream)
    for (let number = 1; number <= 20; number++) {
      first.gateway.upstream.reply(said(number), nativeText)
      await first.as('ann').create(asked)
      await second.as('ann').create({ model: native, tools, input: seen, previous_response_id: `resp_${number}` })
    }
    await Promise.all(open.splice(0).map((gateway) => gateway.close()))
    await rm(folder, { recursive: true })
  })

  it.each([false, true])('is written before its caller sees the end, however slow the store (stream: %s)', async (stream) => {
    const sessions = shelf()
    sessions.delay = 200
    const first = await start(sessions)
    const second = await start(sessions, [], first.gateway.upstream)
    const { 'openai-responses': protocol } = await speakers()
    if (!protocol) throw new Error('No plugin speaks Responses.')
    const events = { headers: { 'content-type': 'text/event-stream' }, body: streamed(protocol, said(1).body) }
    first.gateway.upstream.reply(stream ? events : said(1), nativeText)
    if (stream) await first.as('ann').stream(asked).finalResponse()
    else await first.as('ann').create(asked)
    await second.as('ann').create({ model: native, tools, input: seen, previous_response_id: 'resp_1' })
  })

  it('costs the end of a reply five seconds at most, when the store does not answer', { timeout: 15_000 }, async () => {
    const sessions = shelf('all')
    const { gateway, as } = await start(sessions)
    gateway.upstream.reply(said(1), nativeText)
    sessions.delay = 60_000
    const before = performance.now()
    await as('ann').create(asked)
    expect(performance.now() - before).toBeLessThan(7_000)
    await as('ann').create({ model: native, tools, input: seen, previous_response_id: 'resp_1' })
  })

  it('is each caller’s own where a server gives one id twice', async () => {
    const { gateway, as } = await start()
    gateway.upstream.reply(said(1), said(1), nativeText, nativeText, { body: { id: 'resp_1', object: 'response', deleted: true } }, nativeText)
    for (const name of ['ann', 'bob']) await as(name).create(asked)
    for (const name of ['ann', 'bob']) await as(name).create({ model: native, tools, input: seen, previous_response_id: 'resp_1' })
    await as('bob').delete('resp_1')
    await as('ann').create({ model: native, tools, input: seen, previous_response_id: 'resp_1' })
    const again = as('bob').create({ model: native, tools, input: seen, previous_response_id: 'resp_1' })
    await expect(again).rejects.toMatchObject(notFound)
  })

  it('is nobody else’s to go on from without a store either', async () => {
    const gateway = await startVendors({ extra: [callers()] })
    open.push(gateway)
    gateway.upstream.reply(said(1), nativeText, nativeText)
    const as = (name: string) => openaiClient(gateway.url, callerOf(name)).responses
    await as('ann').create(asked)
    const next = { model: native, tools, input: seen, previous_response_id: 'resp_1' }
    await expect(as('bob').create(next)).rejects.toMatchObject(notFound)
    await expect(as('bob').inputTokens.count(next)).rejects.toMatchObject(notFound)
    await as('ann').create(next)
    // What this process has not seen may be anybody’s.
    await as('bob').create({ ...next, previous_response_id: 'resp_0' })
    expect(gateway.upstream.requests).toHaveLength(3)
  })

  it('is another account where the same key belongs to another server', async () => {
    const other = await startVendors()
    open.push(other)
    const elsewhere = openai({ id: 'elsewhere', apiKey: 'sk-openai-own', baseUrl: `${other.upstream.url}/v1`, protocols: ['openai-responses'] })
    const { gateway, as } = await start(shelf('all'), [elsewhere])
    gateway.upstream.reply(said(1))
    other.upstream.reply(nativeText)
    await as('ann').create(asked)
    await as('ann').create({ model: 'elsewhere/gpt-recorded', tools, input: seen, previous_response_id: 'resp_1' })
    const sent = other.upstream.lastRequest.json() as { readonly input: readonly object[] }
    expect(sent).not.toHaveProperty('previous_response_id')
    expect(JSON.stringify(sent.input)).toContain('Go.')
    expect(JSON.stringify(sent.input)).not.toContain('opaque')
  })
})

describe('of a native reply nothing is kept', () => {
  it.each([false, true])('that a guard put another answer in the place of (stream: %s)', async (stream) => {
    const sessions = shelf('all')
    const guard = tapping((api) => api.hooks.guardReply.tap(() => ({ response: { status: 403, body: '{"error":{"message":"blocked"}}' } })))
    const { gateway, as } = await start(sessions, [guard])
    gateway.upstream.reply(said(1))
    await expect(as('ann').create({ ...asked, stream })).rejects.toMatchObject({ status: 403 })
    await expect(as('ann').create({ model: native, input: seen, previous_response_id: 'resp_1' })).rejects.toMatchObject(notFound)
    expect([...sessions.entries.keys()]).toEqual([])
  })

  it('that its vendor says is not stored', async () => {
    const sessions = shelf('all')
    const { gateway, as } = await start(sessions)
    gateway.upstream.reply({ body: { ...said(1).body, store: false } }, { body: { ...said(2).body, store: true } })
    for (const _ of [1, 2]) await as('ann').create(asked)
    expect([...sessions.entries.keys()].filter((key) => key.includes('resp_1'))).toEqual([])
    expect([...sessions.entries.keys()].filter((key) => key.includes('resp_2'))).toHaveLength(3)
  })
})
