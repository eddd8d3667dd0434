import { readFileSync } from 'node:fs'
import type { PluginRequest } from 'tokligence'
import health from 'tokligence/plugins/admin/health'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { PluginRegistry } from '../../../../core/registry.ts'
import { fakeApi } from '../../fake-api.ts'

const { version } = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as { version: string }
const noRequest = {} as PluginRequest

afterEach(() => {
  vi.useRealTimers()
})

describe('health', () => {
  it('tells version, uptime, providers and protocols', async () => {
    vi.useFakeTimers({ now: 1_000_000 })
    const registry = new PluginRegistry()
    const api = fakeApi({ registry })
    await health().setup(api)
    registry.add('provider', 'openai', {})
    registry.add('provider', 'loopback', {})
    registry.add('protocol', 'openai-chat', { id: 'openai-chat' })
    vi.setSystemTime(1_061_900)
    expect(await api.routes[0]?.handle(noRequest)).toMatchObject({
      status: 200,
      body: { status: 'ok', version, uptimeSeconds: 61, providers: ['openai', 'loopback'], protocols: ['openai-chat'] },
    })
  })

  it('answers GET and HEAD without a key', async () => {
    const api = fakeApi()
    await health().setup(api)
    expect(api.routes.map(({ method, path, open }) => [method, path, open])).toEqual([
      ['GET', '/health', true],
      ['HEAD', '/health', true],
    ])
  })

  it('goes on counting over a reload', async () => {
    vi.useFakeTimers({ now: 0 })
    const first = fakeApi()
    await health().setup(first)
    vi.setSystemTime(90_000)
    const second = fakeApi({ shares: first.shares })
    await health().setup(second)
    expect(await second.routes[0]?.handle(noRequest)).toMatchObject({ body: { uptimeSeconds: 90 } })
  })
})
