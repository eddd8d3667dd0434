import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { definePlugin, type PluginEntry } from 'tokligence'
import { sqliteSessions } from 'tokligence/plugins'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ownRecording } from '../support/recordings.ts'
import { playRecording, startVendorUpstream } from '../support/scripted-upstream.ts'
import { openaiClient } from '../support/sdk-readings.ts'
import { callerOf, type Shelf, shelf, startRemembering } from './remembering.ts'
import { thoughtful } from './thoughtful-vendors.ts'
import { startVendors, type Vendors, type VendorsOptions } from './vendors.ts'

const open: Pick<Vendors, 'close'>[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()))
})

async function start(
  sessions: Pick<Shelf, 'plugin'> = shelf(),
  extra: readonly PluginEntry[] = [],
  options: Pick<VendorsOptions, 'settings' | 'upstream'> = {},
) {
  const gateway = await startRemembering(sessions, extra, options)
  open.push(gateway)
  gateway.upstream.always(foreignText)
  return { gateway, as: (name: string) => openaiClient(gateway.url, callerOf(name)).responses }
}

const foreign = 'claude-recorded'
const native = 'gpt-recorded'
const foreignText = playRecording(ownRecording('anthropic-messages', 'text-unary'))
const nativeText = playRecording(ownRecording('openai-responses', 'text-unary'))
const headers = { 'content-type': 'application/json' }
const notFound = { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' }

describe('a kept reply', () => {
  it('is nobody else’s: it can neither be read, deleted nor gone on from', async () => {
    const { gateway, as } = await start()
    const { id } = await as('ann').create({ model: foreign, input: 'Secret.' })
    await expect(as('bob').retrieve(id)).rejects.toMatchObject({ status: 404 })
    await expect(as('bob').inputItems.list(id)).rejects.toMatchObject({ status: 404 })
    await expect(as('bob').delete(id)).rejects.toMatchObject({ status: 404 })
    for (const model of [foreign, native])
      await expect(as('bob').create({ model, input: 'Tell me.', previous_response_id: id })).rejects.toMatchObject(notFound)
    const submitted = await callerOf('bob')(`${gateway.url}/v1/responses/${id}/submit_tool_outputs`, { method: 'POST', body: '{"tool_outputs":[]}', headers })
    expect(submitted.status).toBe(404)
    expect((await as('ann').retrieve(id)).id).toBe(id)
    expect(gateway.upstream.requests).toHaveLength(1)
  })

  it('is not kept when the caller does not want it, and can still go on from another', async () => {
    const sessions = shelf()
    const { gateway, as } = await start(sessions)
    const { id } = await as('ann').create({ model: foreign, input: 'Greet me.' })
    const passing = await as('ann').create({ model: foreign, input: 'Once more.', previous_response_id: id, store: false })
    expect(passing).toMatchObject({ store: false })
    expect(gateway.upstream.lastRequest.body.toString()).toContain('Greet me.')
    await expect(as('ann').retrieve(passing.id)).rejects.toMatchObject({ status: 404 })
    expect(sessions.entries.size).toBe(1)
  })

  it('is told to the vendor in the vendor’s own form when the conversation goes on there', async () => {
    const { gateway, as } = await start()
    const { id } = await as('ann').create({ model: foreign, input: 'Greet me.' })
    gateway.upstream.reply(nativeText, foreignText)
    const next = await as('ann').create({ model: native, input: 'Once more.', previous_response_id: id })
    const { input, ...rest } = gateway.upstream.lastRequest.json() as { input: readonly Record<string, unknown>[] }
    expect(rest).not.toHaveProperty('previous_response_id')
    expect(input).toMatchObject([{ role: 'user' }, { role: 'assistant', content: [{ type: 'output_text' }] }, { role: 'user' }])
    expect(input.filter((item) => 'id' in item)).toEqual([])
    expect(gateway.upstream.refusals).toEqual([])
    // From there the vendor keeps it.
    const crossing = as('ann').create({ model: foreign, input: 'And back?', previous_response_id: next.id })
    await expect(crossing).rejects.toMatchObject({ ...notFound, message: expect.stringMatching(/kept by the provider "openai".*send the whole input/) })
  })

  it('is told to the vendor with ids of calls that are short enough for him, the same in call and output', async () => {
    const { gateway, as } = await start()
    const call = { type: 'tool_use', id: `toolu_${'a'.repeat(80)}`, name: 'look', input: {} }
    gateway.upstream.reply({ body: { ...thoughtful('anthropic-messages', 1, true), content: [call] } }, nativeText)
    const tools = [{ type: 'function' as const, name: 'look', strict: false, parameters: { type: 'object', properties: {} } }]
    const { id, output } = await as('ann').create({ model: foreign, input: 'Go.', tools })
    const [callId = ''] = output.flatMap((item) => (item.type === 'function_call' ? [item.call_id] : []))
    expect(callId.length).toBeGreaterThan(64)
    const outputs = [{ type: 'function_call_output' as const, call_id: callId, output: 'Seen.' }]
    await as('ann').create({ model: native, tools, input: outputs, previous_response_id: id })
    const { input } = gateway.upstream.lastRequest.json() as { readonly input: readonly { readonly call_id?: string }[] }
    const [called, answered] = input.flatMap(({ call_id: each }) => (each === undefined ? [] : [each]))
    expect(called).toBe(answered)
    expect(called?.length).toBeLessThanOrEqual(64)
  })

  it.each(['file', 'shelf'])('is there after a restart, and so is who keeps a native one (%s)', async (kind) => {
    const folder = await mkdtemp(join(tmpdir(), 'replies-'))
    const sessions = kind === 'file' ? { plugin: sqliteSessions({ path: join(folder, 'sessions.db') }) } : shelf()
    const upstream = await startVendorUpstream()
    const before = await start(sessions, [], { upstream })
    const { id } = await before.as('ann').create({ model: foreign, input: 'Greet me.' })
    before.gateway.upstream.reply({ body: { ...(JSON.parse(String(nativeText.body)) as object), store: true } })
    const kept = await before.as('ann').create({ model: native, input: 'Greet me.' })
    await open.pop()?.close()
    const { gateway, as } = await start(sessions, [], { upstream })
    open.push(upstream)
    await as('ann').create({ model: foreign, input: 'Once more.', previous_response_id: id })
    expect(gateway.upstream.lastRequest.body.toString()).toContain('Greet me.')
    gateway.upstream.reply(nativeText, nativeText)
    expect((await as('ann').retrieve(kept.id)).id).toBe(kept.id)
    await as('ann').create({ model: native, input: 'Once more.', previous_response_id: kept.id })
    expect(gateway.upstream.lastRequest.json()).toMatchObject({ input: 'Once more.', previous_response_id: kept.id })
    await expect(as('bob').create({ model: native, input: 'Tell me.', previous_response_id: kept.id })).rejects.toMatchObject(notFound)
    await expect(as('bob').retrieve(kept.id)).rejects.toMatchObject({ status: 404 })
    await Promise.all(open.splice(0).map((each) => each.close()))
    await rm(folder, { recursive: true })
  })

  it('costs the request nothing when the store fails, unless the request rests on it', async () => {
    const sessions = shelf()
    const { gateway, as } = await start(sessions)
    const { id } = await as('ann').create({ model: foreign, input: 'Greet me.' })
    sessions.failing = true
    expect((await as('ann').create({ model: foreign, input: 'Greet me.' })).status).toBe('completed')
    const down = { status: 503, code: 'TKL_SESSION_UNAVAILABLE' }
    for (const model of [foreign, native]) await expect(as('ann').create({ model, input: 'On.', previous_response_id: id })).rejects.toMatchObject(down)
    await expect(as('ann').retrieve(id)).rejects.toMatchObject(down)
    expect(gateway.upstream.requests).toHaveLength(2)
    // What the vendor keeps, and this process has seen, needs no store.
    gateway.upstream.reply(nativeText, nativeText)
    const own = await as('ann').create({ model: native, input: 'Greet me.' })
    await as('ann').create({ model: native, input: 'On.', previous_response_id: own.id })
  })

  it('lives on while its conversation does', async () => {
    const sessions = shelf()
    const { as } = await start(sessions)
    const { id } = await as('ann').create({ model: foreign, input: 'Greet me.' })
    for (const [place, entry] of sessions.entries) sessions.entries.set(place, { ...entry, expiresAt: Date.now() + 1_000 })
    await as('ann').create({ model: foreign, input: 'On.', previous_response_id: id })
    for (const { expiresAt } of sessions.entries.values()) expect(expiresAt).toBeGreaterThan(Date.now() + 12 * 3_600_000)
  })

  it('stays deleted when a request that goes on from it was under way', async () => {
    const sessions = shelf()
    const { as } = await start(sessions)
    const { id } = await as('ann').create({ model: foreign, input: 'Greet me.' })
    for (const [place, entry] of sessions.entries) sessions.entries.set(place, { ...entry, expiresAt: Date.now() + 60_000 })
    sessions.delay = 200
    const next = as('ann').create({ model: foreign, input: 'On.', previous_response_id: id, store: false })
    await wait(80)
    await as('ann').delete(id)
    await next
    await expect(as('ann').retrieve(id)).rejects.toMatchObject({ status: 404 })
    expect(sessions.entries.size).toBe(0)
  })

  it('is written once, not in every turn of its conversation, by a store that keeps things for a short time', async () => {
    const sessions = shelf()
    const { as } = await start(sessions)
    sessions.timeToLive = 3_600_000
    let { id } = await as('ann').create({ model: foreign, input: 'Greet me.' })
    for (let turn = 0; turn < 4; turn++) ({ id } = await as('ann').create({ model: foreign, input: 'On.', previous_response_id: id }))
    expect([sessions.written, sessions.renewed]).toEqual([5, 0])
    for (const [place, entry] of sessions.entries) sessions.entries.set(place, { ...entry, expiresAt: Date.now() + 1_700_000 })
    await as('ann').create({ model: foreign, input: 'On.', previous_response_id: id })
    expect([sessions.written, sessions.renewed]).toEqual([6, 5])
  })

  it.each(['{', '{}', 'null', '[]', '{"response":{"id":"resp_1"}}'])('that the store has damaged is not there (%s)', async (value) => {
    const sessions = shelf()
    const { gateway, as } = await start(sessions)
    const { id: first } = await as('ann').create({ model: foreign, input: 'Greet me.' })
    const { id } = await as('ann').create({ model: foreign, input: 'On.', previous_response_id: first })
    const damage = (key: string) => sessions.entries.set(JSON.stringify(['ann', key]), { key, value, expiresAt: Date.now() + 60_000 })
    damage(`reply:${first}`)
    await expect(as('ann').inputItems.list(id)).rejects.toMatchObject({ status: 404 })
    for (const key of [`owner:${id}`, `reply:${id}`, 'reply:resp_copied', 'owner:resp_native']) damage(key)
    for (const previous of [id, 'resp_copied', 'resp_native'])
      for (const model of [foreign, native])
        await expect(as('ann').create({ model, input: 'On.', previous_response_id: previous })).rejects.toMatchObject(notFound)
    await expect(as('ann').retrieve(id)).rejects.toMatchObject({ status: 404 })
    const submitted = await callerOf('ann')(`${gateway.url}/v1/responses/${id}/submit_tool_outputs`, { method: 'POST', body: '{"tool_outputs":[]}', headers })
    expect(submitted.status).toBe(404)
    expect(gateway.upstream.requests).toHaveLength(2)
  })

  it('makes no request larger than one may be, in bytes and with what is new', async () => {
    const { gateway, as } = await start(shelf(), [], { settings: { limits: { requestBytes: 100_000 } } })
    const tooLarge = { status: 413, code: 'TKL_REQUEST_TOO_LARGE' }
    const { id: short } = await as('ann').create({ model: foreign, input: '你'.repeat(20_000) })
    const { id: long } = await as('ann').create({ model: foreign, input: '你'.repeat(33_000) })
    for (const model of [foreign, native]) {
      await expect(as('ann').create({ model, input: 'x'.repeat(50_000), previous_response_id: short })).rejects.toMatchObject(tooLarge)
      await expect(as('ann').create({ model, input: 'On.', previous_response_id: long })).rejects.toMatchObject(tooLarge)
    }
    await as('ann').create({ model: foreign, input: 'On.', previous_response_id: short })
    expect(gateway.upstream.requests).toHaveLength(3)
  })

  it('is not looked for under an id that nothing can have, and its name cannot be hidden in escapes', async () => {
    const { gateway, as } = await start()
    for (const id of ['resp_0', 'x'.repeat(600)])
      for (const model of [foreign, native]) await expect(as('ann').create({ model, input: 'On.', previous_response_id: id })).rejects.toMatchObject(notFound)
    const body = `{"model":"${native}","input":"On.","previous\\u005fresponse_id":"resp_text"}`
    const answer = await callerOf('bob')(`${gateway.url}/v1/responses`, { method: 'POST', headers, body })
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: 'TKL_REQUEST_DUPLICATE_MEMBER' } }])
    expect(gateway.upstream.requests).toEqual([])
  })

  it('is asked of its keeper first, where several providers may serve the model', async () => {
    const either = definePlugin({
      kind: 'mode',
      name: 'either',
      apiVersion: 1,
      options: z.strictObject({}),
      setup: (api) =>
        api.hooks.resolveRoute.tap(({ model }) =>
          model === 'either' ? { targets: ['second', 'openai'].map((provider) => ({ provider, model: 'gpt-recorded' })) } : undefined,
        ),
    })
    const { gateway, as } = await start(shelf(), [either()])
    gateway.upstream.reply(nativeText, nativeText, nativeText)
    const { id } = await as('ann').create({ model: native, input: 'Greet me.' })
    await as('ann').create({ model: 'either', input: 'On.', previous_response_id: id })
    await as('ann').create({ model: 'either', input: 'Greet me.' })
    const keys = gateway.upstream.requests.map(({ headers }) => headers.authorization)
    expect(keys).toEqual(['Bearer sk-openai-own', 'Bearer sk-openai-own', 'Bearer sk-second'])
  })

  it.each(['anthropic', 'second'])('that its keeper cannot go on from now is not called unknown because %s is asked next', async (other) => {
    const model = other === 'second' ? native : foreign
    const either = definePlugin({
      kind: 'mode',
      name: 'either',
      apiVersion: 1,
      options: z.strictObject({}),
      setup: ({ hooks }) => {
        hooks.resolveRoute.tap((context) =>
          context.model === 'either'
            ? {
                targets: [
                  { provider: 'openai', model: native },
                  { provider: other, model },
                ],
              }
            : undefined,
        )
        hooks.resolveRetry.tap((_attempt, { plan, attempts }) => {
          const target = plan?.targets[attempts.length]
          return target && { target }
        })
      },
    })
    const { gateway, as } = await start(shelf(), [either()])
    const overloaded = { status: 503, headers: { 'retry-after': '7' }, body: { error: { message: 'Overloaded.', type: 'server_error', code: 'busy' } } }
    gateway.upstream.reply(nativeText, overloaded)
    const { id } = await as('ann').create({ model: native, input: 'Greet me.' })
    const next = await as('ann')
      .create({ model: 'either', input: 'On.', previous_response_id: id })
      .catch((error: unknown) => error)
    expect(next).toMatchObject({ status: 503, code: 'busy', message: expect.stringContaining('Overloaded.') })
    expect((next as { headers: Headers }).headers.get('retry-after')).toBe('7')
    gateway.upstream.reply({ ...nativeText, cutAfter: 20, ending: 'reset' })
    const cut = as('ann').create({ model: 'either', input: 'On.', previous_response_id: id })
    await expect(cut).rejects.toMatchObject({ status: 502, code: 'TKL_UPSTREAM_CUT' })
    expect(gateway.upstream.requests).toHaveLength(3)
  })

  it('counts with what came before it', async () => {
    const { gateway, as } = await start()
    const { id } = await as('ann').create({ model: foreign, input: 'Greet me.' })
    gateway.upstream.reply({ body: { input_tokens: 42 } })
    await openaiClient(gateway.url, callerOf('ann')).responses.inputTokens.count({ model: foreign, input: 'On.', previous_response_id: id })
    expect(gateway.upstream.lastRequest.body.toString()).toContain('Greet me.')
  })
})

describe('without a store', () => {
  it('no reply is kept, and there are no outputs of tools to be submitted', async () => {
    const gateway = await startVendors()
    open.push(gateway)
    gateway.upstream.reply(foreignText)
    const { responses } = openaiClient(gateway.url)
    const reply = await responses.create({ model: foreign, input: 'Greet me.' })
    expect(reply).toMatchObject({ store: false })
    await expect(responses.create({ model: foreign, input: 'On.', previous_response_id: reply.id })).rejects.toMatchObject(notFound)
    const submitted = await fetch(`${gateway.url}/v1/responses/${reply.id}/submit_tool_outputs`, { method: 'POST', headers, body: '{}' })
    expect(submitted.status).toBe(404)
  })
})
