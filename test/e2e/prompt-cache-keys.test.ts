import { modelRoutes, openaiCompatible, translations } from 'tokligence/plugins'
import { createHarness, memoryLedger } from 'tokligence/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fields } from '../support/json-fields.ts'
import { ownRecording, type RecordedProtocol } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { clientRequests } from './client-requests.ts'
import { earlierRequests } from './earlier-requests.ts'
import { turnsIn } from './sent-turns.ts'
import { ask, callers, pathBetween, protocolPlugins, startVendors, type Vendors } from './vendors.ts'

const targets = ['openai-chat', 'openai-responses'] as const
const routes = targets.flatMap((target) => callers.filter((caller) => caller !== target).map((caller) => ({ caller, target })))

let vendors: Vendors
/** The same configuration in a process of its own, as after a restart. */
let restarted: Vendors

beforeAll(async () => {
  ;[vendors, restarted] = await Promise.all([startVendors(), startVendors()])
})
afterAll(async () => {
  await Promise.all([vendors.close(), restarted.close()])
})

/** The key for the prompt cache that the vendor is sent with a caller's request. */
async function keyOf(caller: RecordedProtocol, target: RecordedProtocol, request: Fields, { url, upstream }: Pick<Vendors, 'url' | 'upstream'> = vendors) {
  upstream.reply(playRecording(ownRecording(target, request.stream === true ? 'text' : 'text-unary')))
  const reply = await ask(url, caller, { ...request, model: pathBetween(caller, target).model })
  const answer = await reply.text()
  expect(reply.status, answer).toBe(200)
  return (upstream.lastRequest.json() as Fields).prompt_cache_key
}

const continued = (caller: RecordedProtocol) => clientRequests(caller).filter(({ request }) => earlierRequests(caller, request).length > 0)

/** What a client says without naming its session. */
const anonymous = ({ metadata: _, prompt_cache_key: __, ...request }: Fields): Fields => request

/** Claude Code counts its requests in the first line of its system text. */
const counted = (request: Fields, count: string) => JSON.parse(JSON.stringify(request).replace(/cch=\w+/, `cch=${count}`)) as Fields

function conversation(caller: RecordedProtocol, system: string, question: string): Fields {
  if (caller === 'gemini') return { systemInstruction: { parts: [{ text: system }] }, contents: [{ role: 'user', parts: [{ text: question }] }] }
  const user = { role: 'user', content: question }
  if (caller === 'openai-chat') return { messages: [{ role: 'system', content: system }, user] }
  return { [caller === 'openai-responses' ? 'instructions' : 'system']: system, [turnsIn[caller]]: [user] }
}

describe.each(routes)('a $caller caller at a target of $target', ({ caller, target }) => {
  it.each(continued(caller))('has one key in all turns, and after a restart, though it names no session: $id', async ({ request }) => {
    const turns = [...earlierRequests(caller, request), request].map(anonymous)
    const keys = []
    for (const [index, turn] of turns.entries()) {
      keys.push(await keyOf(caller, target, counted(turn, `${index}1111`)))
      keys.push(await keyOf(caller, target, counted(turn, `${index}2222`), restarted))
    }
    expect(keys[0]).toMatch(/^tkl-[\w-]{43}$/)
    expect(new Set(keys).size).toBe(1)
  })

  it('has another key in another conversation', async () => {
    const asked = [conversation(caller, 'S', 'Q'), conversation(caller, 'S', 'R'), conversation(caller, 'T', 'Q')]
    const keys = []
    for (const request of asked) keys.push(await keyOf(caller, target, request))
    expect(new Set(keys).size).toBe(3)
    expect(await keyOf(caller, target, conversation(caller, 'S', 'Q'))).toBe(keys[0])
  })
})

describe.each(targets)('a session that a client names, at a target of %s', (target) => {
  const sessionOf = ({ metadata }: Fields) => (JSON.parse(String((metadata as Fields).user_id)) as Fields).session_id
  const claudeCode = clientRequests('anthropic-messages').filter(({ id }) => id.startsWith('Claude Code'))

  it.each(claudeCode)('is the key: $id', async ({ request }) => {
    expect(await keyOf('anthropic-messages', target, request)).toBe(`tkl-${String(sessionOf(request))}`)
  })

  it('is another key for another session with the same words', async () => {
    const [{ request } = { request: {} }] = claudeCode
    const key = await keyOf('anthropic-messages', target, request)
    const other = JSON.stringify(request).replaceAll(String(sessionOf(request)), 'ffffffff-0000-4000-8000-000000000000')
    expect(await keyOf('anthropic-messages', target, JSON.parse(other) as Fields)).toBe('tkl-ffffffff-0000-4000-8000-000000000000')
    expect(key).not.toBe('tkl-ffffffff-0000-4000-8000-000000000000')
  })

  const codex = clientRequests('openai-responses').filter(({ id }) => id.startsWith('Codex'))
  it.each(codex)('as its own key is sent on as it is: $id', async ({ request }) => {
    expect(request.prompt_cache_key).toMatch(/^[\w-]+$/)
    expect(await keyOf('openai-responses', target, request)).toBe(request.prompt_cache_key)
  })

  it('is nothing that is added where the caller speaks the vendor’s protocol', async () => {
    expect(await keyOf(target, target, conversation(target, 'S', 'Q'))).toBeUndefined()
  })
})

describe('a server that only speaks the protocol', () => {
  async function askedOf(promptCacheKey: boolean, caller: RecordedProtocol, request: Fields) {
    const ledger = memoryLedger()
    const server = openaiCompatible({
      id: 'local',
      apiKey: 'k',
      baseUrl: `${vendors.upstream.url}/v1`,
      promptCacheKey,
      maxTokensField: 'max_completion_tokens',
    })
    const { model } = pathBetween(caller, 'openai-chat')
    const harness = await createHarness({ plugins: [protocolPlugins(), translations(), server, modelRoutes({ [model]: 'local' }), ledger] })
    const key = await keyOf(caller, 'openai-chat', request, { url: harness.url, upstream: vendors.upstream })
    await harness.close()
    return { key, lost: ledger.records().flatMap(({ losses = [] }) => losses.filter(({ path }) => path === 'prompt_cache_key')) }
  }
  const named = (session: string) => ({ ...conversation('anthropic-messages', 'S', 'Q'), max_tokens: 9, metadata: { user_id: `user_1_session_${session}` } })

  it('is sent no key, which is a loss to a caller that gave one, and to no other', async () => {
    expect(await askedOf(false, 'anthropic-messages', named('s-1'))).toEqual({ key: undefined, lost: [] })
    expect(await askedOf(false, 'anthropic-messages', { ...conversation('anthropic-messages', 'S', 'Q'), max_tokens: 9 })).toEqual({ key: undefined, lost: [] })
    const { key, lost } = await askedOf(false, 'openai-responses', { ...conversation('openai-responses', 'S', 'Q'), prompt_cache_key: 'mine' })
    expect([key, lost]).toMatchObject([undefined, [{ action: 'dropped', severity: 'hint' }]])
  })

  it('is sent one where it is said to take it', async () => {
    expect(await askedOf(true, 'anthropic-messages', named('s-1'))).toEqual({ key: 'tkl-s-1', lost: [] })
    expect(await askedOf(true, 'openai-responses', { ...conversation('openai-responses', 'S', 'Q'), prompt_cache_key: 'mine' })).toEqual({
      key: 'mine',
      lost: [],
    })
    const derived = await askedOf(true, 'gemini', conversation('gemini', 'S', 'Q'))
    expect(derived).toEqual({ key: await keyOf('gemini', 'openai-chat', conversation('gemini', 'S', 'Q')), lost: [] })
  })
})
