import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memorySessions, sqliteSessions } from 'tokligence/plugins'
import { afterEach, describe, expect, it } from 'vitest'
import { ownRecording } from '../support/recordings.ts'
import { playRecording, startVendorUpstream, type VendorUpstream } from '../support/scripted-upstream.ts'
import { openaiClient } from '../support/sdk-readings.ts'
import { callerOf, type Shelf, shelf, startRemembering } from './remembering.ts'
import { speakers, streamed, thoughtful } from './thoughtful-vendors.ts'
import { startVendors, type Vendors } from './vendors.ts'

const open: Pick<Vendors, 'close'>[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()))
})

async function start(sessions: Pick<Shelf, 'plugin'> = { plugin: memorySessions() }, upstream?: VendorUpstream) {
  const gateway = await startRemembering(sessions, [], upstream && { upstream })
  open.push(gateway)
  const sent = (index: number) => gateway.upstream.requests.at(index)?.json() as Record<string, unknown>
  return { gateway, sent, as: (name: string) => openaiClient(gateway.url, callerOf(name)).responses, submit: submitTo(gateway, 'ann') }
}

function submitTo({ url }: Pick<Vendors, 'url'>, name: string) {
  return (id: string, body: object, query = '') =>
    callerOf(name)(`${url}/v1/responses/${id}/submit_tool_outputs${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
}

const tools = [{ type: 'function' as const, name: 'look', strict: false, parameters: { type: 'object', properties: {} } }]
const asked = { model: 'gpt-recorded', input: 'Go.', tools, instructions: 'Be brief.', tool_choice: 'required' as const }
const nativeText = playRecording(ownRecording('openai-responses', 'text-unary'))
const nativeStream = playRecording(ownRecording('openai-responses', 'text'))
const said = (number: number) => ({ body: thoughtful('openai-responses', number, true) })
const outputsOf = (number: number) => [{ tool_call_id: `call_${number}`, output: 'Seen.' }]

/** A vendor's stream that takes its time before its last event. */
async function saidSlowly(vendor: 'openai-responses' | 'anthropic-messages', number: number, delay: number) {
  const { [vendor]: protocol } = await speakers()
  if (!protocol) throw new Error(`No plugin speaks ${vendor}.`)
  const text = streamed(protocol, thoughtful(vendor, number, true))
  const last = text.lastIndexOf('\nevent: ', text.lastIndexOf('data:') - 10)
  return { headers: { 'content-type': 'text/event-stream' }, pieces: [text.slice(0, last), text.slice(last)], delay }
}

describe('outputs for a reply that its vendor keeps', () => {
  it.each([false, true])('go to him with the model, the tools and the instructions of before (stream: %s)', async (stream) => {
    const { gateway, sent, as, submit } = await start()
    const first = stream ? await saidSlowly('openai-responses', 1, 0) : said(1)
    gateway.upstream.reply(first, nativeText, nativeStream, nativeStream)
    const { id } = stream ? await as('ann').stream(asked).finalResponse() : await as('ann').create(asked)
    const whole = await submit(id, { tool_outputs: outputsOf(1) })
    expect([whole.status, await whole.json()]).toMatchObject([200, { object: 'response', status: 'completed' }])
    const { input: _, tool_choice: __, ...kept } = asked
    const goesOn = { ...kept, previous_response_id: id, input: [{ type: 'function_call_output', call_id: 'call_1', output: 'Seen.' }] }
    expect(sent(1)).toEqual(goesOn)
    for (const [body, query] of [[{ stream: true }], [{}, '?stream=true']] as const) {
      const events = await submit(id, { tool_outputs: outputsOf(1), ...body }, query)
      expect(events.headers.get('content-type')).toContain('text/event-stream')
      expect(await events.text()).toContain('response.completed')
    }
    expect(sent(3)).toEqual({ ...goesOn, stream: true })
    expect(gateway.upstream.refusals).toEqual([])
  })

  it('are outputs of custom tools where the calls were of those, and are there for all calls or refused', async () => {
    const { gateway, sent, as, submit } = await start()
    const custom = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_c', name: 'patch', input: 'x', status: 'completed' }
    const reply = thoughtful('openai-responses', 1, true)
    gateway.upstream.reply({ body: { ...reply, output: [...(reply.output as object[]), custom] } }, nativeText)
    await as('ann').create(asked)
    for (const bad of [outputsOf(1), [...outputsOf(1), { tool_call_id: 'nobody', output: '' }], []])
      expect((await submit('resp_1', { tool_outputs: bad })).status).toBe(400)
    expect(gateway.upstream.requests).toHaveLength(1)
    await submit('resp_1', { tool_outputs: [...outputsOf(1), { tool_call_id: 'call_c', output: { done: true } }] })
    expect(sent(1).input).toMatchObject([{ type: 'function_call_output' }, { type: 'custom_tool_call_output', call_id: 'call_c', output: '{"done":true}' }])
  })

  it('go on in the conversation that the request named', async () => {
    const { gateway, sent, as, submit } = await start()
    gateway.upstream.reply(said(1), nativeText)
    await as('ann').create({ ...asked, conversation: 'conv_1' })
    await submit('resp_1', { tool_outputs: outputsOf(1) })
    expect(sent(1)).toMatchObject({ conversation: 'conv_1', input: [{ call_id: 'call_1' }] })
    expect(sent(1)).not.toHaveProperty('previous_response_id')
  })

  it('are nobody else’s to send, and are taken after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'outputs-'))
    const sessions = { plugin: sqliteSessions({ path: join(folder, 'sessions.db') }) }
    const upstream = await startVendorUpstream()
    const before = await start(sessions, upstream)
    upstream.reply(said(1), nativeText)
    await before.as('ann').create(asked)
    await open.pop()?.close()
    const { gateway, sent, submit } = await start(sessions, upstream)
    open.push(upstream)
    expect((await submitTo(gateway, 'bob')('resp_1', { tool_outputs: outputsOf(1) })).status).toBe(404)
    expect((await submit('resp_1', { tool_outputs: outputsOf(1) })).status).toBe(200)
    expect(sent(1)).toMatchObject({ previous_response_id: 'resp_1', instructions: 'Be brief.' })
    await Promise.all(open.splice(0).map((each) => each.close()))
    await rm(folder, { recursive: true })
  })

  it('are refused with the reason where what was asked is not known', async () => {
    const sessions = shelf()
    const { gateway, as, submit } = await start(sessions)
    gateway.upstream.reply(said(1), said(2))
    await as('ann').create({ ...asked, store: false })
    sessions.failing = true
    await as('ann').create(asked)
    sessions.failing = false
    for (const [index, id] of ['resp_1', 'resp_2'].entries()) {
      const answer = await submit(id, { tool_outputs: outputsOf(index + 1) })
      expect([answer.status, await answer.json()]).toMatchObject([404, { error: { message: expect.stringMatching(/"openai" keeps.*previous_response_id/) } }])
    }
    expect(gateway.upstream.requests).toHaveLength(2)
  })

  it('keep the settings of a request, but not its input, until the reply is deleted', async () => {
    const sessions = shelf()
    const { gateway, as, submit } = await start(sessions)
    const gone = { body: { id: 'resp_1', object: 'response', deleted: true } }
    gateway.upstream.reply(said(1), said(2), nativeText, gone, gone)
    await as('ann').create({ ...asked, tool_choice: 'auto' })
    await submit('resp_1', { tool_outputs: outputsOf(1) })
    const last = await submit('resp_2', { tool_outputs: outputsOf(2) })
    expect(last.status).toBe(200)
    expect(JSON.stringify([...sessions.entries.values()])).toContain('Be brief.')
    expect(JSON.stringify([...sessions.entries.values()])).not.toContain('Go.')
    for (const id of ['resp_1', 'resp_2']) await as('ann').delete(id)
    expect([...sessions.entries.keys()]).toEqual([])
  })
})

describe('outputs that come before the end of the reply', () => {
  it.each(['openai-responses', 'anthropic-messages'] as const)('wait for it (%s)', async (vendor) => {
    const { gateway, as, submit } = await start()
    const native = vendor === 'openai-responses'
    gateway.upstream.reply(await saidSlowly(vendor, 1, 400), native ? nativeText : playRecording(ownRecording(vendor, 'text-unary')))
    const events = await as('ann').create({ ...asked, model: native ? 'gpt-recorded' : 'claude-recorded', stream: true })
    let id = ''
    let answer: Promise<Response> | undefined
    let over = false
    for await (const event of events) {
      if (event.type === 'response.created') id = event.response.id
      if (event.type === 'response.output_item.done' && event.item.type === 'function_call') {
        expect(over).toBe(false)
        answer = submit(id, { tool_outputs: [{ tool_call_id: event.item.call_id, output: 'Seen.' }] })
      }
      over ||= event.type === 'response.completed'
    }
    expect(over).toBe(true)
    expect((await answer)?.status).toBe(200)
    expect(gateway.upstream.lastRequest.body.toString()).toContain('Seen.')
    expect(gateway.upstream.refusals).toEqual([])
  })

  it('are taken as soon as it is there, however slow the store', async () => {
    const sessions = shelf()
    const { gateway, as, submit } = await start(sessions)
    gateway.upstream.reply(said(1), nativeText)
    sessions.delay = 300
    await as('ann').create(asked)
    expect((await submit('resp_1', { tool_outputs: outputsOf(1) })).status).toBe(200)
  })
})

it('without a store are refused, and the answer says what is missing', async () => {
  const gateway = await startVendors()
  open.push(gateway)
  const answer = await submitTo(gateway, 'ann')('resp_1', { tool_outputs: [] })
  expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'TKL_NOT_FOUND', message: expect.stringContaining('memorySessions()') } }])
})
