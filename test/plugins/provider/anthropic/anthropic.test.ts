import { type JsonObject, LossSink, type Provider, type UpstreamFetch } from 'tokligence'
import { modelRoutes, protocols, translations } from 'tokligence/plugins'
import anthropic from 'tokligence/plugins/provider/anthropic'
import { createHarness } from 'tokligence/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { startUpstream } from '../../../core/toy-gateway.ts'
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

  it('announces what a translated body needs, beside the betas that are configured', async () => {
    const provider = await setUp<Provider>(anthropic({ apiKey: 'k', headers: { 'anthropic-beta': 'context-1m-2025-08-07' } }))
    const headersOf = (body: JsonObject) => provider.bodyHeaders?.(body, messages({ path: 'translated' }))
    expect(headersOf({ model: 'm', messages: [] })).toEqual({})
    expect(headersOf({ mcp_servers: [] })).toEqual({ 'anthropic-beta': 'context-1m-2025-08-07,mcp-client-2025-11-20' })
    const file = { role: 'user', content: [{ type: 'tool_result', content: [{ type: 'document', source: { type: 'file', file_id: 'f' } }] }] }
    expect((await setUp<Provider>(anthropic({ apiKey: 'k' }))).bodyHeaders?.({ messages: [file] }, messages())).toEqual({
      'anthropic-beta': 'files-api-2025-04-14',
    })
  })

  it('marks conversations that go on, unless it is told not to, and no token counts', async () => {
    const body = { messages: [{ role: 'user', content: 'Hi' }], tools: [{ name: 'f', input_schema: { type: 'object' } }] }
    const adapt = async (cacheMarkers?: boolean, operation = 'generate') => {
      const plugin = anthropic({ apiKey: 'k', ...(cacheMarkers !== undefined && { cacheMarkers }) })
      return (await setUp<Provider>(plugin)).adapt?.(body, messages({ path: 'translated', operation }), new LossSink())
    }
    expect(await adapt()).toMatchObject({ cache_control: { type: 'ephemeral' } })
    expect(await adapt(true)).toEqual(await adapt())
    expect(await adapt(false)).toEqual(body)
    expect(await adapt(true, 'count-tokens')).toEqual(body)
  })

  it('sends both, whatever else the configuration fixes', async () => {
    const upstream = await startUpstream((_request, _body, response) => response.writeHead(500).end())
    const harness = await createHarness({
      plugins: [
        protocols(),
        translations(),
        anthropic({ apiKey: 'k', baseUrl: upstream.url, headers: { 'anthropic-beta': 'context-1m-2025-08-07', 'x-team': 'a' } }),
        modelRoutes({ 'claude*': 'anthropic' }),
      ],
    })
    const tool = { type: 'mcp', server_label: 's', server_url: 'https://s.example', require_approval: 'never' }
    const body = JSON.stringify({ model: 'claude-x', input: 'Go.', tools: [tool] })
    await fetch(`${harness.url}/v1/responses`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    expect(upstream.seen[0]?.headers).toMatchObject({ 'anthropic-beta': 'context-1m-2025-08-07,mcp-client-2025-11-20', 'x-team': 'a', 'x-api-key': 'k' })
    await Promise.all([harness.close(), upstream.close()])
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
