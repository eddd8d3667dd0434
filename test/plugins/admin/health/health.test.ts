import { readFileSync } from 'node:fs'
import type { PluginRequest } from 'tokligence'
import health from 'tokligence/plugins/admin/health'
import { SharedStore } from 'tokligence/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { setUpWithApi } from '../../set-up.ts'

const { version } = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as { version: string }
const noRequest = {} as PluginRequest

afterEach(() => {
  vi.useRealTimers()
})

describe('health', () => {
  it('tells version, uptime, providers and protocols', async () => {
    vi.useFakeTimers({ now: 1_000_000 })
    const { api } = await setUpWithApi(health())
    api.registry.add('provider', 'openai', {})
    api.registry.add('provider', 'loopback', {})
    api.registry.add('protocol', 'openai-chat', { id: 'openai-chat' })
    vi.setSystemTime(1_061_900)
    expect(await api.routes[0]?.handle(noRequest)).toMatchObject({
      status: 200,
      body: { status: 'ok', version, uptimeSeconds: 61, providers: ['openai', 'loopback'], protocols: ['openai-chat'] },
    })
  })

  it('answers GET and HEAD without a key', async () => {
    const { api } = await setUpWithApi(health())
    expect(api.routes.map(({ method, path, open }) => [method, path, open])).toEqual([
      ['GET', '/health', true],
      ['HEAD', '/health', true],
    ])
  })

  it('goes on counting over a reload', async () => {
    vi.useFakeTimers({ now: 0 })
    const sharedStore = new SharedStore()
    await setUpWithApi(health(), { sharedStore })
    vi.setSystemTime(90_000)
    const { api } = await setUpWithApi(health(), { sharedStore })
    expect(await api.routes[0]?.handle(noRequest)).toMatchObject({ body: { uptimeSeconds: 90 } })
  })
})
