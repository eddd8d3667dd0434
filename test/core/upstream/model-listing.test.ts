import { describe, expect, it } from 'vitest'
import { type HttpProviderSettings, httpProvider, isJsonObject, type ModelListing, Secret, type UpstreamFetch } from '../../../core/index.ts'

interface Asked {
  readonly url: string
  readonly headers: Readonly<Record<string, string>> | undefined
}

function listingFrom(pages: Readonly<Record<string, unknown>>, status = 200) {
  const asked: Asked[] = []
  const fetch: UpstreamFetch = async (url, options) => {
    asked.push({ url, headers: options?.headers })
    const page = pages[url]
    return { status, headers: {}, body: Buffer.from(typeof page === 'string' ? page : JSON.stringify(page)) }
  }
  const models: ModelListing = {
    fetch,
    path: '/models',
    read: (body) => {
      if (!isJsonObject(body) || !Array.isArray(body.names)) return undefined
      return { models: body.names.map((id) => ({ id: String(id) })), ...(typeof body.next === 'string' && { nextPath: body.next }) }
    },
  }
  const settings: HttpProviderSettings = {
    id: 'acme',
    baseUrl: 'https://acme.example/v1',
    protocols: [],
    endpoints: {},
    key: new Secret('k'),
    authorize: (key) => ({ authorization: key }),
    forwardable: [],
    defaultHeaders: { 'acme-version': '1' },
    headers: { 'x-team': 'red' },
    models,
  }
  return { settings, asked, list: () => (httpProvider(settings).listModels as (signal: AbortSignal) => Promise<unknown>)(AbortSignal.timeout(1_000)) }
}

describe('the list of an HTTP provider’s models', () => {
  it('is read page by page, with the provider’s own headers', async () => {
    const { list, asked } = listingFrom({
      'https://acme.example/v1/models': { names: ['a', 'b'], next: '/models?after=b' },
      'https://acme.example/v1/models?after=b': { names: ['c'] },
    })
    expect(await list()).toEqual([
      { id: 'a', provider: 'acme' },
      { id: 'b', provider: 'acme' },
      { id: 'c', provider: 'acme' },
    ])
    expect(asked).toHaveLength(2)
    expect(asked[0]?.headers).toEqual({ accept: 'application/json', 'acme-version': '1', 'x-team': 'red', authorization: 'k' })
  })

  it('comes to an end when the provider goes on naming pages', async () => {
    const { list, asked } = listingFrom({ 'https://acme.example/v1/models': { names: ['a'], next: '/models' } })
    expect(await list()).toHaveLength(20)
    expect(asked).toHaveLength(20)
  })

  it('fails with the provider’s status', async () => {
    const { list } = listingFrom({ 'https://acme.example/v1/models': {} }, 403)
    await expect(list()).rejects.toMatchObject({ code: 'TKL_UPSTREAM_ERROR', status: 403, message: expect.stringContaining('"acme"') })
  })

  it.each(['no JSON', { models: [] }])('fails when the answer is something else: %j', async (page) => {
    await expect(listingFrom({ 'https://acme.example/v1/models': page }).list()).rejects.toMatchObject({ code: 'TKL_UPSTREAM_MALFORMED' })
  })

  it('is not offered where there is no key to ask with', () => {
    const { settings } = listingFrom({})
    expect(httpProvider({ ...settings, key: undefined }).listModels).toBeUndefined()
    expect(httpProvider({ ...settings, key: undefined, keyRequired: false }).listModels).toBeDefined()
  })
})
