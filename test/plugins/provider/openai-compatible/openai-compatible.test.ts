import { type JsonObject, LossSink, type Provider } from 'tokligence'
import openaiCompatible from 'tokligence/plugins/provider/openai-compatible'
import { describe, expect, it } from 'vitest'
import { setUp } from '../../set-up.ts'
import { providerCall } from '../provider-call.ts'

const local = { id: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1' } as const

describe('the provider openai-compatible', () => {
  it('takes an id and a base URL, and sends no login without a key', async () => {
    const plugin = openaiCompatible(local)
    const id: 'ollama' = plugin.id
    const provider = await setUp<Provider>(plugin)
    expect([id, plugin.name]).toEqual(['ollama', 'openai-compatible'])
    expect(provider.open(providerCall())).toMatchObject({ origin: 'http://127.0.0.1:11434', path: '/v1/chat/completions', headers: {} })
    expect(provider).toMatchObject({ streamUsage: true, account: 'none' })
    expect(provider.listModels).toBeDefined()
  })

  it('sends its key as a bearer token', async () => {
    expect((await setUp<Provider>(openaiCompatible({ ...local, apiKey: 'k' }))).open(providerCall()).headers).toEqual({ authorization: 'Bearer k' })
  })

  it.each([
    [{ baseUrl: 'http://x.example' }, 'id'],
    [{ id: 'x' }, 'baseUrl'],
    [{ ...local, maxTokensField: 'limit' }, 'maxTokensField'],
  ])('refuses %j', (options, named) => {
    expect(() => openaiCompatible(options as never)).toThrow(
      expect.objectContaining({ code: 'TKL_CONFIG_INVALID', message: expect.stringContaining(`"${named}"`) }),
    )
  })

  it('names the output limit as the server does, at its place in the body', async () => {
    const adapt = async (maxTokensField: 'max_tokens' | 'max_completion_tokens' | undefined, body: Record<string, number>) => {
      const provider = await setUp<Provider>(openaiCompatible({ ...local, ...(maxTokensField && { maxTokensField }) }))
      const losses = new LossSink()
      const adapted = provider.adapt?.(body, providerCall({ path: 'translated' }), losses)
      expect(losses.losses).toEqual([])
      return JSON.stringify(adapted)
    }
    expect(await adapt(undefined, { a: 1, max_completion_tokens: 5, b: 2 })).toBe('{"a":1,"max_tokens":5,"b":2}')
    expect(await adapt('max_completion_tokens', { max_tokens: 5 })).toBe('{"max_completion_tokens":5}')
    expect(await adapt('max_tokens', { max_tokens: 5 })).toBe('{"max_tokens":5}')
    expect(await adapt('max_tokens', { max_tokens: 5, max_completion_tokens: 6 })).toBe('{"max_tokens":5}')
  })

  it('does not ask a server for the usage of a stream when it is told not to', async () => {
    const body = { a: 1, stream_options: { include_usage: true } }
    const adapt = async (streamUsage: boolean) =>
      (await setUp<Provider>(openaiCompatible({ ...local, streamUsage }))).adapt?.(body, providerCall({ path: 'translated' }), new LossSink())
    expect(await adapt(false)).toEqual({ a: 1 })
    expect(await adapt(true)).toEqual(body)
  })

  it('leaves out of translated requests what only one vendor knows, and says so', async () => {
    const provider = await setUp<Provider>(openaiCompatible(local))
    const losses = new LossSink()
    expect(provider.adapt?.({ a: 1, prompt_cache_key: 'k', store: true }, providerCall({ path: 'translated' }), losses)).toEqual({ a: 1 })
    expect(losses.losses.map(({ path, severity }) => [path, severity])).toEqual([
      ['prompt_cache_key', 'hint'],
      ['store', 'hint'],
    ])
  })

  it('does not report the loss of a key that its caller did not give', async () => {
    const provider = await setUp<Provider>(openaiCompatible(local))
    const losses = new LossSink()
    expect(provider.adapt?.({ a: 1, prompt_cache_key: 'tkl-session' }, providerCall({ path: 'translated' }), losses)).toEqual({ a: 1 })
    expect(losses.losses).toEqual([])
  })

  it('keeps the key for the prompt cache, or makes one, where the server takes it', async () => {
    const provider = await setUp<Provider>(openaiCompatible({ ...local, promptCacheKey: true }))
    const losses = new LossSink()
    const adapt = (body: JsonObject, protocol = 'openai-chat', operation = 'generate') =>
      provider.adapt?.(body, providerCall({ path: 'translated', protocol, operation }), losses)
    expect(adapt({ prompt_cache_key: 'k', store: true })).toEqual({ prompt_cache_key: 'k' })
    expect(losses.losses.map(({ path }) => path)).toEqual(['store'])
    const turns = [{ role: 'user', content: 'Hi' }]
    expect(adapt({ messages: turns })).toEqual({ messages: turns, prompt_cache_key: expect.stringMatching(/^tkl-/) })
    expect(adapt({ input: turns }, 'openai-responses')).toEqual({ input: turns, prompt_cache_key: expect.stringMatching(/^tkl-/) })
    expect(adapt({ input: 'Hi' }, 'openai-chat', 'embed')).toEqual({ input: 'Hi' })
  })
})
