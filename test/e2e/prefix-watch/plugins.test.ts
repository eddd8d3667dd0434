import type { Conversation, JsonObject, Plugin } from 'tokligence'
import { memorySessions, prefixWatch } from 'tokligence/plugins'
import { afterEach, describe, expect, it } from 'vitest'
import type { Fields } from '../../support/json-fields.ts'
import { identityPaths, pathBetween, paths, translatedPaths } from '../vendors.ts'
import { inWordsOf, longText } from './said.ts'
import { changing, say, startWatched, toldAt, type WatchedGateway } from './watched-gateway.ts'

let gateway: WatchedGateway

afterEach(() => gateway.close())

const talk = [longText('first'), 'one', longText('second'), 'two', longText('third')]
const system = longText('Be kind', 4_000)
let nonce = 0

function withNonce(conversation: Conversation): Conversation {
  return { ...conversation, instructions: [{ type: 'text', text: `${nonce++} ${longText('rule')}` }, ...conversation.instructions] }
}

const makers: Readonly<Record<string, () => Plugin>> = {
  modifyConversation: () => changing('nonce-maker', ({ hooks }) => hooks.modifyConversation.tap(withNonce)),
  modifyTranslated: () => changing('nonce-maker', ({ hooks }) => hooks.modifyTranslated.tap(withNonce)),
  modifyUpstream: () =>
    changing('nonce-maker', ({ hooks }) =>
      hooks.modifyUpstream.tap((request) => {
        const body = JSON.parse(String(request.body)) as JsonObject
        const [turns, content] = 'contents' in body ? ['contents', 'parts'] : ['input' in body ? 'input' : 'messages', 'content']
        const [first, ...others] = body[turns] as readonly Fields[]
        const text = `${nonce++} ${longText('note')}`
        const changed = { ...first, [content]: content === 'parts' ? [{ text }] : text }
        return { ...request, body: JSON.stringify({ ...body, [turns]: [changed, ...others] }) }
      }),
    ),
}

/** One that lets everything pass, by all of these hooks. */
const bystander = () =>
  changing('bystander', ({ hooks }) => {
    hooks.modifyTranslated.tap((conversation) => conversation)
    hooks.modifyUpstream.tap((request) => request)
  })

const cases = Object.keys(makers).flatMap((hook) => (hook === 'modifyTranslated' ? translatedPaths : paths).map((path) => ({ hook, path, name: path.name })))

describe('a plugin that makes every prompt another one', () => {
  it.each(cases)('by $hook is named, and no other ($name)', async ({ hook, path }) => {
    gateway = await startWatched({ plugins: [bystander(), (makers[hook] as () => Plugin)()] })
    expect(await say(gateway, path, { system, turns: talk.slice(0, 3) })).toBeUndefined()
    const loss = await say(gateway, path, { system, turns: talk })
    const named =
      hook === 'modifyUpstream'
        ? 'one of the plugins bystander, nonce-maker'
        : hook === 'modifyTranslated'
          ? 'one of the plugins bystander, nonce-maker'
          : 'the plugin nonce-maker'
    expect(loss).toMatchObject({ severity: 'hint', detail: `Changed since the request before by ${named}.` })
    expect(loss?.tokens).toBeGreaterThan(0)
    const [line] = toldAt('warn', gateway)
    expect(line).toMatchObject({ brokenBy: 'gateway', plugins: named.includes('bystander') ? ['bystander', 'nonce-maker'] : ['nonce-maker'], path: loss?.path })
    expect(line?.msg).toContain('have it change the newest turn alone')
  })

  it('is named alone where plugins look at every conversation that changed nothing', async () => {
    gateway = await startWatched({ plugins: [memorySessions(), (makers.modifyConversation as () => Plugin)()] })
    const path = pathBetween('openai-chat', 'anthropic-messages')
    await say(gateway, path, { system, turns: talk.slice(0, 3) })
    expect(await say(gateway, path, { system, turns: talk })).toMatchObject({ detail: 'Changed since the request before by the plugin nonce-maker.' })
  })

  it('is named beside the client’s own change, when that comes later in the prompt', async () => {
    gateway = await startWatched({ plugins: [(makers.modifyConversation as () => Plugin)()] })
    const path = pathBetween('openai-responses', 'openai-responses')
    await say(gateway, path, { system, turns: talk.slice(0, 3) })
    const loss = await say(gateway, path, { system, turns: [talk[0], 'one, in other words', ...talk.slice(2)] as string[] })
    expect(loss).toMatchObject({ path: 'instructions', detail: 'Changed since the request before by the plugin nonce-maker.' })
  })

  it('that adds to the newest turn alone, and again in the same way, is no break', async () => {
    const signing = changing('signer', ({ hooks }) =>
      hooks.modifyConversation.tap((conversation) => ({
        ...conversation,
        turns: conversation.turns.map((turn) => (turn.role === 'user' ? { ...turn, blocks: [...turn.blocks, { type: 'text', text: 'Signed.' }] } : turn)),
      })),
    )
    gateway = await startWatched({ plugins: [signing] })
    for (const path of [...identityPaths, pathBetween('openai-chat', 'gemini')])
      for (const count of [1, 3, 5]) expect(await say(gateway, path, { system, turns: talk.slice(0, count) })).toBeUndefined()
  })
})

describe('the translation', () => {
  it.each(translatedPaths.filter(({ caller }) => caller === 'openai-responses'))('is named for tools that a client finds meanwhile ($name)', async (path) => {
    gateway = await startWatched()
    const { input: _, ...rest } = inWordsOf('openai-responses', { system, turns: [] })
    const found = [
      { type: 'tool_search_call', call_id: 'call_4', execution: 'client', arguments: { query: 'calendar' }, status: 'completed' },
      {
        type: 'tool_search_output',
        call_id: 'call_4',
        execution: 'client',
        status: 'completed',
        tools: [{ type: 'function', name: 'create_event', description: longText('Creates.'), strict: false, parameters: { type: 'object', properties: {} } }],
      },
    ]
    const asked = [{ role: 'user', content: talk[0] }]
    const tools = [
      ...(rest.tools as readonly Fields[]),
      { type: 'tool_search', execution: 'client', description: 'Finds tools.', parameters: { type: 'object' } },
    ]
    expect(await say(gateway, path, { ...rest, tools, input: asked })).toBeUndefined()
    const loss = await say(gateway, path, { ...rest, tools, input: [...asked, ...found] })
    expect(loss).toMatchObject({ detail: `Changed since the request before by the translation from openai-responses to ${path.upstream}.` })
    expect(loss?.path).toMatch(/^tools/)
    expect(toldAt('warn', gateway)[0]?.msg).toContain('a provider that speaks openai-responses gets the client’s own bytes')
  })
})

describe('a plugin that runs beside the watch', () => {
  it('is named whether it changed anything or not when it runs before the first look', async () => {
    const early = changing('early', ({ hooks }) => hooks.modifyUpstream.tap((request) => request, { order: 'first' }))
    const made = (makers.modifyConversation as () => Plugin)()
    gateway = await startWatched({ plugins: [early, made] })
    const path = pathBetween('openai-chat', 'openai-chat')
    await say(gateway, path, { system, turns: talk.slice(0, 3) })
    expect(await say(gateway, path, { system, turns: talk })).toMatchObject({
      detail: 'Changed since the request before by one of the plugins nonce-maker, early.',
    })
  })

  it('can be another watch: two do not disturb each other', async () => {
    gateway = await startWatched({ plugins: [prefixWatch({ id: 'second', leastTokens: 1 })] })
    const path = pathBetween('gemini', 'gemini')
    for (const count of [1, 3, 5]) expect(await say(gateway, path, { system, turns: talk.slice(0, count) })).toBeUndefined()
  })
})
