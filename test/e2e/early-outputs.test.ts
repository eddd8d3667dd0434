import { definePlugin, GatewayError, type Ledger, type PluginEntry, type SessionStore } from 'tokligence'
import { memorySessions } from 'tokligence/plugins'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { openaiClient } from '../support/sdk-readings.ts'
import { callerOf, callers, type Shelf, startRemembering } from './remembering.ts'
import { speakers, streamed, thoughtful } from './thoughtful-vendors.ts'
import { startVendors, type Vendors } from './vendors.ts'

const open: Vendors[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()))
})

function talkTo(gateway: Vendors) {
  open.push(gateway)
  const submit = (id: string, body: object, { name = 'ann', query = '' }: { readonly name?: string; readonly query?: string } = {}) =>
    callerOf(name)(`${gateway.url}/v1/responses/${id}/submit_tool_outputs${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return { gateway, submit, as: (name: string) => openaiClient(gateway.url, callerOf(name)).responses }
}

async function start(sessions: Pick<Shelf, 'plugin'> = { plugin: memorySessions() }) {
  return talkTo(await startRemembering(sessions))
}

const native = 'gpt-recorded'
const tools = [{ type: 'function' as const, name: 'look', strict: false, parameters: { type: 'object', properties: {} } }]
const asked = { model: native, input: 'Go.', tools, instructions: 'Be brief.' }
const nativeText = playRecording(ownRecording('openai-responses', 'text-unary'))
const nativeStream = playRecording(ownRecording('openai-responses', 'text'))
const said = (number: number) => ({ body: thoughtful('openai-responses', number, true) })
const outputs = [{ tool_call_id: 'call_1', output: 'Seen.' }]

/** A vendor's stream that waits before its last event. */
async function saidSlowly(wait: number) {
  const { 'openai-responses': protocol } = await speakers()
  if (!protocol) throw new Error('No plugin speaks Responses.')
  const text = streamed(protocol, thoughtful('openai-responses', 1, true))
  const last = text.lastIndexOf('\nevent: ', text.lastIndexOf('data:') - 10)
  return { headers: { 'content-type': 'text/event-stream' }, pieces: [text.slice(0, last), text.slice(last)], delay: wait }
}

async function timed(answer: Promise<Response>): Promise<{ readonly status: number; readonly took: number }> {
  const before = performance.now()
  const { status } = await answer
  return { status, took: performance.now() - before }
}

/** Reads a stream until a call is there, and goes on reading in the background. */
async function untilCalled(events: AsyncIterable<{ readonly type: string }>): Promise<{ readonly rest: Promise<void> }> {
  const reading = events[Symbol.asyncIterator]()
  for (let next = await reading.next(); !next.done; next = await reading.next()) if (next.value.type === 'response.output_item.done') break
  const drain = async () => {
    while (!(await reading.next()).done);
  }
  return { rest: drain() }
}

describe('outputs that come early', () => {
  it('do not wait for another reply than their own, whoever’s it is', async () => {
    const { gateway, as, submit } = await start()
    gateway.upstream.reply(await saidSlowly(4_000))
    const { rest } = await untilCalled(await as('ann').create({ ...asked, stream: true }))
    for (const [id, name] of [
      ['resp_0', 'ann'],
      ['resp_1', 'bob'],
    ] as const) {
      const { status, took } = await timed(submit(id, { tool_outputs: outputs }, { name }))
      expect(status).toBe(404)
      expect(took).toBeLessThan(1_500)
    }
    await rest
  })

  it('wait for a reply that began before a reload', async () => {
    const { gateway, as, submit } = await start()
    gateway.upstream.reply(await saidSlowly(800), nativeText)
    const { rest } = await untilCalled(await as('ann').create({ ...asked, stream: true }))
    await gateway.gateway.reload({ listen: { port: 0 }, plugins: gateway.gateway.config.plugins })
    const { status, took } = await timed(submit('resp_1', { tool_outputs: outputs }))
    expect(status).toBe(200)
    expect(took).toBeGreaterThan(100)
    await rest
  })

  it('are refused when it breaks off', async () => {
    const { gateway, as, submit } = await start()
    const { pieces, headers } = await saidSlowly(0)
    gateway.upstream.reply({ headers, pieces: [pieces[0] ?? '', ': idle\n\n'], delay: 500, ending: 'reset' })
    const { rest } = await untilCalled(await as('ann').create({ ...asked, stream: true }))
    const before = performance.now()
    const [answer] = await Promise.all([submit('resp_1', { tool_outputs: outputs }), expect(rest).rejects.toThrow()])
    expect(answer.status).toBe(404)
    // They waited for it, and not for the rest of their time.
    expect(performance.now() - before).toBeGreaterThan(200)
    expect(performance.now() - before).toBeLessThan(3_000)
  })

  it('find no reply that runs for ever where the ledger took no row', async () => {
    const { gateway, as, submit } = talkTo(await startVendors({ extra: [callers(), memorySessions()], ledger: refusingLedger() }))
    gateway.upstream.reply(await saidSlowly(0))
    await expect(
      as('ann')
        .stream({ ...asked, store: false })
        .finalResponse(),
    ).rejects.toThrow('The ledger is full.')
    const { status, took } = await timed(submit('resp_1', { tool_outputs: outputs }))
    expect(status).toBe(404)
    expect(took).toBeLessThan(1_500)
  })

  it('do not wait longer than the end of the reply does for a store that does not answer', { timeout: 20_000 }, async () => {
    const { gateway, as, submit } = await start({ plugin: hangingStore() })
    gateway.upstream.reply(await saidSlowly(0))
    const { rest } = await untilCalled(await as('ann').create({ ...asked, stream: true }))
    const { status, took } = await timed(submit('resp_1', { tool_outputs: outputs }))
    expect(status).toBe(404)
    expect(took).toBeLessThan(7_000)
    await rest
  })
})

describe('outputs', () => {
  it('are refused where two are for one call', async () => {
    const { gateway, as, submit } = await start()
    gateway.upstream.reply(said(1))
    await as('ann').create(asked)
    const answer = await submit('resp_1', { tool_outputs: [...outputs, { tool_call_id: 'call_1', output: 'No.' }] })
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { param: 'tool_outputs[1].tool_call_id' } }])
    expect(gateway.upstream.requests).toHaveLength(1)
  })

  it('bring the options of a stream where their answer is one, and nothing to the vendor’s address', async () => {
    const { gateway, as, submit } = await start()
    const options = { include_obfuscation: false }
    gateway.upstream.reply(await saidSlowly(0), nativeText, nativeStream)
    await as('ann')
      .stream({ ...asked, stream: true, stream_options: options })
      .finalResponse()
    expect((await submit('resp_1', { tool_outputs: outputs })).status).toBe(200)
    expect(gateway.upstream.lastRequest.json()).not.toHaveProperty('stream_options')
    const events = await submit('resp_1', { tool_outputs: outputs }, { query: '?stream=true&include[]=x' })
    expect(await events.text()).toContain('response.completed')
    expect(gateway.upstream.lastRequest.json()).toMatchObject({ stream: true, stream_options: options })
    expect(gateway.upstream.lastRequest.path).toBe('/v1/responses?include%5B%5D=x')
  })
})

function refusingLedger(): PluginEntry {
  const ledger: Ledger = {
    openAttempt: () => undefined,
    closeAttempt: () => undefined,
    record: async () => {
      throw new GatewayError('TKL_LEDGER_UNAVAILABLE', 'The ledger is full.')
    },
    recover: async () => 0,
    usage: async () => [],
    requests: async () => [],
    flush: async () => undefined,
  }
  return definePlugin({ kind: 'ledger', name: 'full', apiVersion: 1, options: z.strictObject({}), setup: () => ledger })()
}

/** It never gets done with writing, and has nothing. */
function hangingStore() {
  const never = () => new Promise<never>(() => undefined)
  const store: SessionStore = { put: never, get: async () => [], delete: async () => 0, erase: async () => 0, renew: async () => undefined }
  return definePlugin({ kind: 'session', name: 'hanging', apiVersion: 1, options: z.strictObject({}), setup: () => store })()
}
