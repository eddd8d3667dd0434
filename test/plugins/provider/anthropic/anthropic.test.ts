import type { Provider, UpstreamFetch } from 'tokligence'
import anthropic from 'tokligence/plugins/provider/anthropic'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { setUp } from '../../set-up.ts'
import { providerCall } from '../provider-call.ts'

const messages = (changes: Parameters<typeof providerCall>[0] = {}) => providerCall({ protocol: 'anthropic-messages', ...changes })

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the provider anthropic', () => {
  it('sends messages and token counts to the vendor with the key from the environment', async () => {
    vi.stubEnv('TOKLIGENCE_ANTHROPIC_API_KEY', '')
    vi.stubEnv('ANTHROPIC_API_KEY', 'sk-ant')
    vi.stubEnv('TOKLIGENCE_ANTHROPIC_BASE_URL', '')
    const provider = await setUp<Provider>(anthropic())
    expect(provider.open(messages())).toMatchObject({
      origin: 'https://api.anthropic.com',
      path: '/v1/messages',
      headers: { 'x-api-key': 'sk-ant', 'anthropic-version': '2023-06-01' },
    })
    expect(provider.open(messages({ operation: 'count-tokens' })).path).toBe('/v1/messages/count_tokens')
  })

  it('takes the base URL from its variable', async () => {
    vi.stubEnv('TOKLIGENCE_ANTHROPIC_BASE_URL', 'http://127.0.0.1:9/proxy')
    expect((await setUp<Provider>(anthropic({ apiKey: 'k' }))).open(messages())).toMatchObject({ origin: 'http://127.0.0.1:9', path: '/proxy/v1/messages' })
  })

  it('leaves version and betas to a caller that speaks the protocol', async () => {
    const provider = await setUp<Provider>(anthropic({ apiKey: 'k' }))
    const callerHeaders = { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'context-management-2025-06-27' }
    expect(provider.open(messages({ callerHeaders })).headers).toEqual({ 'x-api-key': 'k' })
    expect(provider.open(messages({ callerHeaders, path: 'translated' })).headers).toEqual({ 'x-api-key': 'k', 'anthropic-version': '2023-06-01' })
  })

  it('forwards a login from either header', async () => {
    const provider = await setUp<Provider>(anthropic({ credentials: 'forward' }))
    const headersFor = (callerHeaders: Record<string, string>) =>
      provider.open(messages({ callerHeaders: { 'anthropic-version': '1', ...callerHeaders } })).headers
    expect(headersFor({ authorization: 'Bearer sk-ant-oat01' })).toEqual({ authorization: 'Bearer sk-ant-oat01' })
    expect(headersFor({ 'x-api-key': 'sk-ant-api03', authorization: 'Bearer tk-ours' })).toEqual({ 'x-api-key': 'sk-ant-api03' })
  })

  it('lists the vendor’s models over all pages, without the retired ones', async () => {
    const asked: string[] = []
    const fetch: UpstreamFetch = async (url) => {
      asked.push(url)
      const first = {
        data: [
          { type: 'model', id: 'claude-opus-5-5', display_name: 'Claude Opus 5.5', created_at: '2026-10-01T00:00:00Z', lifecycle: 'active' },
          { type: 'model', id: 'claude-2', display_name: 'Claude 2', created_at: '2023-07-11T00:00:00Z', lifecycle: 'retired' },
        ],
        has_more: true,
        last_id: 'claude 2',
      }
      const second = { data: [{ type: 'model', id: 'claude-x', display_name: 'X', created_at: '1970-01-01T00:00:00Z' }], has_more: false, last_id: 'claude-x' }
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(asked.length === 1 ? first : second)) }
    }
    const provider = await setUp<Provider>(anthropic({ apiKey: 'k', baseUrl: 'https://x.example' }), { fetch })
    expect(await provider.listModels?.(AbortSignal.timeout(1_000))).toEqual([
      { id: 'claude-opus-5-5', provider: 'anthropic', ownedBy: 'anthropic', displayName: 'Claude Opus 5.5', created: 1_790_812_800 },
      { id: 'claude-x', provider: 'anthropic', ownedBy: 'anthropic', displayName: 'X' },
    ])
    expect(asked).toEqual(['https://x.example/v1/models?limit=1000', 'https://x.example/v1/models?limit=1000&after_id=claude%202'])
  })
})
