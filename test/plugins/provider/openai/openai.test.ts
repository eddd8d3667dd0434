import { LossSink, type Provider, type UpstreamFetch } from 'tokligence'
import openai from 'tokligence/plugins/provider/openai'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { setUp } from '../../set-up.ts'
import { providerCall } from '../provider-call.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the provider openai', () => {
  it('sends responses, chat completions and embeddings to the vendor with the key from the environment', async () => {
    vi.stubEnv('TOKLIGENCE_OPENAI_API_KEY', '')
    vi.stubEnv('OPENAI_API_KEY', 'sk-vendor')
    vi.stubEnv('TOKLIGENCE_OPENAI_BASE_URL', '')
    const plugin = openai()
    const provider = await setUp<Provider>(plugin)
    expect(plugin).toMatchObject({ kind: 'provider', id: 'openai', name: 'openai' })
    expect(provider.protocols).toEqual(['openai-responses', 'openai-chat'])
    expect(provider.open(providerCall({ protocol: 'openai-responses' })).path).toBe('/v1/responses')
    expect(provider.open(providerCall({ protocol: 'openai-responses', operation: 'count-tokens' })).path).toBe('/v1/responses/input_tokens')
    expect(provider.open(providerCall({ operation: 'embed' })).path).toBe('/v1/embeddings')
    expect(provider.open(providerCall())).toMatchObject({
      origin: 'https://api.openai.com',
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer sk-vendor' },
    })
    expect(provider.supports('openai-chat', 'count-tokens')).toBe(false)
  })

  it('does not ask for the usage of a stream when it is told not to', async () => {
    const body = { a: 1, stream_options: { include_usage: true } }
    const adapt = async (streamUsage: boolean) =>
      (await setUp<Provider>(openai({ apiKey: 'k', streamUsage }))).adapt?.(body, providerCall({ path: 'translated' }), new LossSink())
    expect(await adapt(false)).toEqual({ a: 1 })
    expect(await adapt(true)).toEqual(body)
  })

  it.each(['openai-chat', 'openai-responses'])('gives a translated %s request a key for the prompt cache, and no other operation', async (protocol) => {
    const body = { [protocol === 'openai-chat' ? 'messages' : 'input']: [{ role: 'user', content: 'Hi' }] }
    const adapt = async (promptCacheKey?: boolean, operation = 'generate') => {
      const plugin = openai({ apiKey: 'k', ...(promptCacheKey !== undefined && { promptCacheKey }) })
      return (await setUp<Provider>(plugin)).adapt?.(body, providerCall({ path: 'translated', protocol, operation }), new LossSink())
    }
    expect(await adapt()).toEqual({ ...body, prompt_cache_key: expect.stringMatching(/^tkl-[\w-]{43}$/) })
    expect(await adapt(true)).toEqual(await adapt())
    expect(await adapt(false)).toEqual(body)
    expect(await adapt(true, 'count-tokens')).toEqual(body)
  })

  it('prefers its own variables for key and base URL', async () => {
    vi.stubEnv('TOKLIGENCE_OPENAI_API_KEY', 'sk-ours')
    vi.stubEnv('OPENAI_API_KEY', 'sk-vendor')
    vi.stubEnv('TOKLIGENCE_OPENAI_BASE_URL', 'http://127.0.0.1:9/other/v1/')
    expect((await setUp<Provider>(openai())).open(providerCall())).toMatchObject({
      origin: 'http://127.0.0.1:9',
      path: '/other/v1/chat/completions',
      headers: { authorization: 'Bearer sk-ours' },
    })
    const given = await setUp<Provider>(openai({ baseUrl: 'https://eu.api.openai.com/v1' }))
    expect(given.open(providerCall()).origin).toBe('https://eu.api.openai.com')
  })

  it('names organization and project', async () => {
    const provider = await setUp<Provider>(openai({ apiKey: 'k', organization: 'org-1', project: 'proj_1' }))
    expect(provider.open(providerCall()).headers).toEqual({
      authorization: 'Bearer k',
      'openai-organization': 'org-1',
      'openai-project': 'proj_1',
    })
  })

  it('lists the vendor’s models', async () => {
    const asked: string[] = []
    const fetch: UpstreamFetch = async (url) => {
      asked.push(url)
      const data = [{ id: 'gpt-5', object: 'model', created: 1_754_000_000, owned_by: 'system' }, { id: 'bare' }, { object: 'model' }]
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ object: 'list', data })) }
    }
    const provider = await setUp<Provider>(openai({ id: 'mine', apiKey: 'k', baseUrl: 'https://x.example/v1' }), { fetch })
    expect(await provider.listModels?.(AbortSignal.timeout(1_000))).toEqual([
      { id: 'gpt-5', provider: 'mine', ownedBy: 'system', created: 1_754_000_000 },
      { id: 'bare', provider: 'mine' },
    ])
    expect(asked).toEqual(['https://x.example/v1/models'])
  })

  it('keeps literal ids in its type', () => {
    const ids: ['openai', 'openai-eu'] = [openai({ apiKey: 'k' }).id, openai({ id: 'openai-eu', apiKey: 'k' }).id]
    expect(ids).toEqual(['openai', 'openai-eu'])
  })
})
