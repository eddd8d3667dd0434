import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { definePlugin, GatewayError } from '../../../core/index.ts'
import { createHarness, fakePluginApi, SharedStore } from '../../../core/testing/index.ts'

const disposed: string[] = []

/** A plugin that does a little of everything. */
const busy = definePlugin({
  kind: 'detector',
  name: 'busy',
  apiVersion: 1,
  options: z.strictObject({}),
  setup(api) {
    const count = api.shared(
      'busy:count',
      () => ({ value: 0 }),
      () => void disposed.push('count'),
    )
    count.value++
    api.onDispose(() => void disposed.push('first'))
    api.onDispose(() => void disposed.push('second'))
    api.addRoute({ method: 'GET', path: '/busy', open: true, handle: () => ({ status: 200, body: { count: count.value, id: api.id } }) })
    api.addCommand({ name: 'busy', description: 'Does nothing.', run: () => 0 })
    api.hooks.guardRequest.tap((context) => (context.model === 'forbidden' ? new GatewayError('TKL_REQUEST_REFUSED', 'No.') : undefined))
  },
})

describe('fakePluginApi', () => {
  it('records what a plugin does and plays the gateway’s part', async () => {
    const sharedStore = new SharedStore()
    const first = fakePluginApi({ id: 'one', sharedStore })
    const second = fakePluginApi({ sharedStore })
    await busy().setup(first)
    await busy().setup(second)
    expect(second.routes.map(({ path }) => path)).toEqual(['/busy'])
    expect(second.commands.map(({ name }) => name)).toEqual(['busy'])
    expect(await first.routes[0]?.handle({ context: {} as never, params: {} })).toEqual({ status: 200, body: { count: 2, id: 'one' } })
    expect(first.hookSet.used.guardRequest).toBe(true)
    expect(await first.hookSet.run('guardRequest', { model: 'forbidden' } as never)).toMatchObject({ code: 'TKL_REQUEST_REFUSED' })
    expect(await first.hookSet.run('guardRequest', { model: 'fine' } as never)).toBeUndefined()
    await first.dispose()
    expect(disposed).toEqual(['second', 'first'])
    await second.dispose()
    expect(disposed).toEqual(['second', 'first', 'second', 'first', 'count'])
    expect(sharedStore.size).toBe(0)
  })

  it('rejects a call over HTTP that the test did not provide for', async () => {
    await expect(fakePluginApi().fetch('http://127.0.0.1/')).rejects.toThrow(/was given no fetch/)
  })
})

describe('createHarness', () => {
  it('boots a gateway on a free port, frozen and silent, and closes it', async () => {
    const { url, gateway, close } = await createHarness({ plugins: [busy({ id: 'real' })], settings: { onLoss: 'reject' } })
    expect(gateway.config).toMatchObject({ freeze: true, onLoss: 'reject', listen: { host: '127.0.0.1', port: 0 } })
    expect(await (await fetch(`${url}/busy`)).json()).toEqual({ count: 1, id: 'real' })
    await close()
    await expect(fetch(`${url}/busy`)).rejects.toThrow()
  })

  it('rejects a configuration that does not hold together', async () => {
    await expect(createHarness({ plugins: [busy(), busy()] })).rejects.toMatchObject({ code: expect.stringMatching(/^TKL_/) })
    await expect(createHarness({ plugins: [], settings: { listen: { host: '0.0.0.0' } } })).rejects.toMatchObject({ code: 'TKL_CONFIG_INVALID' })
  })
})
