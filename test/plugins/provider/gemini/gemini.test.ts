import type { Provider, UpstreamFetch } from 'tokligence'
import gemini from 'tokligence/plugins/provider/gemini'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { setUp } from '../../set-up.ts'
import { providerCall } from '../provider-call.ts'

const contents = (changes: Parameters<typeof providerCall>[0] = {}) => providerCall({ protocol: 'gemini', model: 'gemini-test', ...changes })

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the provider gemini', () => {
  it('asks the vendor with the key from the environment, in a header', async () => {
    for (const name of ['TOKLIGENCE_GEMINI_API_KEY', 'GEMINI_API_KEY', 'TOKLIGENCE_GEMINI_BASE_URL']) vi.stubEnv(name, '')
    vi.stubEnv('GOOGLE_API_KEY', 'own')
    const provider = await setUp<Provider>(gemini())
    expect(provider.open(contents())).toMatchObject({
      origin: 'https://generativelanguage.googleapis.com',
      path: '/v1beta/models/gemini-test:generateContent',
      headers: { 'x-goog-api-key': 'own' },
    })
  })

  it('has an endpoint for each operation, and asks for streams as events', async () => {
    const provider = await setUp<Provider>(gemini({ apiKey: 'k', apiVersion: 'v1', baseUrl: 'http://127.0.0.1:9/proxy/' }))
    const pathOf = (changes: Parameters<typeof providerCall>[0]) => provider.open(contents(changes)).path
    expect(pathOf({ stream: true })).toBe('/proxy/v1/models/gemini-test:streamGenerateContent?alt=sse')
    expect(pathOf({ operation: 'count-tokens' })).toBe('/proxy/v1/models/gemini-test:countTokens')
    expect(pathOf({ operation: 'embed' })).toBe('/proxy/v1/models/gemini-test:batchEmbedContents')
    expect(pathOf({ operation: 'embed-one' })).toBe('/proxy/v1/models/gemini-test:embedContent')
    expect(() => pathOf({ operation: 'other' })).toThrow('has no operation "other"')
  })

  it.each([
    ['models/gemini-test', 'models/gemini-test'],
    ['tunedModels/mine', 'tunedModels/mine'],
    ['a b/c?d#e', 'models/a%20b/c%3Fd%23e'],
  ])('names the model %s as %s', async (model, resource) => {
    const provider = await setUp<Provider>(gemini({ apiKey: 'k' }))
    expect(provider.open(contents({ model })).path).toBe(`/v1beta/${resource}:generateContent`)
  })

  it.each(['../files', 'models/../../v1/files', 'a/./b', 'a//b', ''])('refuses to step out of its models: %j', async (model) => {
    const provider = await setUp<Provider>(gemini({ apiKey: 'k' }))
    expect(() => provider.open(contents({ model }))).toThrow(`The model "${model}" has a name`)
  })

  it('forwards a caller’s login only where it is told to, and never in a translation', async () => {
    const callerHeaders = { 'x-goog-api-key': 'theirs' }
    expect((await setUp<Provider>(gemini({ apiKey: 'own' }))).open(contents({ callerHeaders })).headers).toEqual({ 'x-goog-api-key': 'own' })
    const forwarding = await setUp<Provider>(gemini({ credentials: 'forward' }))
    expect(forwarding.open(contents({ callerHeaders })).headers).toEqual({ 'x-goog-api-key': 'theirs' })
    expect(forwarding.open(contents({ callerHeaders: { authorization: 'Bearer ya29.x' } })).headers).toEqual({ authorization: 'Bearer ya29.x' })
    expect(() => forwarding.open(contents({ callerHeaders, path: 'translated' }))).toThrow('no key')
  })

  it('lists the vendor’s models over all pages', async () => {
    const asked: string[] = []
    const pages = [
      { models: [{ name: 'models/gemini-a', displayName: 'Gemini A' }, { name: 'tunedModels/mine' }, { name: 7 }, null], nextPageToken: 'a/b' },
      { models: [{ name: 'models/gemini-c' }], nextPageToken: '' },
    ]
    const fetch: UpstreamFetch = async (url) => ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(pages[asked.push(url) - 1])) })
    const provider = await setUp<Provider>(gemini({ apiKey: 'k', baseUrl: 'https://x.example' }), { fetch })
    expect(await provider.listModels?.(AbortSignal.timeout(1_000))).toEqual([
      { id: 'gemini-a', provider: 'gemini', ownedBy: 'google', displayName: 'Gemini A' },
      { id: 'tunedModels/mine', provider: 'gemini', ownedBy: 'google' },
      { id: 'gemini-c', provider: 'gemini', ownedBy: 'google' },
    ])
    expect(asked).toEqual(['https://x.example/v1beta/models?pageSize=1000', 'https://x.example/v1beta/models?pageSize=1000&pageToken=a%2Fb'])
  })
})
