import type { ModelCard, ModelSource, Provider } from 'tokligence'
import models from 'tokligence/plugins/models/directory'
import modelRoutes from 'tokligence/plugins/router/model-routes'
import { SharedStore } from 'tokligence/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { recordingLogger, setUp, setUpWithApi } from '../../set-up.ts'

type List = NonNullable<Provider['listModels']>

const providerWith = (listModels?: List, account = 'none') => ({ account, ...(listModels && { listModels }) }) as unknown as Provider
const offering = (provider: string, ...ids: string[]): List => vi.fn(async () => ids.map((id): ModelCard => ({ id, provider, ownedBy: 'vendor' })))

async function directory(routes: Parameters<typeof modelRoutes>[0], providers: Readonly<Record<string, Provider>>, sharedStore = new SharedStore()) {
  const { logger, lines } = recordingLogger()
  const { api, contribution } = await setUpWithApi<ModelSource>(models(), { sharedStore, logger })
  api.registry.add('router', 'routes', await setUp(modelRoutes(routes)))
  for (const [id, provider] of Object.entries(providers)) api.registry.add('provider', id, provider)
  return { source: contribution, lines, sharedStore }
}

const idsOf = (cards: readonly ModelCard[]) => cards.map(({ id }) => id)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('the list of models', () => {
  it('begins with the aliases, each under the provider that it is routed to', async () => {
    const { source } = await directory({ fast: 'openai/gpt-5-mini', 'gpt-*': 'openai' }, { openai: providerWith(offering('openai', 'gpt-5')) })
    expect(await source.list()).toEqual([
      { id: 'fast', provider: 'openai' },
      { id: 'gpt-5', provider: 'openai', ownedBy: 'vendor' },
    ])
  })

  it('names a model so that asking for it reaches the provider that offers it', async () => {
    const { source } = await directory(
      { 'gpt-*': 'openai' },
      { openai: providerWith(offering('openai', 'gpt-5', 'o3')), azure: providerWith(offering('azure', 'gpt-5')) },
    )
    expect(idsOf(await source.list())).toEqual(['gpt-5', 'openai/o3', 'azure/gpt-5'])
  })

  it('lists no name twice', async () => {
    const { source } = await directory({ 'gpt-5': 'openai', '*': 'openai' }, { openai: providerWith(offering('openai', 'gpt-5', 'o3', 'o3')) })
    expect(idsOf(await source.list())).toEqual(['gpt-5', 'o3'])
  })

  it('does without providers that have no list', async () => {
    const { source } = await directory({ fast: 'openai' }, { openai: providerWith() })
    expect(idsOf(await source.list())).toEqual(['fast'])
  })

  it('asks a provider once in five minutes, however many ask us at the same time', async () => {
    const listModels = offering('openai', 'gpt-5')
    const { source } = await directory({ '*': 'openai' }, { openai: providerWith(listModels) })
    await Promise.all([source.list(), source.list(), source.list()])
    vi.setSystemTime(1_000_000 + 299_000)
    await source.list()
    expect(listModels).toHaveBeenCalledTimes(1)
    vi.setSystemTime(1_000_000 + 300_001)
    await source.list()
    expect(listModels).toHaveBeenCalledTimes(2)
  })

  it('leaves a failing provider out, says so at debug level, and asks again after half a minute', async () => {
    const listModels = vi.fn(async () => Promise.reject(new Error('out of order')))
    const { lines, source } = await directory({ '*': 'a' }, { a: providerWith(listModels), b: providerWith(offering('b', 'm')) })
    expect(idsOf(await source.list())).toEqual(['b/m'])
    expect(lines).toMatchObject([{ level: 20, provider: 'a' }])
    await source.list()
    expect(listModels).toHaveBeenCalledTimes(1)
    vi.setSystemTime(1_000_000 + 30_001)
    await source.list()
    expect(listModels).toHaveBeenCalledTimes(2)
  })

  it('shows the list that a provider told before while it fails', async () => {
    const listModels = vi.fn(offering('a', 'm'))
    const { source } = await directory({ '*': 'a' }, { a: providerWith(listModels) })
    await source.list()
    vi.setSystemTime(1_000_000 + 300_001)
    listModels.mockRejectedValueOnce(new Error('out of order'))
    expect(idsOf(await source.list())).toEqual(['m'])
  })

  it('gives a silent provider two seconds, and tells it to stop', async () => {
    let stopped = false
    const silent: List = (signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          stopped = true
        })
      })
    const { source } = await directory({ '*': 'b' }, { a: providerWith(silent), b: providerWith(offering('b', 'm')) })
    const started = performance.now()
    expect(idsOf(await source.list())).toEqual(['m'])
    expect(performance.now() - started).toBeGreaterThan(1_900)
    expect(performance.now() - started).toBeLessThan(4_000)
    expect(stopped).toBe(true)
  })

  it('asks anew after a reload that made the provider anew, and keeps the old list for the case that it fails', async () => {
    const first = await directory({ '*': 'a' }, { a: providerWith(offering('a', 'old')) })
    expect(idsOf(await first.source.list())).toEqual(['old'])
    const again = await directory({ '*': 'a' }, { a: providerWith(offering('a', 'new')) }, first.sharedStore)
    expect(idsOf(await again.source.list())).toEqual(['new'])
    const failing = await directory({ '*': 'a' }, { a: providerWith(() => Promise.reject(new Error('x'))) }, first.sharedStore)
    expect(idsOf(await failing.source.list())).toEqual(['new'])
  })
})

describe('the facts of models', () => {
  it.each(['gemini-3-pro', 'gemini-3', 'gemini-3-flash-001', 'gemini-3-pro-image-preview', 'gemini-3.9-ultra', 'gemini-pro-latest', 'gemini-flash-latest'])(
    'take %s for a model of the third generation',
    async (model) => expect(await factsOf({}, model)).toMatchObject({ thinking: 'effort' }),
  )

  const factsOf = async (options: Parameters<typeof models>[0], model: string) => (await setUp<ModelSource>(models(options))).facts(model)

  it('are known for well-known families', async () => {
    expect(await factsOf({}, 'claude-sonnet-4-5-20250929')).toMatchObject({
      contextWindow: 200_000,
      maxOutputTokens: 64_000,
      thinking: 'budget',
      minThinkingTokens: 1_024,
    })
    expect(await factsOf({}, 'claude-opus-5-5')).toMatchObject({ contextWindow: 1_000_000, maxOutputTokens: 128_000, thinking: 'adaptive' })
    expect(await factsOf({}, 'gpt-5-mini')).toMatchObject({ contextWindow: 400_000, maxOutputTokens: 128_000, thinking: 'effort' })
    expect(await factsOf({}, 'GPT-4o')).toMatchObject({ contextWindow: 128_000, maxOutputTokens: 16_384, thinking: 'none' })
  })

  it('do not mix up families whose names begin alike', async () => {
    expect(await factsOf({}, 'claude-opus-4-20250514')).toMatchObject({ maxOutputTokens: 32_000 })
    expect(await factsOf({}, 'claude-opus-4-6')).toMatchObject({ maxOutputTokens: 128_000, thinking: 'adaptive' })
    expect(await factsOf({}, 'gpt-5.4-mini')).not.toHaveProperty('contextWindow')
    expect(await factsOf({}, 'gpt-5.1-chat-latest')).not.toHaveProperty('thinking')
  })

  it.each([
    ['gpt-5-mini', ['minimal', 'low', 'medium', 'high'], 'always', undefined],
    ['gpt-5-codex', ['low', 'medium', 'high'], 'always', undefined],
    ['o4-mini', ['low', 'medium', 'high'], 'always', undefined],
    ['gpt-5.1', ['none', 'low', 'medium', 'high'], 'thinking', undefined],
    ['gpt-5.1-codex', ['low', 'medium', 'high'], 'always', undefined],
    ['gpt-5.4', ['none', 'low', 'medium', 'high', 'xhigh'], 'thinking', true],
    ['gpt-5.4-pro', undefined, undefined, undefined],
    ['gpt-5.5-2026-04-23', ['none', 'low', 'medium', 'high', 'xhigh'], 'always', true],
    ['gpt-5.6-terra', ['none', 'low', 'medium', 'high', 'xhigh', 'max'], 'always', true],
    ['gpt-4o', undefined, undefined, undefined],
  ])('tell what requests %s refuses', async (model, efforts, fixedSampling, chatToolsNeedNoReasoning) => {
    const facts = await factsOf({}, model)
    expect([facts.efforts, facts.fixedSampling, facts.chatToolsNeedNoReasoning]).toEqual([efforts, fixedSampling, chatToolsNeedNoReasoning])
  })

  it('are empty for a model that nobody knows', async () => {
    expect(await factsOf({}, 'my-llama')).toEqual({})
  })

  it('can be added and overridden field by field, by pattern', async () => {
    const facts = { 'my-*': { contextWindow: 8_192 }, 'my-big*': { contextWindow: 32_768 }, 'gpt-5*': { maxOutputTokens: 4_096 } }
    expect(await factsOf({ facts }, 'my-llama')).toEqual({ contextWindow: 8_192 })
    expect(await factsOf({ facts }, 'my-big-one')).toEqual({ contextWindow: 32_768 })
    expect(await factsOf({ facts }, 'gpt-5-mini')).toMatchObject({ contextWindow: 400_000, maxOutputTokens: 4_096 })
  })

  it.each([[{ facts: { a: { contextWindow: 0 } } }], [{ facts: { a: { context: 1 } } }], [{ facts: { a: { thinking: 'hard' } } }]])('refuse %j', (options) => {
    expect(() => models(options as never)).toThrow(expect.objectContaining({ code: 'TKL_CONFIG_INVALID', message: expect.stringContaining('facts.a') }))
  })
})
