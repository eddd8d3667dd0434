import { memorySessions } from 'tokligence/plugins'
import { afterEach, describe, expect, it } from 'vitest'
import { anthropicClient, openaiClient } from '../../support/sdk-readings.ts'
import { callerOf } from '../remembering.ts'
import { ask, pathBetween, paths } from '../vendors.ts'
import { longText } from './said.ts'
import { say, startWatched, toldAt, type WatchedGateway } from './watched-gateway.ts'

let gateway: WatchedGateway

afterEach(() => gateway.close())

const talk = [longText('first'), 'one', longText('second'), 'two', longText('third'), 'three', longText('fourth')]
const rules = longText('Be kind', 8_000)

/** What the vendor had of the earlier prompt in its cache and did not read from it, as it counts itself; never more than it had to read. */
function missedTokens(): number {
  const [before, last] = gateway.caches.answers.slice(-2)
  return Math.min(before?.tokens ?? 0, last?.tokens ?? 0) - (last?.cacheRead ?? 0)
}

/** Within a tenth: texts are weighed without the JSON around them. */
function expectAbout(tokens: number | undefined, real: number): void {
  expect(tokens).toBeGreaterThan(real * 0.9)
  expect(tokens).toBeLessThanOrEqual(real + 1)
}

const systemPaths = { 'openai-chat': 'messages[0]', 'openai-responses': 'instructions', 'anthropic-messages': 'system', gemini: 'systemInstruction' }

describe('a client that tells the time in its system text', () => {
  it.each(paths.flatMap((path) => [false, true].map((stream) => ({ ...path, stream }))))(
    'is told what it loses ($name, streamed: $stream)',
    async ({ caller, upstream, provider, model, stream }) => {
      gateway = await startWatched()
      const path = { caller, model, stream }
      const at = (time: string) => `It is ${time}. ${rules}`
      expect(await say(gateway, path, { system: at('10:00'), turns: talk.slice(0, 1) })).toBeUndefined()
      const loss = await say(gateway, path, { system: at('10:01'), turns: talk.slice(0, 3) })
      expect(loss).toMatchObject({ path: systemPaths[caller], action: 'dropped', severity: 'hint', detail: 'Changed since the request before by the client.' })
      expectAbout(loss?.tokens, missedTokens())
      const [line, ...others] = toldAt('warn', gateway)
      expect(others).toEqual([])
      const { requestId, upstreamProtocol } = gateway.ledger.records().at(-1) ?? {}
      expect(upstreamProtocol).toBe(upstream)
      expect(line).toMatchObject({ requestId, provider, model, path: systemPaths[caller], brokenBy: 'client', tokens: loss?.tokens })
      expect(line?.msg).toMatch(new RegExp(`^the client changed .* about ${loss?.tokens} tokens .*; have the client put what changes`))
      // Once per conversation and place; the ledger has it each time.
      expect(await say(gateway, path, { system: at('10:02'), turns: talk.slice(0, 5) })).toMatchObject({ path: systemPaths[caller] })
      expectAbout((await say(gateway, path, { system: at('10:03'), turns: talk }))?.tokens, missedTokens())
      expect([toldAt('warn', gateway).length, toldAt('debug', gateway).length]).toEqual([1, 2])
    },
  )
})

describe('a client that names the reply before instead of its turns', () => {
  it('is told what it loses by other instructions, though not that it was the client', async () => {
    gateway = await startWatched({ plugins: [memorySessions()] })
    const { model } = pathBetween('openai-responses', 'anthropic-messages')
    const go = async (instructions: string, previous: string | undefined) => {
      const input = longText(`after ${previous}`)
      const reply = await ask(gateway.url, 'openai-responses', { model, instructions, input, previous_response_id: previous ?? null }, { 'x-caller': 'ada' })
      return ((await reply.json()) as { id: string }).id
    }
    const second = await go(rules, await go(rules, undefined))
    expect(toldAt('warn', gateway)).toEqual([])
    await go(`Be brief. ${rules}`, second)
    const [loss] =
      gateway.ledger
        .records()
        .at(-1)
        ?.losses.filter(({ feature }) => feature === 'cache-prefix') ?? []
    expect(loss).toMatchObject({ path: 'system[0]', detail: 'Changed since the request before by the client or the gateway.' })
    expectAbout(loss?.tokens, missedTokens())
    expect(toldAt('warn', gateway)).toMatchObject([{ brokenBy: 'unknown', path: 'system[0]' }])
  })
})

describe('a client that changes what it has said', () => {
  const results = [longText('result a', 3_000), longText('result b', 3_000)]
  const call = (id: string) => ({ type: 'tool_use', id, name: 'look', input: {} })
  const result = (id: string, content: string) => ({ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content }] })
  const round = (first: string, second: string | undefined) => [
    { role: 'user', content: 'Look at both.' },
    { role: 'assistant', content: [call('toolu_a')] },
    result('toolu_a', first),
    { role: 'assistant', content: [call('toolu_b')] },
    ...(second === undefined ? [] : [result('toolu_b', second), { role: 'assistant', content: [call('toolu_c')] }, result('toolu_c', 'c')]),
  ]
  const asking = (messages: readonly object[]) => ({ system: rules, messages, max_tokens: 50, tools: [{ name: 'look', input_schema: { type: 'object' } }] })

  it.each(paths.filter(({ caller }) => caller === 'anthropic-messages'))('trims an old result ($name)', async (path) => {
    gateway = await startWatched()
    const [a, b] = results as [string, string]
    expect(await say(gateway, path, asking(round(a, b).slice(0, 5)))).toBeUndefined()
    const loss = await say(gateway, path, asking(round('(trimmed)', b)))
    expect(loss).toMatchObject({ path: 'messages[2].content[0]', detail: 'Changed since the request before by the client.' })
    expectAbout(loss?.tokens, missedTokens())
    // What stands before it stays in the cache.
    expect(loss?.tokens).toBeLessThan((gateway.caches.answers[0]?.tokens ?? 0) / 1.2)
  })

  it('drops its oldest turns', async () => {
    gateway = await startWatched()
    const path = pathBetween('openai-chat', 'openai-chat')
    await say(gateway, path, { system: rules, turns: talk.slice(0, 5) })
    const loss = await say(gateway, path, { system: rules, turns: talk.slice(2, 7) })
    expect(loss).toMatchObject({ path: 'messages[1]' })
    expectAbout(loss?.tokens, missedTokens())
  })

  it('adds a tool', async () => {
    gateway = await startWatched()
    const path = pathBetween('openai-responses', 'openai-responses')
    await say(gateway, path, { system: rules, turns: talk.slice(0, 3), tools: ['look', 'count'] })
    const loss = await say(gateway, path, { system: rules, turns: talk.slice(0, 5), tools: ['look', 'count', 'find'] })
    expect(loss).toMatchObject({ path: 'tools[2]' })
    expectAbout(loss?.tokens, missedTokens())
  })
})

describe('official clients', () => {
  it('are told of a broken prefix in the ledger alone: their answers are the vendor’s', async () => {
    gateway = await startWatched()
    const chat = openaiClient(gateway.url, callerOf('ada')).chat.completions
    const ask = (system: string, words: readonly string[]) =>
      chat.create({ model: 'chat-recorded', messages: [{ role: 'system', content: system }, ...words.map((content) => ({ role: 'user' as const, content }))] })
    await ask(`1 ${rules}`, talk.slice(0, 1))
    const answer = await ask(`2 ${rules}`, talk.slice(0, 2))
    expect(answer.choices[0]?.message.content).toBe('Answer 2.')
    expect(gateway.ledger.records().at(-1)?.losses).toMatchObject([{ feature: 'cache-prefix', path: 'messages[0]' }])
    const messages = anthropicClient(gateway.url, callerOf('ada')).messages
    const say = (system: string, count: number) =>
      messages.stream({
        model: 'claude-recorded',
        max_tokens: 50,
        system: [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }],
        messages: talk.slice(0, count).map((content, index) => ({
          role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
          content: index === count - 1 ? [{ type: 'text' as const, text: content, cache_control: { type: 'ephemeral' as const } }] : content,
        })),
      })
    await say(rules, 1).finalMessage()
    // Its marker moves on, and what was a block becomes a text.
    await say(rules, 3).finalMessage()
    expect(gateway.ledger.records().at(-1)?.losses).toEqual([])
    await say(`${rules}!`, 5).finalMessage()
    expect(gateway.ledger.records().at(-1)?.losses).toMatchObject([{ feature: 'cache-prefix', path: 'system[0]' }])
  })
})

describe('vendors that tell of no cache', () => {
  it.each(paths)('have the loss estimated by the share of the prompt ($name)', async (path) => {
    gateway = await startWatched({ tells: false })
    await say(gateway, path, { system: `1 ${rules}`, turns: talk.slice(0, 3) })
    const loss = await say(gateway, path, { system: `2 ${rules}`, turns: talk.slice(0, 5) })
    const tokens = gateway.caches.answers[0]?.tokens ?? 0
    expect(loss?.tokens).toBeGreaterThan(tokens * 0.85)
    expect(loss?.tokens).toBeLessThanOrEqual(tokens)
  })
})
