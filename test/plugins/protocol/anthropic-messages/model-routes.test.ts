import findMyWay from 'find-my-way'
import type { ModelCard, ModelSource, PluginResponse, Protocol } from 'tokligence'
import anthropicMessages from 'tokligence/plugins/protocol/anthropic-messages'
import { describe, expect, it } from 'vitest'
import { setUpWithApi } from '../../set-up.ts'

const cards: readonly ModelCard[] = [
  { id: 'openrouter/meta/llama:free', provider: 'openrouter' },
  { id: 'claude-old', provider: 'anthropic', displayName: 'Claude Old', created: 1_600_000_000 },
  { id: 'claude-new', provider: 'anthropic', created: 1_700_000_000 },
]
const facts: ModelSource['facts'] = (model) => (model === 'claude-new' ? { contextWindow: 200_000, maxOutputTokens: 64_000 } : {})

async function get(path: string, query = '', known = cards): Promise<PluginResponse> {
  const { api } = await setUpWithApi<Protocol>(anthropicMessages())
  api.registry.add('models', 'directory', { list: () => Promise.resolve(known), facts } satisfies ModelSource)
  const router = findMyWay({ ignoreTrailingSlash: true })
  for (const route of api.routes) router.on(route.method, route.path, () => undefined, route)
  const found = router.find('GET', path)
  const route = api.routes.find((each) => each === found?.store)
  if (!route || !found) throw new Error(`No route takes ${path}.`)
  return route.handle({ context: { query: new URLSearchParams(query) } as never, params: found.params })
}

async function listed(query: string) {
  const { body } = (await get('/v1/models', query)) as { body: { data: { id: string }[]; has_more: boolean; first_id: string | null; last_id: string | null } }
  return { ids: body.data.map(({ id }) => id), more: body.has_more, first: body.first_id, last: body.last_id }
}

describe('the list of models', () => {
  it('tells the epoch for a time that no calendar has', async () => {
    const { status, body } = await get('/v1/models', '', [{ id: 'odd', provider: 'other', created: 1e300 }])
    expect([status, body]).toMatchObject([200, { data: [{ id: 'odd', created_at: '1970-01-01T00:00:00.000Z' }] }])
  })

  it('has the vendor’s shape, the newest first', async () => {
    const unknown = {
      type: 'model',
      lifecycle: 'active',
      deprecated_at: null,
      retires_at: null,
      line: null,
      max_input_tokens: null,
      max_tokens: null,
      capabilities: null,
    }
    expect(await get('/v1/models')).toEqual({
      status: 200,
      body: {
        data: [
          { ...unknown, id: 'claude-new', display_name: 'claude-new', created_at: '2023-11-14T22:13:20.000Z', max_input_tokens: 200_000, max_tokens: 64_000 },
          { ...unknown, id: 'claude-old', display_name: 'Claude Old', created_at: '2020-09-13T12:26:40.000Z' },
          { ...unknown, id: 'openrouter/meta/llama:free', display_name: 'openrouter/meta/llama:free', created_at: '1970-01-01T00:00:00.000Z' },
        ],
        has_more: false,
        first_id: 'claude-new',
        last_id: 'openrouter/meta/llama:free',
      },
    })
    expect(await get('/anthropic/v1/models')).toEqual(await get('/v1/models'))
  })

  it.each([
    ['limit=1', { ids: ['claude-new'], more: true, first: 'claude-new', last: 'claude-new' }],
    ['limit=1&after_id=claude-new', { ids: ['claude-old'], more: true, first: 'claude-old', last: 'claude-old' }],
    ['after_id=openrouter/meta/llama:free', { ids: [], more: false, first: null, last: null }],
    ['limit=1&before_id=openrouter/meta/llama:free', { ids: ['claude-old'], more: true, first: 'claude-old', last: 'claude-old' }],
    ['lifecycle[]=retired', { ids: [], more: false, first: null, last: null }],
  ])('comes in pages: %s', async (query, page) => {
    expect(await listed(query)).toEqual(page)
  })

  it.each(['limit=0', 'limit=1001', 'limit=many', 'after_id=gone', 'before_id=gone'])('refuses %s in the vendor’s envelope', async (query) => {
    expect(await get('/v1/models', query)).toMatchObject({ status: 400, body: { type: 'error', error: { type: 'invalid_request_error' } } })
  })

  it('finds a model by its name, with slashes in it too, and answers 404 for one that is not there', async () => {
    expect(await get('/v1/models/claude-old')).toMatchObject({ status: 200, body: { id: 'claude-old', type: 'model' } })
    expect(await get('/anthropic/v1/models/openrouter/meta/llama:free')).toMatchObject({ body: { id: 'openrouter/meta/llama:free' } })
    expect(await get('/v1/models/gone')).toMatchObject({ status: 404, body: { type: 'error', error: { type: 'not_found_error' } } })
  })

  it('is for callers that name a version of the protocol, and under a path of its own for everybody', async () => {
    const { api } = await setUpWithApi<Protocol>(anthropicMessages())
    const claims = (path: string) => api.routes.find((route) => route.path === path)?.claims
    expect(claims('/v1/models')?.({ 'anthropic-version': '2026-10-21' }, new URLSearchParams(), {})).toBe(true)
    expect(claims('/v1/models/*')?.({}, new URLSearchParams(), {})).toBe(false)
    expect(claims('/anthropic/v1/models')).toBeUndefined()
  })

  it('stands beside an answer for clients that only ask whether they can get through, with or without a key', async () => {
    const { api } = await setUpWithApi<Protocol>(anthropicMessages())
    const hello = api.routes.filter(({ path }) => path.endsWith('/api/hello'))
    expect(hello.map(({ method, path, open }) => `${method} ${path} ${open}`)).toEqual([
      'HEAD /api/hello true',
      'GET /api/hello true',
      'HEAD /anthropic/api/hello true',
      'GET /anthropic/api/hello true',
    ])
    expect(await hello[0]?.handle({} as never)).toMatchObject({ status: 200 })
  })
})
