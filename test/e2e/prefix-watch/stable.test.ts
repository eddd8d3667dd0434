import { prefixWatch } from 'tokligence/plugins'
import { type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Fields, objects } from '../../support/json-fields.ts'
import { clientRequests } from '../client-requests.ts'
import { counted, earlierRequests } from '../earlier-requests.ts'
import { loopClients } from '../loops/loop-clients.ts'
import { type LoopGateway, runLoop, startLoopGateway } from '../loops/loop-gateway.ts'
import { StrictVendors } from '../loops/strict-vendors.ts'
import { turnsIn } from '../sent-turns.ts'
import { speakers } from '../thoughtful-vendors.ts'
import { callers, type Path, pathBetween, paths } from '../vendors.ts'
import { longText } from './said.ts'
import { say, startWatched, toldAt, type WatchedGateway } from './watched-gateway.ts'

describe('a tool loop of an official client', () => {
  let upstream: ScriptedUpstream
  let gateway: LoopGateway

  beforeAll(async () => {
    upstream = await startScriptedUpstream()
    gateway = await startLoopGateway(upstream, { extra: [prefixWatch({ leastTokens: 1 })] })
  })
  afterAll(async () => {
    await gateway.close()
    await upstream.close()
  })

  it.each(paths.flatMap((path) => [false, true].map((stream) => ({ ...path, stream }))))(
    'loses nothing of the cache ($name, streamed: $stream)',
    async ({ caller, upstream: protocol, stream }) => {
      const first = gateway.ledger.records().length
      upstream.always(new StrictVendors(await speakers(), 4, { inputTokens: 10_000 }).answer)
      await runLoop({ client: loopClients[caller], stream, url: () => gateway.url, seat: () => ({ protocol, account: 'first' }) })
      const records = gateway.ledger.records().slice(first)
      expect(records).toHaveLength(5)
      expect(records.flatMap(({ losses }) => losses.filter(({ feature }) => feature === 'cache-prefix'))).toEqual([])
    },
  )
})

describe('conversations that are no break', () => {
  let gateway: WatchedGateway

  beforeEach(async () => {
    // What was read from a cache after all would be no loss either.
    gateway = await startWatched({ tells: false })
  })
  afterEach(() => gateway.close())

  const chat = pathBetween('openai-chat', 'openai-chat')
  const system = longText('Be kind', 2_000)
  const talk = [longText('first'), 'one', longText('second'), 'two', longText('third'), 'three']

  async function silent(path: Path, ...rounds: readonly { readonly system?: string; readonly turns: readonly string[]; readonly as?: string }[]) {
    for (const { as = 'ada', ...said } of rounds) expect(await say(gateway, { ...path, as }, { system, ...said })).toBeUndefined()
    expect([...toldAt('warn', gateway), ...toldAt('debug', gateway)]).toEqual([])
  }

  it.each(paths)('a conversation that only grows ($name)', (path) =>
    silent(path, { turns: talk.slice(0, 1) }, { turns: talk.slice(0, 3) }, { turns: talk.slice(0, 5) }, { turns: [...talk, 'end'] }),
  )

  it('a request that is sent twice, and then gone on from', () =>
    silent(chat, { turns: talk.slice(0, 3) }, { turns: talk.slice(0, 3) }, { turns: talk.slice(0, 5) }))

  it('a fork: two ways on from one request', () =>
    silent(chat, { turns: talk.slice(0, 3) }, { turns: talk.slice(0, 5) }, { turns: [...talk.slice(0, 3), 'two', longText('another')] }))

  it('an edit of what was asked last', () =>
    silent(chat, { turns: talk.slice(0, 3) }, { turns: [...talk.slice(0, 2), longText('second, in other words')] }, { turns: talk.slice(0, 1) }))

  it('turns that were wound back', () => silent(chat, { turns: talk.slice(0, 5) }, { turns: [...talk.slice(0, 2), 'else', 'well', 'so'] }))

  it('a summary in place of the turns, the last one kept or not', () =>
    silent(
      chat,
      { turns: talk.slice(0, 5) },
      { turns: [longText('summary'), 'fine', talk[4] as string, 'three', 'go on'] },
      { turns: [longText('again'), 'ok', 'go'] },
    ))

  it('two conversations that begin alike', async () => {
    const left = ['hello', 'hi', longText('left'), 'l', 'yes', 'l2']
    const right = ['hello', 'hi', longText('right'), 'r', 'yes', 'r2']
    await silent(
      chat,
      { turns: left.slice(0, 3) },
      { turns: right.slice(0, 3) },
      { turns: left.slice(0, 5) },
      { turns: [...right, 'more'] },
      { turns: [...left, 'more'] },
    )
  })

  it('a short answer that another conversation has, too, although that one is not known', () =>
    silent(chat, { turns: ['hello', 'hi', 'yes'] }, { turns: ['hello', 'hi', longText('other'), 'o', 'yes', 'p', 'more'] }))

  it('two principals who say the same under other instructions', () =>
    silent(chat, { turns: talk.slice(0, 3), as: 'ada' }, { system: `${system} Now.`, turns: talk.slice(0, 5), as: 'bob' }))

  it('a prompt that is in no cache, because it is too small', async () => {
    await gateway.close()
    gateway = await startWatched({ tells: false, watch: { leastTokens: 1_024 } })
    await silent(chat, { system: 'At 10:00', turns: talk.slice(0, 3) }, { system: 'At 10:01', turns: talk.slice(0, 5) })
  })

  describe.each(callers)('what programs really send in %s', (caller) => {
    const conversations = clientRequests(caller).filter(({ request }) => earlierRequests(caller, request).length > 0)
    const cases = conversations.flatMap((each) => paths.filter((path) => path.caller === caller).map((path) => ({ ...each, path, name: path.name })))

    it.each(cases)('$name: $id', async ({ path, request, id }) => {
      const rounds = [...earlierRequests(caller, request).map((earlier) => counted(earlier, '11111')), counted(grown(caller, request), '22222')]
      for (const round of rounds) {
        const loss = await say(gateway, { ...path, stream: request.stream === true }, round)
        if (loss)
          expect(loss).toMatchObject({ path: expect.stringMatching(realBreaks(id, path)) as string, detail: expect.stringContaining('translation') as string })
      }
    })
  })

  /**
   * What the translation really breaks: tools that are found meanwhile stand in front of all turns elsewhere; and Anthropic is asked not to think about a
   * history without its signatures, as one that was not made here is.
   */
  function realBreaks(id: string, { caller, upstream }: Path): RegExp {
    if (caller === upstream) return /^never$/
    if (id.includes('found by a search')) return /^(tools|thinking)/
    return upstream === 'anthropic-messages' ? /^thinking$/ : /^never$/
  }

  /** With an answer and one more question behind it. */
  function grown(caller: Path['caller'], request: Fields): Fields {
    const turns = objects(request[turnsIn[caller]])
    const more =
      caller === 'gemini'
        ? [
            { role: 'model', parts: [{ text: 'Done.' }] },
            { role: 'user', parts: [{ text: 'And?' }] },
          ]
        : [
            { role: 'assistant', content: 'Done.' },
            { role: 'user', content: 'And?' },
          ]
    return { ...request, [turnsIn[caller]]: [...turns, ...more] }
  }
})
