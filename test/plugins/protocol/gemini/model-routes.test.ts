import findMyWay from 'find-my-way'
import type { ModelCard, ModelSource, PluginResponse, Protocol } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { geminiContents } from '../../../../plugins/protocol/gemini/index.ts'
import { setUpWithApi } from '../../set-up.ts'

const cards: readonly ModelCard[] = [
  { id: 'gemini-test', provider: 'gemini', displayName: 'Gemini Test' },
  { id: 'openrouter/meta/llama:free', provider: 'openrouter' },
  { id: 'text-embedding-test', provider: 'openai' },
]
const facts: ModelSource['facts'] = (model) => (model === 'gemini-test' ? { contextWindow: 1000, maxOutputTokens: 100, thinking: 'budget' } : {})

/** Asks the plugin’s routes as the gateway does, through the same router. */
async function get(address: string, models: readonly ModelCard[] | undefined = cards): Promise<PluginResponse> {
  const { api } = await setUpWithApi<Protocol>(geminiContents())
  if (models) api.registry.add('models', 'directory', { list: () => Promise.resolve(models), facts } satisfies ModelSource)
  const [path = '', query] = address.split('?')
  const router = findMyWay({ ignoreTrailingSlash: true })
  for (const route of api.routes) router.on(route.method, route.path, () => undefined, route)
  const found = router.find('GET', path)
  const route = api.routes.find((each) => each === found?.store)
  if (!route || !found) throw new Error(`No route takes ${path}.`)
  return route.handle({ context: { query: new URLSearchParams(query) } as never, params: found.params })
}

describe('the list of models', () => {
  it('has the vendor’s shape, with what is known of each', async () => {
    expect(await get('/v1beta/models')).toEqual({
      status: 200,
      body: {
        models: [
          {
            name: 'models/gemini-test',
            baseModelId: 'gemini-test',
            version: 'unknown',
            displayName: 'Gemini Test',
            inputTokenLimit: 1000,
            outputTokenLimit: 100,
            supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
            thinking: true,
          },
          expect.objectContaining({ name: 'models/openrouter/meta/llama:free', displayName: 'openrouter/meta/llama:free' }),
          expect.objectContaining({ supportedGenerationMethods: ['embedContent', 'batchEmbedContents'] }),
        ],
      },
    })
  })

  it('comes in pages', async () => {
    const first = await get('/v1/models?pageSize=2')
    expect(first.body).toMatchObject({ models: [{ name: 'models/gemini-test' }, {}], nextPageToken: '2' })
    const last = await get('/v1/models?pageSize=2&pageToken=2')
    expect(last.body).toMatchObject({ models: [{ name: 'models/text-embedding-test' }] })
    expect(last.body).not.toHaveProperty('nextPageToken')
  })

  it.each([
    ['pageSize=-1', '"pageSize" must be a whole number, 0 or more.'],
    ['pageSize=x', '"pageSize" must be a whole number, 0 or more.'],
    ['pageToken=abc', '"pageToken" must be the nextPageToken of an earlier page.'],
  ])('refuses %s in the vendor’s envelope', async (query, message) => {
    expect(await get(`/v1beta/models?${query}`)).toMatchObject({ status: 400, body: { error: { code: 400, message, status: 'INVALID_ARGUMENT' } } })
  })

  it('is empty where no plugin knows models', async () => {
    const { api } = await setUpWithApi<Protocol>(geminiContents())
    const [list] = api.routes
    expect(await list?.handle({ context: { query: new URLSearchParams() } as never, params: {} })).toEqual({ status: 200, body: { models: [] } })
  })
})

describe('a model', () => {
  it.each(['/v1beta/models/gemini-test', '/v1/models/gemini-test', '/v1beta/models/models%2Fgemini-test'])('is found at %s', async (path) => {
    expect(await get(path)).toMatchObject({ status: 200, body: { name: 'models/gemini-test' } })
  })

  it('is found with slashes in its name', async () => {
    expect(await get('/v1beta/models/openrouter/meta/llama:free')).toMatchObject({ status: 200, body: { baseModelId: 'openrouter/meta/llama:free' } })
  })

  it('that is not there is a 404 in the vendor’s envelope', async () => {
    expect(await get('/v1beta/models/gemini-9')).toMatchObject({
      status: 404,
      body: { error: { code: 404, message: 'The model "gemini-9" is not known here.', status: 'NOT_FOUND' } },
    })
  })
})

it('claims the paths that several protocols share by the vendor’s key', async () => {
  const { api } = await setUpWithApi<Protocol>(geminiContents())
  const claimed = api.routes.map(({ path, claims }) => [
    path,
    claims?.({ 'x-goog-api-key': 'k' }, new URLSearchParams(), {}),
    claims?.({}, new URLSearchParams('key=k'), {}),
    claims?.({ authorization: 'Bearer k' }, new URLSearchParams(), {}),
  ])
  expect(claimed).toEqual([
    ['/v1beta/models', undefined, undefined, undefined],
    ['/v1beta/models/*', undefined, undefined, undefined],
    ['/v1/models', true, true, false],
    ['/v1/models/*', true, true, false],
    ['/v1alpha/models', undefined, undefined, undefined],
    ['/v1alpha/models/*', undefined, undefined, undefined],
  ])
})
