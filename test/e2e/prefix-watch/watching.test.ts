import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { definePlugin, type Plugin, type Protocol } from 'tokligence'
import { loopback, modelRoutes, openaiChat, prefixWatch, sqliteLedger } from 'tokligence/plugins'
import { createHarness, type Harness } from 'tokligence/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { formatRequest, formatRequests } from '../../../core/cli/format-requests.ts'
import { chatProtocol } from '../../../plugins/protocol/openai-chat/protocol.ts'
import { recordingLogger } from '../../plugins/set-up.ts'
import { dialects } from '../dialects/index.ts'
import { ask, pathBetween, post, protocolPlugins } from '../vendors.ts'
import { inWordsOf, longText } from './said.ts'
import { changing, say, startWatched, toldAt, type WatchedGateway } from './watched-gateway.ts'

const talk = [longText('first'), 'one', longText('second'), 'two', longText('third'), 'three', longText('fourth')]
const rules = longText('Be kind', 4_000)
const chat = pathBetween('openai-chat', 'openai-chat')
let gateway: WatchedGateway | Harness | undefined

afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})

async function start(options: Parameters<typeof startWatched>[0] = {}): Promise<WatchedGateway> {
  const started = await startWatched(options)
  gateway = started
  return started
}

/** A request, and the next one under changed instructions; gives what the second one lost. */
async function changedRules(watched: WatchedGateway, turns = talk) {
  await say(watched, chat, { system: `1 ${rules}`, turns: turns.slice(0, 3) })
  return say(watched, chat, { system: `2 ${rules}`, turns: turns.slice(0, 5) })
}

describe('what is compared', () => {
  it('is the last request that a provider has answered: what it refused, it has not read', async () => {
    const watched = await start()
    await say(watched, chat, { system: `1 ${rules}`, turns: talk.slice(0, 3) })
    watched.upstream.reply({ status: 429, body: { error: { message: 'Later.' } } })
    expect(
      (
        await ask(
          watched.url,
          'openai-chat',
          { ...inWordsOf('openai-chat', { system: `2 ${rules}`, turns: talk.slice(0, 5) }), model: chat.model },
          { 'x-caller': 'ada' },
        )
      ).status,
    ).toBe(429)
    expect(watched.ledger.records().at(-1)?.losses).toEqual([])
    // The second refusal did not take the place of the first answer.
    expect(await say(watched, chat, { system: `1 ${rules}`, turns: talk.slice(0, 5) })).toBeUndefined()
  })

  it('is what went to the same provider: one that is asked in its place has a cache of its own', async () => {
    const other = pathBetween('openai-chat', 'anthropic-messages')
    const elsewhere = changing('elsewhere', ({ hooks }) =>
      hooks.resolveRetry.tap((attempt) =>
        attempt.opened.provider === chat.provider ? { target: { provider: other.provider, model: other.model } } : undefined,
      ),
    )
    const watched = await start({ plugins: [elsewhere] })
    await say(watched, chat, { system: `1 ${rules}`, turns: talk.slice(0, 1) })
    watched.upstream.reply({ status: 529, body: { error: { message: 'Busy.' } } })
    expect(await say(watched, chat, { system: `2 ${rules}`, turns: talk.slice(0, 3) })).toBeUndefined()
    expect(watched.ledger.records().at(-1)).toMatchObject({ provider: other.provider, attempts: 2 })
    watched.upstream.reply({ status: 529, body: { error: { message: 'Busy.' } } })
    expect(await say(watched, chat, { system: `3 ${rules}`, turns: talk.slice(0, 5) })).toMatchObject({ path: 'messages[0]' })
    expect(toldAt('warn', watched)).toMatchObject([{ provider: other.provider }])
  })

  it('is kept over a reload', async () => {
    const watched = await start()
    await say(watched, chat, { system: `1 ${rules}`, turns: talk.slice(0, 3) })
    await watched.gateway.reload({ listen: { port: 0 }, plugins: watched.gateway.config.plugins })
    expect(watched.gateway.generation).toBe(2)
    expect(await say(watched, chat, { system: `2 ${rules}`, turns: talk.slice(0, 5) })).toMatchObject({ path: 'messages[0]' })
  })

  it('is forgotten after a while', async () => {
    expect(await changedRules(await start({ watch: { within: 60_000 } }))).toBeDefined()
    await gateway?.close()
    const watched = await start({ watch: { within: 30 } })
    await say(watched, chat, { system: `1 ${rules}`, turns: talk.slice(0, 3) })
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(await say(watched, chat, { system: `2 ${rules}`, turns: talk.slice(0, 5) })).toBeUndefined()
  })

  it('is that of so many conversations, the newest', async () => {
    const watched = await start({ watch: { conversations: 2 } })
    const words = (name: string, count: number) => [longText(`${name} first`), 'one', longText(`${name} second`)].slice(0, count)
    for (const name of ['a', 'b', 'c']) await say(watched, chat, { system: `1 ${rules}`, turns: words(name, 1) })
    const lost = []
    for (const name of ['c', 'b', 'a']) lost.push(await say(watched, chat, { system: `${name} ${rules}`, turns: words(name, 3) }))
    expect(lost.map((loss) => loss !== undefined)).toEqual([true, true, false])
  })

  it('is that of so many parts: what stands behind them may change', async () => {
    const watched = await start({ watch: { parts: 4 } })
    const changed = (at: number) => talk.map((text, index) => (index === at ? `${text} changed` : text))
    await say(watched, chat, { system: rules, turns: talk.slice(0, 5) })
    // The tool, response_format, messages[0] and messages[1].
    expect(await say(watched, chat, { system: rules, turns: changed(1) })).toBeUndefined()
    await say(watched, chat, { system: rules, turns: [...talk, 'and', longText('more')] })
    expect(await say(watched, chat, { system: `${rules}!`, turns: [...talk, 'and', longText('more'), 'so', 'on'] })).toMatchObject({ path: 'messages[0]' })
  })

  it('is no body beyond the size that is looked at', async () => {
    expect(await changedRules(await start({ watch: { largestBody: 5_000 } }))).toBeUndefined()
    expect(toldAt('warn', gateway as WatchedGateway)).toEqual([])
    await gateway?.close()
    expect(await changedRules(await start({ watch: { largestBody: 50_000 } }))).toBeDefined()
  })

  it('is no prompt of which the vendor keeps the beginning', async () => {
    const watched = await start()
    const responses = pathBetween('openai-responses', 'openai-responses')
    const said = (time: number, count: number) => ({
      ...inWordsOf('openai-responses', { system: `${time} ${rules}`, turns: talk.slice(0, count) }),
      previous_response_id: 'resp_1',
    })
    await say(watched, responses, said(1, 1))
    expect(await say(watched, responses, said(2, 3))).toBeUndefined()
  })
})

describe('the way of a request', () => {
  it('is the same with the watch and without it: not a byte differs', async () => {
    const watched = await start()
    for (const caller of ['openai-chat', 'anthropic-messages', 'openai-responses', 'gemini'] as const) {
      const { model } = pathBetween(caller, caller)
      const body = dialects[caller].oddBody(model, false)
      const reply = await post(watched.url, { protocol: caller, model }, body, { 'x-caller': 'ada' })
      expect([reply.status, watched.upstream.lastRequest.body.toString()]).toEqual([200, body])
    }
  })

  it('goes on when a prompt cannot be read, and the log says so', async () => {
    const careless: Protocol = {
      ...chatProtocol,
      promptParts() {
        throw new RangeError('careless')
      },
    }
    const broken: Plugin = definePlugin({ kind: 'protocol', name: 'openai-chat', apiVersion: 1, options: z.strictObject({}), setup: () => careless })()
    const watched = await start({ protocols: [broken, ...protocolPlugins().filter(({ id }) => id !== 'openai-chat')] })
    expect(await changedRules(watched)).toBeUndefined()
    expect(watched.lines.filter(({ level }) => level === 40)).toMatchObject(
      Array.from({ length: 2 }, () => ({ msg: expect.stringContaining('could not be compared') as string })),
    )
  })

  it('of what is no JSON is the vendor’s to refuse, and fills no log', async () => {
    const watched = await start()
    for (const body of [
      '{"model":"chat-recorded","messages":[',
      '{"model":"chat-recorded","messages":"Hi"}',
      `{"model":"chat-recorded","messages":${'['.repeat(2_000)}${']'.repeat(2_000)}}`,
    ])
      await post(watched.url, { protocol: 'openai-chat', model: chat.model }, body, { 'x-caller': 'ada' })
    expect(watched.lines.filter(({ level }) => level === 40)).toEqual([])
  })

  it('of a provider in this process is watched, too', async () => {
    const { logger, lines } = recordingLogger()
    const plugins = [openaiChat(), loopback(), modelRoutes({ 'loopback*': 'loopback' }), prefixWatch({ leastTokens: 1 })]
    gateway = await createHarness({ plugins, logger })
    for (const [time, count] of [
      [1, 1],
      [2, 3],
    ] as const)
      expect(
        (await ask(gateway.url, 'openai-chat', { ...inWordsOf('openai-chat', { system: `${time} ${rules}`, turns: talk.slice(0, count) }), model: 'loopback' }))
          .status,
      ).toBe(200)
    expect(toldAt('warn', { lines })).toMatchObject([{ provider: 'loopback', path: 'messages[0]' }])
  })
})

describe('the ledger', () => {
  it('in SQLite keeps what a broken prefix cost, and the command line shows it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokligence-prefix-'))
    try {
      const watched = await start({ ledger: sqliteLedger({ path: join(folder, 'ledger.db') }) })
      for (const [time, count] of [
        [1, 3],
        [2, 5],
      ] as const)
        await (
          await ask(
            watched.url,
            'openai-chat',
            { ...inWordsOf('openai-chat', { system: `${time} ${rules}`, turns: talk.slice(0, count) }), model: chat.model },
            { 'x-caller': 'ada' },
          )
        ).text()
      const records = (await watched.gateway.registry.all('ledger')[0]?.[1].requests({})) ?? []
      const [last, before] = records
      expect(before?.losses).toEqual([])
      const tokens = last?.losses[0]?.tokens
      expect(last?.losses).toEqual([
        {
          path: 'messages[0]',
          feature: 'cache-prefix',
          action: 'dropped',
          severity: 'hint',
          detail: 'Changed since the request before by the client.',
          tokens,
        },
      ])
      expect(Number.isInteger(tokens)).toBe(true)
      expect(formatRequests(records)).toMatch(new RegExp(` 1 \\(${tokens} tokens\\) `))
      if (last) expect(formatRequest(last)).toMatch(new RegExp(`messages\\[0\\] +cache-prefix +dropped +hint +${tokens} +Changed since`))
    } finally {
      await gateway?.close()
      gateway = undefined
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
