import type { Router } from 'tokligence'
import modelRoutes from 'tokligence/plugins/router/model-routes'
import { describe, expect, it } from 'vitest'
import { setUp } from '../../set-up.ts'

const router = (routes: Parameters<typeof modelRoutes>[0]) => setUp<Router>(modelRoutes(routes))
const request = (model: string) => ({ model, protocol: 'openai-chat', operation: 'generate' })

describe('model-routes', () => {
  it('keeps the caller’s model name, letter case included, when the target is a provider', async () => {
    expect((await router({ 'gpt-*': 'openai' })).resolve(request('GPT-5'))).toEqual({ targets: [{ provider: 'openai', model: 'GPT-5' }] })
  })

  it('replaces the model’s name when the target has one, slashes and all', async () => {
    const { resolve } = await router({ fast: 'openai/gpt-5-mini', open: 'router/meta/llama-4' })
    expect(resolve(request('fast'))).toEqual({ targets: [{ provider: 'openai', model: 'gpt-5-mini' }] })
    expect(resolve(request('open'))).toEqual({ targets: [{ provider: 'router', model: 'meta/llama-4' }] })
  })

  it('carries a route’s own loss policy', async () => {
    const { resolve } = await router({ strict: { to: 'a/b', onLoss: 'reject' }, plain: { to: 'a' } })
    expect(resolve(request('strict'))).toEqual({ targets: [{ provider: 'a', model: 'b' }], onLoss: 'reject' })
    expect(resolve(request('plain'))).toEqual({ targets: [{ provider: 'a', model: 'plain' }] })
  })

  it('has no plan for a model that no pattern takes', async () => {
    expect((await router({ 'gpt-*': 'openai' })).resolve(request('claude'))).toBeUndefined()
  })

  it('chooses the most specific pattern', async () => {
    const { resolve } = await router({ '*': 'rest', 'gpt-*': 'openai', 'gpt-4*': 'azure', 'gpt-4': 'old' })
    const providers = ['x', 'gpt-5', 'gpt-4o', 'gpt-4'].map((model) => resolve(request(model))?.targets[0]?.provider)
    expect(providers).toEqual(['rest', 'openai', 'azure', 'old'])
  })

  it('tells its names without wildcards and each of its providers once', async () => {
    const made = await router({ 'gpt-*': 'openai', fast: 'openai/gpt-5-mini', Best: { to: 'anthropic/opus' } })
    expect(made.names()).toEqual(['fast', 'Best'])
    expect(made.providers()).toEqual(['openai', 'anthropic'])
  })

  it.each([
    [{ a: '' }],
    [{ a: '/model' }],
    [{ a: 'provider/' }],
    [{ a: { to: '/' } }],
    [{ a: { to: 'b', onLoss: 'cry' } }],
    [{ a: 1 }],
    [{ '': 'a' }],
    [{ a: 'x', A: 'y' }],
  ])('refuses the routes %j', (routes) => {
    expect(() => modelRoutes(routes as never)).toThrow(expect.objectContaining({ code: 'TKL_CONFIG_INVALID', message: expect.stringContaining('"routes') }))
  })

  it('takes an id of its own', () => {
    const ids: ['model-routes', 'second'] = [modelRoutes({}).id, modelRoutes({}, { id: 'second' }).id]
    expect(ids).toEqual(['model-routes', 'second'])
  })
})
