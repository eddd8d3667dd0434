import { request as httpRequest } from 'node:http'
import { definePlugin } from 'tokligence'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { always, bootToys, closeToys, either, pause, post, rawPost, speak, sse, toyPlugins } from './toy-gateway.ts'

afterEach(closeToys)

const reply = '{"text":"hi","usage":{"in":100,"out":50}}'

/** Reads a whole answer, a piece at a time, with a rest after each. */
function readSlowly(url: string): Promise<{ bytes: number; complete: boolean; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    const asking = httpRequest(`${url}/a`, { method: 'POST', headers: { 'content-type': 'application/json' } }, (answer) => {
      let bytes = 0
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length
        answer.pause()
        setTimeout(() => answer.resume(), 1)
      })
      answer.on('close', () => resolve({ bytes, complete: answer.complete, connection: answer.headers.connection }))
      answer.on('error', () => undefined)
    })
    asking.on('error', reject)
    asking.end('{"model":"m","say":"x"}')
  })
}

describe('closing', () => {
  it('lets a large answer out to its last byte although it has ended and is not read yet', async () => {
    const body = `{"text":"${'y'.repeat(30_000_000)}","usage":{"in":1,"out":2}}`
    const { gateway, url, ledger } = await bootToys(always(body), { settings: { drainTimeout: 20_000 } })
    const reading = readSlowly(url)
    await expect.poll(() => ledger.records.length).toBe(1)
    const closed = gateway.close()
    expect(await reading).toMatchObject({ bytes: body.length, complete: true })
    await closed
  }, 30_000)

  it('tells callers whose answer has not begun that the connection ends with it', async () => {
    let goOn: () => void = () => undefined
    const { gateway, url, upstream } = await bootToys((_request, _body, response) => {
      goOn = () => void response.writeHead(200, { 'content-type': 'application/json' }).end(reply)
    })
    const reading = readSlowly(url)
    await expect.poll(() => upstream.seen.length).toBe(1)
    const closed = gateway.close()
    goOn()
    expect(await reading).toEqual({ bytes: reply.length, complete: true, connection: 'close' })
    await closed
  })

  it('books a pipelined request whose connection dies, and does not wait for it', async () => {
    const { gateway, url, upstream, ledger } = await bootToys(
      (_request, _body, response) => {
        sse(response, '{"text":"a"}')
        const timer = setInterval(() => response.write('data: {"text":"a"}\n\n'), 20)
        response.on('close', () => clearInterval(timer))
      },
      { settings: { drainTimeout: 5_000 } },
    )
    const ask = rawPost('/a', { model: 'm', stream: true, say: 'x' })
    const { socket } = speak(url, ask + ask)
    await expect.poll(() => upstream.seen.length).toBe(2)
    socket.destroy()
    await expect.poll(() => ledger.records.map(({ ending }) => ending)).toEqual(['client-gone', 'client-gone'])
    const started = performance.now()
    await gateway.close()
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  it('comes to an end although a route, an observer or a set-up of a plugin never does', async () => {
    const never = () => new Promise<never>(() => undefined)
    const settings = { drainTimeout: 50 }
    const route = await bootToys(always(reply), { settings, setup: (api) => api.addRoute({ method: 'GET', path: '/hang', handle: never }) })
    const asked = fetch(`${route.url}/hang`).then(
      () => 'answered',
      () => 'cut',
    )
    const observer = await bootToys(always(reply), { settings, setup: (api) => api.hooks.onMeter.tap(never, { timeout: 0 }) })
    expect((await post(`${observer.url}/a`, { model: 'm', say: 'x' })).status).toBe(200)
    const setUp = await bootToys(always(reply), { settings })
    const hanging = definePlugin({ kind: 'detector', name: 'hanging', apiVersion: 1, options: z.strictObject({}), setup: never })
    const reloaded = vi.fn()
    setUp.gateway.reload({ plugins: [...toyPlugins({ upstream: setUp.upstream.url }, setUp.ledger), hanging()] }).then(reloaded, reloaded)
    await pause(50)
    await Promise.all([route.gateway.close(), observer.gateway.close(), setUp.gateway.close()])
    expect(await asked).toBe('cut')
    expect(reloaded).not.toHaveBeenCalled()
    await expect(post(`${setUp.url}/a`, { model: 'm', say: 'x' })).rejects.toThrow()
  }, 12_000)

  it('answers 503 in the envelope when a stream has not had its first event', async () => {
    const { gateway, url, upstream, ledger } = await bootToys(
      (_request, _body, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: {"te')
      },
      { settings: { drainTimeout: 50 } },
    )
    const asked = post(`${url}/a`, { model: 'm', stream: true, say: 'x' }, { 'x-request-id': 'mine-1' })
    await expect.poll(() => upstream.seen.length).toBe(1)
    await pause(50)
    const closed = gateway.close()
    const answer = await asked
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('x-request-id')]).toEqual([503, 'application/json', 'mine-1'])
    expect(await answer.json()).toMatchObject({ code: 'TKL_SHUTTING_DOWN', requestId: 'mine-1' })
    await closed
    expect(ledger.records).toMatchObject([{ ending: 'interrupted', errorCode: 'TKL_SHUTTING_DOWN' }])
  })

  it('disposes plugins only when their observers are done', async () => {
    const order: string[] = []
    const { gateway, url } = await bootToys(always(reply), {
      setup: (api) => {
        const observe = (name: string) => () => pause(60).then(() => void order.push(name))
        api.onDispose(() => void order.push('disposed'))
        api.hooks.onMeter.tap(observe('onMeter'))
        api.hooks.onRequestEnd.tap(observe('onRequestEnd'))
      },
    })
    await (await post(`${url}/a`, { model: 'm', say: 'x' })).text()
    await gateway.close()
    expect(order.slice(0, 2).sort()).toEqual(['onMeter', 'onRequestEnd'])
    expect(order.slice(2)).toEqual(['disposed'])
  })
})

describe('letting go of the provider', () => {
  /** Never ends what it has begun; says when the gateway has left. */
  const endless = (headers: Record<string, string>, first: string) => {
    const left = vi.fn()
    const play: Parameters<typeof bootToys>[0] = (_request, _body, response) => {
      response.writeHead(200, headers).write(first)
      const timer = setInterval(() => response.write(first), 20)
      response.on('close', () => {
        clearInterval(timer)
        left()
      })
    }
    return { left, play }
  }

  it.each([
    { what: 'a stream in an unknown encoding', stream: true, headers: { 'content-type': 'text/event-stream', 'content-encoding': 'lzma' } },
    { what: 'a reply in an unknown encoding', stream: false, headers: { 'content-type': 'application/json', 'content-encoding': 'lzma' } },
    { what: 'a reply that is no gzip', stream: false, headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } },
    { what: 'a stream that is no gzip', stream: true, headers: { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' } },
  ])('leaves $what at once', async ({ stream, headers }) => {
    const { left, play } = endless(headers, 'neither of them')
    const { url, ledger } = await bootToys(play, { speaks: 'b' })
    expect((await post(`${url}/a`, { model: 'm', stream, say: 'x' })).status).toBe(502)
    await expect.poll(() => left.mock.calls.length, { timeout: 150 }).toBe(1)
    expect(ledger.records).toHaveLength(1)
  })

  it.each([
    { what: 'is whole', play: () => either('', '{"text":"a"}', 'END') },
    { what: 'fails', play: () => either('', '{"failed":"busy"}') },
    { what: 'cannot be decoded', play: () => endless({ 'content-type': 'text/event-stream', 'content-encoding': 'lzma' }, 'x').play },
  ])('leaves no ping timer behind when a stream $what', async ({ play }) => {
    const pingInterval = 54_321
    const made = vi.spyOn(globalThis, 'setInterval')
    const cleared = vi.spyOn(globalThis, 'clearInterval')
    const { url } = await bootToys(play(), { speaks: 'b', settings: { pingInterval } })
    await (await post(`${url}/a`, { model: 'm', stream: true, say: 'x' })).text()
    const timers = made.mock.results.filter((_result, index) => made.mock.calls[index]?.[1] === pingInterval).map(({ value }) => value as NodeJS.Timeout)
    const gone = cleared.mock.calls.map(([timer]) => timer)
    vi.restoreAllMocks()
    expect(timers).toHaveLength(1)
    expect(gone).toContain(timers[0])
  })
})
