import { createServer } from 'node:net'
import { GatewayError } from 'tokligence'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { always, bootToys, closeToys, either, pause, post, postUntil, sse, startToyGateway, ToyLedger, toyPlugins } from './toy-gateway.ts'

afterEach(closeToys)

const reply = '{"text":"hi","usage":{"in":100,"out":50}}'
const measured = { inputUncached: 100, output: 50, source: 'measured' }
const request = { model: 'm', say: 'x'.repeat(4_000) }

describe('what was never sent', () => {
  it('costs nothing when the caller leaves while a guard thinks', async () => {
    const guarding = vi.fn(() => pause(100).then(() => undefined))
    const { url, upstream, ledger } = await bootToys(always(reply), { setup: (api) => api.hooks.guardRequest.tap(guarding) })
    const leaving = new AbortController()
    postUntil(leaving.signal, `${url}/a`, request)
    await expect.poll(() => guarding.mock.calls.length).toBe(1)
    leaving.abort()
    await expect.poll(() => ledger.records.length).toBe(1)
    expect(ledger.records).toMatchObject([{ ending: 'client-gone', attempts: 0 }])
    expect(ledger.records[0]?.usage).toBeUndefined()
    expect([upstream.seen.length, ledger.opened.length]).toEqual([0, 0])
  })

  it.each([
    { what: 'refuses the connection', origin: () => 'http://127.0.0.1:1' },
    { what: 'speaks no TLS', origin: (plain: string) => plain.replace('http:', 'https:') },
  ])('costs nothing when the provider $what', async ({ origin }) => {
    const { upstream } = await bootToys(always(reply))
    const { url, ledger, close } = await startToyGateway({ upstream: origin(upstream.url) })
    expect((await post(`${url}/a`, request)).status).toBe(502)
    await close()
    expect(ledger.closed).toMatchObject([{ ending: 'upstream-error' }])
    expect([ledger.closed[0]?.usage, ledger.records[0]?.usage]).toEqual([undefined, undefined])
    expect(upstream.seen).toEqual([])
  })

  it('costs nothing, and is booked at once, when the caller leaves while the connection is made', async () => {
    const connected = vi.fn()
    const mute = createServer(connected)
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const address = mute.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { url, ledger, close } = await startToyGateway({ upstream: `https://127.0.0.1:${port}` })
    const leaving = new AbortController()
    postUntil(leaving.signal, `${url}/a`, request)
    await expect.poll(() => connected.mock.calls.length).toBe(1)
    leaving.abort()
    await expect.poll(() => ledger.records.length, { timeout: 400 }).toBe(1)
    expect(ledger.records[0]).toMatchObject({ ending: 'client-gone' })
    expect(ledger.records[0]?.usage).toBeUndefined()
    await close()
    mute.close()
  })

  it('is no attempt when the caller leaves while another try waits', async () => {
    const { url, upstream, ledger } = await bootToys(always('busy', 429), {
      setup: (api) => api.hooks.resolveRetry.tap(({ target }) => ({ target, delay: 3_000 })),
    })
    const leaving = new AbortController()
    postUntil(leaving.signal, `${url}/a`, request)
    await expect.poll(() => ledger.closed.length).toBe(1)
    leaving.abort()
    await expect.poll(() => ledger.records.length, { timeout: 400 }).toBe(1)
    expect(ledger.records).toMatchObject([{ ending: 'client-gone', attempts: 1 }])
    expect(ledger.records[0]?.usage).toBeUndefined()
    expect([upstream.seen.length, ledger.opened.length]).toEqual([1, 1])
  })
})

describe('what was spent', () => {
  it('is kept when a guard refuses the reply', async () => {
    const { url, ledger } = await bootToys(always(reply), {
      setup: (api) => api.hooks.guardReply.tap(() => new GatewayError('TKL_REQUEST_REFUSED', 'no')),
    })
    await post(`${url}/a`, request)
    expect(ledger.records).toMatchObject([{ ending: 'rejected', usage: measured }])
    expect(ledger.closed).toMatchObject([{ ending: 'rejected', usage: measured }])
  })

  it.each([true, false])('stays measured when a transform drops every event (stream: %s)', async (stream) => {
    const { url, ledger } = await bootToys(either(reply, '{"text":"one"}', '{"usage":{"in":100,"out":50}}', 'END'), {
      setup: (api) => api.hooks.openReply.tap(() => ({ event: () => undefined })),
    })
    await (await post(`${url}/a`, { ...request, stream })).text()
    expect(ledger.records).toMatchObject([{ ending: 'complete', usage: measured }])
  })

  it.each([
    { last: 'answers', usage: { inputUncached: 5_007, output: 10, source: 'measured' } },
    { last: 'refuses', usage: { inputUncached: 5_000, output: 1, source: 'measured' } },
  ])('is summed over the attempts when the last one $last', async ({ last, usage }) => {
    let calls = 0
    const { url, ledger } = await bootToys(
      (asked, body, response) => {
        if (calls++ === 0) sse(response, '{"usage":{"in":5000,"out":1}}', '{"failed":"overloaded"}')
        else if (last === 'refuses') return always('bad', 400)(asked, body, response)
        else sse(response, '{"text":"one"}', '{"usage":{"in":7,"out":9}}', 'END')
        response.end()
      },
      {
        speaks: 'b',
        setup: (api) => api.hooks.resolveRetry.tap(({ target }, { attempts }) => (attempts.length < 2 ? { target } : undefined)),
      },
    )
    await (await post(`${url}/a`, { ...request, stream: true })).text()
    expect(ledger.records).toMatchObject([{ attempts: 2, usage }])
    expect(ledger.closed[0]?.usage).toMatchObject({ inputUncached: 5_000, output: 1 })
  })
})

describe('estimates', () => {
  it('take a picture in base64 for a picture, and a long text for a text', async () => {
    const { url, ledger } = await bootToys(always(reply))
    for (const say of [`data:image/png;base64,${'A'.repeat(4_000_000)}`, 'word '.repeat(800_000)]) await post(`${url}/a`, { model: 'm', say })
    const [picture, text] = ledger.opened.map(({ estimatedInput }) => estimatedInput)
    expect(picture).toBeLessThan(5_000)
    expect(picture).toBeGreaterThan(100)
    expect(text).toBeGreaterThan(900_000)
  })

  it('are alike for a translated stream and the same reply in one piece', async () => {
    const text = 'word '.repeat(400)
    const piece = (words: string) => JSON.stringify({ text: words })
    const { url, ledger } = await bootToys(either(piece(text), piece(text.slice(0, 700)), piece(text.slice(700)), 'END'), { speaks: 'b' })
    for (const stream of [true, false]) await (await post(`${url}/a`, { ...request, stream })).text()
    const [streamed, unary] = ledger.records.map(({ usage }) => usage)
    expect(streamed).toEqual({ inputUncached: 1_000, output: 500, source: 'estimated' })
    expect(unary).toEqual(streamed)
  })
})

describe('the ledger', () => {
  it('is recovered when it comes with a reload', async () => {
    const { gateway, upstream } = await bootToys(always(reply))
    const ledger = new ToyLedger()
    ledger.recover = vi.fn(async () => 1)
    await gateway.reload({ plugins: toyPlugins({ upstream: upstream.url }, ledger) })
    expect(ledger.recover).toHaveBeenCalledTimes(1)
  })

  it('has no onMeter said of a row that it did not take', async () => {
    const ledger = new ToyLedger()
    ledger.failure = new GatewayError('TKL_LEDGER_UNAVAILABLE', 'full')
    const metered = vi.fn()
    const failed = vi.fn()
    const { url } = await bootToys(always(reply), {
      ledger,
      setup: (api) => {
        api.hooks.onMeter.tap(metered)
        api.hooks.onError.tap(({ code }) => failed(code))
      },
    })
    expect((await post(`${url}/a`, request)).status).toBe(503)
    expect(failed.mock.calls).toEqual([['TKL_LEDGER_UNAVAILABLE']])
    await pause(30)
    expect(metered).not.toHaveBeenCalled()
  })
})
