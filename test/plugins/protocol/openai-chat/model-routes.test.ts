import findMyWay from 'find-my-way'
import type { ModelCard, ModelSource, PluginResponse, Protocol } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { openaiChat } from '../../../../plugins/protocol/openai-chat/index.ts'
import { setUpWithApi } from '../../set-up.ts'

const cards: readonly ModelCard[] = [
  { id: 'gpt-test', provider: 'openai', ownedBy: 'system', created: 1_700_000_000 },
  { id: 'openrouter/meta/llama:free', provider: 'openrouter' },
]

/** Asks the plugin’s routes as the gateway does, through the same router. */
async function get(path: string, models?: readonly ModelCard[]): Promise<PluginResponse> {
  const { api } = await setUpWithApi<Protocol>(openaiChat())
  if (models) api.registry.add('models', 'directory', { list: () => Promise.resolve(models), facts: () => ({}) } satisfies ModelSource)
  const router = findMyWay({ ignoreTrailingSlash: true })
  for (const route of api.routes) router.on(route.method, route.path, () => undefined, route)
  const found = router.find('GET', path)
  const route = api.routes.find((each) => each === found?.store)
  if (!route || !found) throw new Error(`No route takes ${path}.`)
  return route.handle({ context: {} as never, params: found.params })
}

describe('the list of models', () => {
  it('has the vendor’s shape', async () => {
    expect(await get('/v1/models', cards)).toEqual({
      status: 200,
      body: {
        object: 'list',
        data: [
          { id: 'gpt-test', object: 'model', created: 1_700_000_000, owned_by: 'system' },
          { id: 'openrouter/meta/llama:free', object: 'model', created: 0, owned_by: 'openrouter' },
        ],
      },
    })
  })

  it('stands beside Google’s endpoints for this protocol too', async () => {
    expect(await get('/v1beta/openai/models', cards)).toEqual(await get('/v1/models', cards))
    expect(await get('/v1beta/openai/models/gpt-test', cards)).toEqual(await get('/v1/models/gpt-test', cards))
  })

  it('is empty where no plugin knows models', async () => {
    expect(await get('/v1/models')).toEqual({ status: 200, body: { object: 'list', data: [] } })
  })

  it.each(['/v1/models/openrouter/meta/llama:free', '/v1/models/openrouter%2Fmeta%2Fllama%3Afree'])(
    'finds a model with slashes in its name at %s',
    async (path) => {
      expect(await get(path, cards)).toMatchObject({ status: 200, body: { id: 'openrouter/meta/llama:free', object: 'model' } })
    },
  )

  it('answers 404 in the vendor’s envelope for a model that is not there', async () => {
    expect(await get('/v1/models/gpt-9', cards)).toEqual({
      status: 404,
      body: { error: { message: 'The model "gpt-9" is not known here.', type: 'not_found_error', param: 'model', code: 'TKL_MODEL_NOT_FOUND' } },
    })
  })

  it('is the shape for callers that no other protocol claims', async () => {
    const { api, contribution } = await setUpWithApi<Protocol>(openaiChat())
    expect(api.routes.map(({ method, path, claims, protocol }) => ({ method, path, claims, protocol }))).toEqual([
      { method: 'GET', path: '/v1/models', claims: undefined, protocol: 'openai-chat' },
      { method: 'GET', path: '/v1/models/*', claims: undefined, protocol: 'openai-chat' },
      { method: 'GET', path: '/v1beta/openai/models', claims: undefined, protocol: 'openai-chat' },
      { method: 'GET', path: '/v1beta/openai/models/*', claims: undefined, protocol: 'openai-chat' },
    ])
    expect(contribution.routes).toEqual([
      { method: 'POST', path: '/v1/chat/completions', operation: 'generate' },
      { method: 'POST', path: '/v1/embeddings', operation: 'embed' },
      { method: 'POST', path: '/v1beta/openai/chat/completions', operation: 'generate' },
      { method: 'POST', path: '/v1beta/openai/embeddings', operation: 'embed' },
    ])
  })

  it('takes no options', () => {
    expect(() => openaiChat({ strict: true } as never)).toThrowError(expect.objectContaining({ code: 'TKL_CONFIG_INVALID' }))
  })
})
