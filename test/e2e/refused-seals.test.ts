import { definePlugin, type PluginEntry } from 'tokligence'
import { type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Fields } from '../support/json-fields.ts'
import type { RecordedProtocol } from '../support/recordings.ts'
import { loopClients } from './loops/loop-clients.ts'
import { type LoopGateway, type LoopGatewayOptions, modelAt, runLoop, type Seat, startLoopGateway } from './loops/loop-gateway.ts'
import { RememberingStore, remembering } from './loops/remembering-store.ts'
import { StrictVendors } from './loops/strict-vendors.ts'
import { otherRefusal, sealedRefusals } from './loops/vendor-refusals.ts'
import { type Speakers, speakers } from './thoughtful-vendors.ts'
import { callers, post, translatedPaths } from './vendors.ts'

let upstream: ScriptedUpstream
let all: Speakers
let running: LoopGateway[] = []

beforeAll(async () => {
  ;[upstream, all] = await Promise.all([startScriptedUpstream(), speakers()])
})
afterAll(() => upstream.close())
afterEach(async () => {
  await Promise.all(running.splice(0).map((gateway) => gateway.close()))
})

async function start(options: LoopGatewayOptions = {}): Promise<LoopGateway> {
  const gateway = await startLoopGateway(upstream, options)
  running = [...running, gateway]
  return gateway
}

const seat = (protocol: RecordedProtocol, account: Seat['account'] = 'first'): Seat => ({ protocol, account })
/** Bodies that arrived from the one of this number on. */
const sentFrom = (number: number) => upstream.requests.slice(number).map(({ body }) => body.toString())

/** A history of one turn with two calls and their results, which the first account made. */
async function firstTurn(gateway: LoopGateway, caller: RecordedProtocol, stream: boolean): Promise<readonly Fields[]> {
  const client = loopClients[caller]
  const { said, calls } = await client.ask(gateway.url, modelAt(seat(caller)), [client.question], stream)
  return [client.question, ...said, ...client.results(calls)]
}

/** What a vendor gives that only it can read; not what stands for it. */
function opaqueValues(said: unknown): readonly string[] {
  const found = [...JSON.stringify(said).matchAll(/"(?:signature|data|encrypted_content|thoughtSignature)":"([^"]+)"/g)]
  return found.map(([, value]) => String(value)).filter((value) => value !== 'skip_thought_signature_validator')
}

const cases = callers.flatMap((caller) => [false, true].map((stream) => ({ caller, stream })))

describe.each(cases)('an opaque value that the vendor of a $caller caller refuses (streamed: $stream)', ({ caller, stream }) => {
  const client = loopClients[caller]

  it('is taken out, and the request is tried once more at the same account', async () => {
    const gateway = await start()
    const vendors = new StrictVendors(all, 2)
    upstream.always(vendors.answer)
    const history = await firstTurn(gateway, caller, stream)
    const values = opaqueValues(history)
    const number = upstream.requests.length
    expect((await client.ask(gateway.url, modelAt(seat(caller, 'second')), history, stream)).calls).toHaveLength(2)

    expect(vendors.refusals).toEqual([expect.stringContaining('was not given to this account')])
    const [untouched = '', without = '', ...others] = sentFrom(number)
    expect(others).toEqual([])
    expect(values.length).toBeGreaterThan(0)
    expect(values.filter((value) => untouched.includes(value))).toEqual(values)
    expect(values.filter((value) => without.includes(value))).toEqual([])
    // What is said and done stays.
    for (const words of ['Go.', 'Step ', 'look of 0', 'count of 0']) expect(without).toContain(words)

    const rows = gateway.ledger.records()
    expect(rows).toHaveLength(2)
    const lost = rows[1]?.losses?.filter(({ feature }) => feature === 'reasoning-seal') ?? []
    expect(lost.length).toBeGreaterThan(0)
    for (const loss of lost)
      expect(loss).toMatchObject({ action: 'dropped', severity: 'hint', detail: 'The provider refused it: another account issued it, or it was changed.' })
    const attempts = gateway.ledger.attempts().filter(({ opened }) => opened.requestId === rows[1]?.id)
    expect(attempts.map(({ opened, closed }) => [opened.provider, opened.sequence, closed?.status, closed?.ending])).toEqual([
      [`second-${caller}`, 0, 400, 'upstream-error'],
      [`second-${caller}`, 1, 200, 'complete'],
    ])
  })

  it('goes to the vendor at first in the bytes of the caller, and without a plugin for seals that is all', async () => {
    const [gateway, bare] = await Promise.all([start(), start({ seals: 'none' })])
    upstream.always(new StrictVendors(all, 2).answer)
    const history = await firstTurn(gateway, caller, stream)
    const number = upstream.requests.length
    await client.ask(gateway.url, modelAt(seat(caller, 'second')), history, stream)
    await expect(client.ask(bare.url, modelAt(seat(caller, 'second')), history, stream)).rejects.toThrow()
    const [first, , third, ...others] = sentFrom(number)
    expect(third).toBe(first)
    expect(others).toEqual([])
    expect(bare.ledger.attempts()).toHaveLength(1)
  })

  it('is told to the caller as it is when the vendor refuses what is left, too', async () => {
    const gateway = await start()
    upstream.always(new StrictVendors(all, 2).answer)
    const history = await firstTurn(gateway, caller, stream)
    upstream.always({ status: 400, body: sealedRefusals[caller] })
    const number = upstream.requests.length
    await expect(client.ask(gateway.url, modelAt(seat(caller)), history, stream)).rejects.toThrow()
    expect(sentFrom(number)).toHaveLength(2)
  })

  it('is not looked for where there is none: the caller is told the words of the vendor', async () => {
    const gateway = await start()
    const refusal = sealedRefusals[caller]
    upstream.always({ status: 400, body: refusal })
    const number = upstream.requests.length
    const answer = await post(gateway.url, { protocol: caller, model: modelAt(seat(caller)), stream }, JSON.stringify(smallest(caller, stream)))
    expect([answer.status, await answer.text()]).toEqual([400, JSON.stringify(refusal)])
    expect(sentFrom(number)).toHaveLength(1)
    expect(gateway.ledger.attempts().map(({ closed }) => closed?.ending)).toEqual(['upstream-error'])
  })

  it('is no other refusal: those are not tried again', async () => {
    const gateway = await start()
    for (const status of [400, 429, 500]) {
      upstream.always({ status, body: otherRefusal(caller, 'No.') })
      const number = upstream.requests.length
      await expect(client.ask(gateway.url, modelAt(seat(caller)), [client.question], stream)).rejects.toThrow()
      expect(sentFrom(number)).toHaveLength(1)
    }
  })

  it('costs the later turns at that account nothing: what it gives from there on is known to be its own', async () => {
    const gateway = await start()
    const vendors = new StrictVendors(all, 6)
    upstream.always(vendors.answer)
    const order = (['first', 'second', 'second', 'second', 'first', 'second', 'first'] as const).map((account) => seat(caller, account))
    const turns = await runLoop({ client, stream, turns: 6, url: () => gateway.url, seat: (turn) => order[turn] as Seat })
    expect(turns.map(({ calls }) => calls.length)).toEqual([2, 2, 2, 2, 2, 2, 0])
    expect(vendors.refusals).toHaveLength(1)
  })

  it('costs one more request when that account no longer takes its own back, and none after it', async () => {
    const gateway = await start()
    const vendors = new StrictVendors(all, 6)
    upstream.always(vendors.answer)
    const url = (turn: number) => {
      if (turn === 3) vendors.forget()
      return gateway.url
    }
    await runLoop({ client, stream, turns: 6, url, seat: (turn) => seat(caller, turn === 0 ? 'first' : 'second') })
    expect(vendors.refusals).toHaveLength(2)
  })
})

describe.each(translatedPaths.map((path, index) => ({ ...path, stream: index % 2 === 0 })))('a translated loop ($name, streamed: $stream)', (path) => {
  it('goes on when the vendor no longer takes what it gave itself, at the cost of one request and of what it gave before', async () => {
    const { caller, upstream: protocol, stream } = path
    const gateway = await start()
    const vendors = new StrictVendors(all, 6)
    upstream.always(vendors.answer)
    const url = (turn: number) => {
      if (turn === 2) vendors.forget()
      return gateway.url
    }
    const turns = await runLoop({ client: loopClients[caller], stream, turns: 6, url, seat: () => seat(protocol) })
    expect(turns.map(({ calls }) => calls.length)).toEqual([2, 2, 2, 2, 2, 2, 0])
    expect(vendors.refusals).toEqual([expect.stringContaining('was not given to this account')])
    for (const { losses } of gateway.ledger.records().slice(2))
      expect(losses?.filter(({ detail }) => detail?.startsWith('The provider refused it')).length).toBeGreaterThan(0)
  })
})

describe('a request that was not refused', () => {
  it('is not touched where its words look as if there were a seal in it: no number loses its digits', async () => {
    const gateway = await start()
    const number = upstream.requests.length
    upstream.reply({ body: { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [] } })
    const messages = '[{"role": "user", "content": "What is tkl1.abc?"}]'
    const body = (model: string) => `{ "model": "${model}", "seed": 12345678901234567890, "temperature": 1.0, "messages": ${messages}}`
    const model = modelAt(seat('openai-chat'))
    await (await post(gateway.url, { protocol: 'openai-chat', model, stream: false }, body(model))).text()
    expect(sentFrom(number)).toEqual([body('host-thinker')])
  })
})

describe('a second try', () => {
  it('is followed by seals that the caller carries, however long: nothing is kept of replies in its own protocol', async () => {
    const store = new RememberingStore()
    const gateway = await start({ extra: [remembering(store)] })
    const vendors = new StrictVendors(all, 3, { opaqueBytes: 300_000 })
    upstream.always(vendors.answer)
    const order = (['first', 'second', 'second', 'second'] as const).map((account) => seat('anthropic-messages', account))
    const client = loopClients['anthropic-messages']
    expect(await runLoop({ client, stream: true, turns: 3, url: () => gateway.url, seat: (turn) => order[turn] as Seat })).toHaveLength(4)
    expect([vendors.refusals.length, store.entries.size]).toEqual([1, 0])
  })

  it.each([
    ['anthropic-messages', 'TKL_LOSS_REJECTED'],
    ['openai-responses', undefined],
  ] as const)('is refused where thinking has to be switched off for it and no loss of meaning is taken (%s)', async (caller, code) => {
    const gateway = await start({ settings: { onLoss: 'reject' } })
    upstream.always(new StrictVendors(all, 2).answer)
    const history = await firstTurn(gateway, caller, false)
    const asked = loopClients[caller].ask(gateway.url, modelAt(seat(caller, 'second')), history, false)
    if (code === undefined) expect((await asked).calls).toHaveLength(2)
    else await expect(asked).rejects.toThrow('loses meaning')
    expect(gateway.ledger.records().at(-1)?.errorCode).toBe(code)
  })

  it.each(callers.filter((caller) => caller !== 'openai-chat'))('is made for counts of tokens, too (%s)', async (caller) => {
    const gateway = await start()
    upstream.always(new StrictVendors(all, 2).answer)
    const history = await firstTurn(gateway, caller, false)
    const counted = {
      'openai-responses': { input_tokens: 7, object: 'response.input_tokens' },
      'anthropic-messages': { input_tokens: 7 },
      gemini: { totalTokens: 7 },
    }
    const body = counted[caller as keyof typeof counted]
    const number = upstream.requests.length
    upstream.reply({ status: 400, body: sealedRefusals[caller] }, { body })
    const answer = await fetch(gateway.url + countPath(caller), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...(caller !== 'gemini' && { model: modelAt(seat(caller)) }), [historyField[caller]]: history }),
    })
    expect([answer.status, await answer.json()]).toEqual([200, body])
    expect(opaqueValues(JSON.parse(sentFrom(number)[1] ?? ''))).toEqual([])
  })

  it('is made for the compaction of a history by its vendor, who is sent no seals either', async () => {
    const gateway = await start()
    upstream.always(new StrictVendors(all, 3).answer)
    const history = await firstTurn(gateway, 'openai-responses', false)
    const client = loopClients['openai-responses']
    const { said, calls } = await client.ask(gateway.url, modelAt(seat('openai-responses', 'second')), history, false)
    const compacted = { id: 'resp_c', object: 'response.compaction', created_at: 1, output: [], usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 } }
    const number = upstream.requests.length
    upstream.reply({ status: 400, body: sealedRefusals['openai-responses'] }, { body: compacted })
    const answer = await fetch(`${gateway.url}/v1/responses/compact`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: modelAt(seat('openai-responses', 'second')), input: [...history, ...said, ...client.results(calls)] }),
    })
    expect([answer.status, await answer.json()]).toEqual([200, compacted])
    for (const sent of sentFrom(number)) expect(sent).not.toContain('tkl1')
    expect(opaqueValues(JSON.parse(sentFrom(number)[1] ?? ''))).toEqual([])
  })

  it('is for one account: another one that is asked after it gets what the caller sent', async () => {
    const caller = 'anthropic-messages'
    const elsewhere = { provider: `first-${caller}`, model: 'claude-sonnet-4-5' }
    const retrying: PluginEntry = definePlugin({
      kind: 'telemetry',
      name: 'elsewhere',
      apiVersion: 1,
      options: z.strictObject({}),
      setup: ({ hooks }) => hooks.resolveRetry.tap(({ target }) => (target.provider === elsewhere.provider ? undefined : { target: elsewhere })),
    })()
    const gateway = await start({ extra: [retrying] })
    upstream.always(new StrictVendors(all, 2).answer)
    const history = await firstTurn(gateway, caller, false)
    const number = upstream.requests.length
    upstream.reply(
      { status: 400, body: sealedRefusals[caller] },
      { status: 529, body: { type: 'error', error: { type: 'overloaded_error', message: 'Busy.' } } },
    )
    expect((await loopClients[caller].ask(gateway.url, modelAt(seat(caller, 'second')), history, false)).calls).toHaveLength(2)
    expect(sentFrom(number).map((body) => opaqueValues(JSON.parse(body)).length > 0)).toEqual([true, false, true])
    expect(gateway.ledger.records().at(-1)?.losses ?? []).toEqual([])
  })
})

const historyField: Readonly<Record<RecordedProtocol, string>> = {
  'openai-chat': 'messages',
  'openai-responses': 'input',
  'anthropic-messages': 'messages',
  gemini: 'contents',
}

function countPath(caller: RecordedProtocol): string {
  if (caller === 'gemini') return `/v1beta/models/${modelAt(seat(caller))}:countTokens`
  return caller === 'openai-responses' ? '/v1/responses/input_tokens' : '/v1/messages/count_tokens'
}

function smallest(caller: RecordedProtocol, stream: boolean): Fields {
  const history = { [historyField[caller]]: [loopClients[caller].question] }
  if (caller === 'gemini') return history
  return { ...history, model: modelAt(seat(caller)), stream, ...(caller === 'anthropic-messages' && { max_tokens: 9 }) }
}
