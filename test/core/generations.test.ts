import { definePlugin, type SealKeeper } from 'tokligence'
import { memorySessions } from 'tokligence/plugins'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { post, sse, startToyGateway, startUpstream, ToyLedger, type ToyOptions, toyPlugins } from './toy-gateway.ts'

const open: { close(): Promise<unknown> }[] = []

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

async function boot(play: Parameters<typeof startUpstream>[0], options: Omit<ToyOptions, 'upstream'> = {}) {
  const upstream = await startUpstream(play)
  open.push(upstream)
  const toy = await startToyGateway({ upstream: upstream.url, ...options })
  open.push(toy)
  return { ...toy, upstream }
}

const answerAtOnce: Parameters<typeof startUpstream>[0] = (_request, _body, response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"text":"ok"}')

describe('a reload', () => {
  it('swaps the configuration without touching the listener', async () => {
    const { gateway, url, upstream, ledger } = await boot(answerAtOnce)
    await gateway.reload({
      plugins: toyPlugins(
        { upstream: upstream.url, setup: (api) => api.addRoute({ method: 'GET', path: '/new', handle: () => ({ status: 200, body: 'new' }) }) },
        ledger,
      ),
    })
    expect(await (await fetch(`${url}/new`)).text()).toBe('new')
    expect(gateway.generation).toBe(2)
  })

  it('lets a stream end on the generation it began on, and disposes that one afterwards, last made first', async () => {
    const disposed: string[] = []
    let goOn: () => void = () => undefined
    const setup: ToyOptions['setup'] = (api) => {
      api.onDispose(() => void disposed.push('first made'))
      api.onDispose(() => void disposed.push('last made'))
    }
    const { gateway, url, upstream, ledger } = await boot(
      (_request, _body, response) => {
        sse(response, '{"text":"a"}')
        goOn = () => {
          response.write('data: {"text":"b"}\n\ndata: END\n\n')
          response.end()
        }
      },
      { setup },
    )
    const answer = await post(`${url}/a`, { model: 'm1', stream: true, say: '' })
    await gateway.reload({ plugins: toyPlugins({ upstream: upstream.url }, ledger) })
    expect(disposed).toEqual([])
    goOn()
    expect(await answer.text()).toContain('END')
    await expect.poll(() => disposed).toEqual(['last made', 'first made'])
  })

  it('keeps the old configuration when the new one cannot be assembled, and undoes what was set up of it', async () => {
    const { gateway, url, upstream, ledger } = await boot(answerAtOnce)
    let disposed = false
    const broken = definePlugin({
      kind: 'detector',
      name: 'broken',
      apiVersion: 1,
      options: z.strictObject({}),
      setup: () => {
        throw new Error('no luck')
      },
    })
    const careful = definePlugin({
      kind: 'detector',
      name: 'careful',
      apiVersion: 1,
      options: z.strictObject({}),
      setup: (api) =>
        api.onDispose(() => {
          disposed = true
        }),
    })
    await expect(gateway.reload({ plugins: [...toyPlugins({ upstream: upstream.url }, ledger), careful(), broken()] })).rejects.toMatchObject({
      code: 'TKL_PLUGIN_SETUP_FAILED',
      message: expect.stringContaining('no luck'),
    })
    expect(disposed).toBe(true)
    expect((await post(`${url}/a`, { model: 'm1', say: '' })).status).toBe(200)
    expect(gateway.generation).toBe(1)
  })

  it('keeps the state of shared things, and disposes them when the last generation is gone', async () => {
    const log: string[] = []
    const setup: ToyOptions['setup'] = (api) => {
      const counts = api.shared(
        'limiter',
        () => ({ requests: 0 }),
        ({ requests }) => void log.push(`disposed at ${requests}`),
      )
      api.hooks.guardRequest.tap(() => {
        counts.requests++
        log.push(`request ${counts.requests}`)
        return undefined
      })
    }
    const { gateway, url, upstream, ledger } = await boot(answerAtOnce, { setup })
    await post(`${url}/a`, { model: 'm1', say: '' })
    await gateway.reload({ plugins: toyPlugins({ upstream: upstream.url, setup }, ledger) })
    await post(`${url}/a`, { model: 'm1', say: '' })
    await gateway.close()
    expect(log).toEqual(['request 1', 'request 2', 'disposed at 2'])
  })

  it('happens one after another when asked for at once', async () => {
    const { gateway, upstream, ledger } = await boot(answerAtOnce)
    await Promise.all([1, 2, 3].map(() => gateway.reload({ plugins: toyPlugins({ upstream: upstream.url }, ledger) })))
    expect(gateway.generation).toBe(4)
  })
})

describe('assembling', () => {
  const nothing = z.strictObject({})

  it('names a provider that a route wants and nobody is', async () => {
    const ledger = new ToyLedger()
    const plugins = toyPlugins({ upstream: 'http://127.0.0.1:1' }, ledger).filter((plugin) => plugin.kind !== 'provider')
    const { createGateway } = await import('tokligence')
    await expect(createGateway({ plugins })).rejects.toMatchObject({ code: 'TKL_CONFIG_INVALID', message: expect.stringContaining('"toy"') })
  })

  it('takes one primary ledger and no second', async () => {
    const { createGateway } = await import('tokligence')
    const ledger = definePlugin({ kind: 'ledger', name: 'toy', apiVersion: 1, options: nothing, setup: () => new ToyLedger() })
    await expect(createGateway({ plugins: [ledger(), ledger({ id: 'second' })] })).rejects.toMatchObject({
      message: expect.stringContaining('"toy" and "second"'),
    })
  })

  it('takes one plugin that makes seals and no second', async () => {
    const { createGateway } = await import('tokligence')
    const keeper: SealKeeper = { seal: () => 'tkl1.', open: () => 'broken' }
    const seals = definePlugin({ kind: 'seal', name: 'toy', apiVersion: 1, options: nothing, setup: () => ({ keeperFor: () => keeper }) })
    await expect(createGateway({ plugins: [seals(), seals({ id: 'second' })] })).rejects.toMatchObject({
      code: 'TKL_CONFIG_INVALID',
      message: 'There can be one seal plugin, but "toy" and "second" are configured. Keep one.',
    })
  })

  it('takes one store of sessions and no second, which would never be asked', async () => {
    const { createGateway } = await import('tokligence')
    const plugins = [memorySessions(), memorySessions({ id: 'second' })]
    await expect(createGateway({ plugins })).rejects.toMatchObject({
      code: 'TKL_CONFIG_INVALID',
      message: 'There can be one session plugin, but "memory" and "second" are configured. Keep one.',
    })
  })

  it('warns about what is missing', async () => {
    const { createGateway } = await import('tokligence')
    const gateway = await createGateway({ plugins: [], log: { level: 'silent' } })
    expect(gateway.warnings).toEqual([
      'authentication is off: only this machine can call the gateway',
      'no ledger is configured: requests are not recorded',
      'no provider is configured: every request will be refused',
      'no protocol is configured: there are no endpoints',
    ])
    await gateway.close()
  })
})

describe('closing', () => {
  it('lets live streams end, takes nothing new, and then disposes', async () => {
    let goOn: () => void = () => undefined
    const { gateway, url, ledger } = await boot((_request, _body, response) => {
      sse(response, '{"text":"a"}')
      goOn = () => response.end('data: END\n\n')
    })
    const answer = await post(`${url}/a`, { model: 'm1', stream: true, say: '' })
    const closing = gateway.close()
    await expect(post(`${url}/a`, { model: 'm1', say: '' })).rejects.toThrow()
    goOn()
    expect(await answer.text()).toContain('END')
    await closing
    expect(ledger.records).toHaveLength(1)
  })

  it('gives up what does not end in time, with an error in the caller’s protocol', async () => {
    const { gateway, url, ledger } = await boot((_request, _body, response) => sse(response, '{"text":"a"}'), { settings: { drainTimeout: 50 } })
    const answer = await post(`${url}/a`, { model: 'm1', stream: true, say: '' })
    await gateway.close()
    expect(await answer.text()).toContain('"failed":"The gateway is shutting down."')
    expect(ledger.records).toMatchObject([{ errorCode: 'TKL_SHUTTING_DOWN' }])
  })
})
