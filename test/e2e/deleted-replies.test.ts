import { setTimeout as delay } from 'node:timers/promises'
import type { PluginEntry } from 'tokligence'
import { memorySessions } from 'tokligence/plugins'
import { afterEach, describe, expect, it } from 'vitest'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { openaiClient } from '../support/sdk-readings.ts'
import { callerOf, type Shelf, shelf, startRemembering } from './remembering.ts'
import { speakers, streamed, thoughtful } from './thoughtful-vendors.ts'
import type { Vendors } from './vendors.ts'

const open: Vendors[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()))
})

async function start(sessions: Pick<Shelf, 'plugin'> = { plugin: memorySessions() }, extra: readonly PluginEntry[] = []) {
  const gateway = await startRemembering(sessions, extra)
  open.push(gateway)
  return { gateway, as: (name: string) => openaiClient(gateway.url, callerOf(name)).responses }
}

const native = 'gpt-recorded'
const foreign = 'claude-recorded'
const tools = [{ type: 'function' as const, name: 'look', strict: false, parameters: { type: 'object', properties: {} } }]
const asked = { model: native, input: 'Go.', tools, instructions: 'Be formal.' }
const seen = [{ type: 'function_call_output' as const, call_id: 'call_1', output: 'Seen.' }]
const foreignText = playRecording(ownRecording('anthropic-messages', 'text-unary'))
const said = (number: number) => ({ body: thoughtful('openai-responses', number, true) })
const gone = { body: { id: 'resp_1', object: 'response', deleted: true } }
const lost = { status: 404, body: { error: { message: 'No such response.', type: 'invalid_request_error', param: null, code: null } } }
const notFound = { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' }

/** All but copies of seals, which are the calls' and not the reply's. */
function keptIn({ entries }: Shelf): readonly string[] {
  return [...entries.keys()].filter((key) => !key.includes('seal:'))
}

/** A vendor's stream that waits before its last event. */
async function saidSlowly(vendor: 'openai-responses' | 'anthropic-messages', wait: number) {
  const { [vendor]: protocol } = await speakers()
  if (!protocol) throw new Error(`No plugin speaks ${vendor}.`)
  const text = streamed(protocol, thoughtful(vendor, 1, true))
  const last = text.lastIndexOf('\nevent: ', text.lastIndexOf('data:') - 10)
  return { headers: { 'content-type': 'text/event-stream' }, pieces: [text.slice(0, last), text.slice(last)], delay: wait }
}

describe('a native reply that its caller deletes', () => {
  it('leaves nothing behind: no copy, no owner, no settings', async () => {
    const sessions = shelf('all')
    const { gateway, as } = await start(sessions)
    gateway.upstream.reply(said(1), gone)
    await as('ann').create(asked)
    expect([...sessions.entries.keys()].sort()).toEqual(['owner', 'reply', 'settings'].map((kind) => JSON.stringify(['ann', `${kind}:resp_1`])))
    await as('ann').delete('resp_1')
    expect([...sessions.entries.keys()]).toEqual([])
  })

  it('leaves nothing behind where the vendor has lost it, and where nobody is there to be asked', async () => {
    const sessions = shelf('all')
    const { gateway, as } = await start(sessions)
    gateway.upstream.reply(said(1), lost)
    await as('ann').create(asked)
    await expect(as('ann').delete('resp_1')).rejects.toMatchObject({ status: 404 })
    expect([...sessions.entries.keys()]).toEqual([])
    // The key of its provider was changed.
    const key = JSON.stringify(['ann', 'owner:resp_2'])
    sessions.entries.set(key, { key: 'owner:resp_2', value: JSON.stringify({ provider: 'openai', account: 'older' }), expiresAt: Date.now() + 60_000 })
    await expect(as('bob').delete('resp_2')).rejects.toMatchObject({ status: 404 })
    expect(sessions.entries.size).toBe(1)
    await expect(as('ann').delete('resp_2')).rejects.toMatchObject({ status: 404 })
    expect([...sessions.entries.keys()]).toEqual([])
    expect(gateway.upstream.requests).toHaveLength(2)
  })

  it('is not said to be deleted while the store holds a copy, and can be deleted again', async () => {
    const sessions = shelf('all')
    const { gateway, as } = await start(sessions)
    gateway.upstream.reply(said(1), gone, lost)
    await as('ann').create(asked)
    sessions.failing = true
    await expect(as('ann').delete('resp_1')).rejects.toMatchObject({ status: 503, code: 'TKL_SESSION_UNAVAILABLE' })
    sessions.failing = false
    await expect(as('ann').delete('resp_1')).rejects.toMatchObject({ status: 404 })
    const next = as('ann').create({ model: foreign, tools, input: seen, previous_response_id: 'resp_1' })
    await expect(next).rejects.toMatchObject(notFound)
    expect([...sessions.entries.keys()]).toEqual([])
  })
})

describe.each(['anthropic-messages', 'openai-responses'] as const)('a reply that is deleted while it is streamed (%s)', (vendor) => {
  const model = vendor === 'openai-responses' ? native : foreign

  it('goes on to its end, and is not kept', async () => {
    const sessions = shelf('all')
    const { gateway, as } = await start(sessions)
    gateway.upstream.reply(await saidSlowly(vendor, 300), gone)
    const types: string[] = []
    let id = ''
    for await (const event of await as('ann').create({ ...asked, model, stream: true })) {
      types.push(event.type)
      if (event.type !== 'response.created') continue
      ;({ id } = event.response)
      await expect(as('bob').delete(id)).rejects.toMatchObject({ status: 404 })
      await as('ann').delete(id)
    }
    expect(types.at(-1)).toBe('response.completed')
    // The vendor is told of his own alone.
    expect(gateway.upstream.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(vendor === 'openai-responses' ? 1 : 0)
    expect(keptIn(sessions)).toEqual([])
    await expect(as('ann').create({ model: foreign, tools, input: 'On.', previous_response_id: id })).rejects.toMatchObject({ status: 400 })
  })

  it('is not kept either when it was on its way to the store', async () => {
    const sessions = shelf('all')
    const { gateway, as } = await start(sessions)
    gateway.upstream.reply(await saidSlowly(vendor, 0), gone)
    sessions.delay = 300
    let responseId = ''
    let deleting: Promise<unknown> | undefined
    for await (const event of await as('ann').create({ ...asked, model, stream: true })) {
      // Its whole end is withheld until it is kept.
      if (event.type === 'response.output_item.done' && event.item.type === 'function_call') deleting = delay(100).then(() => as('ann').delete(responseId))
      if (event.type === 'response.created') responseId = event.response.id
    }
    await deleting
    await delay(50)
    expect(keptIn(sessions)).toEqual([])
  })
})

it('a conversation goes on with what it was given when a reply of it is deleted meanwhile, and is out of reach afterwards', async () => {
  const { gateway, as } = await start(shelf())
  gateway.upstream.reply(foreignText, { ...foreignText, delay: 300, pieces: ['', String(foreignText.body)] }, foreignText)
  const first = await as('ann').create({ model: foreign, input: 'Greet me.' })
  const running = as('ann').create({ model: foreign, input: 'On.', previous_response_id: first.id })
  while (gateway.upstream.requests.length < 2) await delay(5)
  await as('ann').delete(first.id)
  const second = await running
  expect(second.status).toBe('completed')
  await expect(as('ann').create({ model: foreign, input: 'And?', previous_response_id: second.id })).rejects.toMatchObject(notFound)
})

it('a reply that has expired, or made room for others, is gone for its caller', async () => {
  for (const options of [{ timeToLive: 200 }, { byteLimit: 8_000 }]) {
    const { gateway, as } = await start({ plugin: memorySessions(options) })
    gateway.upstream.always(foreignText)
    const { id } = await as('ann').create({ model: foreign, input: 'Greet me.' })
    await as('ann').create({ model: foreign, input: 'On.', previous_response_id: id })
    if (options.byteLimit) for (let turn = 0; turn < 6; turn++) await as('bob').create({ model: foreign, input: 'Greet me.' })
    else await delay(250)
    await expect(as('ann').retrieve(id)).rejects.toMatchObject({ status: 404 })
    for (const model of [foreign, native]) await expect(as('ann').create({ model, input: 'On.', previous_response_id: id })).rejects.toMatchObject(notFound)
    await expect(as('ann').delete(id)).rejects.toMatchObject({ status: 404 })
  }
})

it('turns that go on from one reply at the same time each have their own', async () => {
  const { gateway, as } = await start(shelf())
  gateway.upstream.always(foreignText)
  const first = await as('ann').create({ model: foreign, input: 'Greet me.' })
  const turns = await Promise.all(['One.', 'Two.', 'Three.'].map((input) => as('ann').create({ model: foreign, input, previous_response_id: first.id })))
  expect(new Set(turns.map(({ id }) => id)).size).toBe(3)
  for (const [index, { id }] of turns.entries()) {
    const items = await as('ann').inputItems.list(id, { order: 'asc' })
    expect(JSON.stringify(items.data)).toContain(['One.', 'Two.', 'Three.'][index])
    expect(items.data).toHaveLength(3)
  }
})
