import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { modelRoutes, openai, openaiChat } from 'tokligence/plugins'
import { createHarness } from 'tokligence/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ownRecording, type Recording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { plainText } from './conversations.ts'
import { beforeTheEnd } from './cut-places.ts'
import { dialects } from './dialects/index.ts'
import { eventually, type Path, pathBetween, paths, sourceOfPart, startVendors, type Vendors } from './vendors.ts'

let gateway: Vendors

beforeEach(async () => {
  gateway = await startVendors()
})

afterEach(() => gateway.close())

function call({ caller, model }: Path, stream: boolean, signal: AbortSignal): Promise<Response> {
  const { endpoint, login, body } = dialects[caller]
  return fetch(gateway.url + endpoint(model, stream), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...login, 'x-request-id': 'leaving-1' },
    body: JSON.stringify(body({ ...plainText[caller], model, stream })),
    signal,
  })
}

/** The recording's bytes up to its end, which never comes. */
function endless(recording: Recording) {
  return playRecording(recording, { cutAfter: beforeTheEnd(recording), ending: 'hang' })
}

describe.each(paths)('a caller that leaves ($name)', (path) => {
  it('aborts the upstream within 100 ms, in the middle of a stream, and is metered', async () => {
    const waits: number[] = []
    for (let times = 0; times < 3; times++) {
      gateway.upstream.reply(endless(ownRecording(path.upstream, 'text')))
      const controller = new AbortController()
      const reply = await call(path, true, controller.signal)
      await reply.body?.getReader().read()
      const left = performance.now()
      controller.abort()
      waits.push((await gateway.upstream.lastRequest.gone) - left)
    }
    // The best of three: the machine may be busy with other things.
    expect(Math.min(...waits)).toBeLessThan(100)
    await eventually(() => gateway.ledger.records()[2])
    for (const row of gateway.ledger.records()) {
      expect(row).toMatchObject({ ending: 'client-gone', errorCode: 'TKL_CLIENT_GONE', requestId: 'leaving-1', stream: true, attempts: 1 })
      expect(row.usage).toMatchObject({ source: sourceOfPart(path), output: expect.any(Number) })
      expect(row.usage?.output).toBeGreaterThan(0)
    }
    expect(gateway.ledger.attempts()).toMatchObject(Array(3).fill({ closed: { ending: 'client-gone' } }))
  })

  it.each([false, true])('aborts the upstream at once while its head is awaited (streamed: %s)', async (stream) => {
    gateway.upstream.reply({ headDelay: Number.POSITIVE_INFINITY })
    const controller = new AbortController()
    const pending = call(path, stream, controller.signal).catch((error: unknown) => error)
    await eventually(() => gateway.upstream.requests[0])
    const left = performance.now()
    controller.abort()
    expect((await gateway.upstream.lastRequest.gone) - left).toBeLessThan(1000)
    expect(await pending).toBeInstanceOf(Error)
    expect(await eventually(() => gateway.ledger.records()[0])).toMatchObject({ ending: 'client-gone', attempts: 1 })
  })

  it('aborts the upstream at once in the middle of a whole reply', async () => {
    const recording = ownRecording(path.upstream, 'text-unary')
    gateway.upstream.reply(playRecording(recording, { cutAfter: 100, ending: 'hang' }))
    const controller = new AbortController()
    const pending = call(path, false, controller.signal).catch((error: unknown) => error)
    await eventually(() => gateway.upstream.requests[0])
    await new Promise((resolve) => setTimeout(resolve, 50))
    const left = performance.now()
    controller.abort()
    expect((await gateway.upstream.lastRequest.gone) - left).toBeLessThan(1000)
    await pending
    expect(await eventually(() => gateway.ledger.records()[0])).toMatchObject({ ending: 'client-gone' })
  })
})

describe('many callers that leave', () => {
  it('are all metered, each once', async () => {
    const path = pathBetween('openai-chat', 'anthropic-messages')
    const recording = ownRecording(path.upstream, 'text')
    gateway.upstream.always(endless(recording))
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        const controller = new AbortController()
        const reply = await call(path, true, controller.signal)
        await reply.body?.getReader().read()
        controller.abort()
      }),
    )
    await eventually(() => (gateway.ledger.records().length === 40 ? true : undefined))
    expect(new Set(gateway.ledger.records().map(({ ending }) => ending))).toEqual(new Set(['client-gone']))
    expect(gateway.ledger.attempts().every(({ closed }) => closed?.ending === 'client-gone')).toBe(true)
  })
})

describe('a slow reader', () => {
  it('slows the upstream down instead of filling the memory', async () => {
    const event = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"${'x'.repeat(60_000)}"},"finish_reason":null}]}\n\n`
    let taken = 0
    const generous = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const pour = () => {
        for (let open = true; open && !response.destroyed; taken += event.length) open = response.write(event)
      }
      response.on('drain', pour)
      pour()
    })
    await new Promise<void>((resolve) => generous.listen(0, '127.0.0.1', resolve))
    const { port } = generous.address() as AddressInfo
    const harness = await createHarness({
      plugins: [openaiChat(), openai({ apiKey: 'k', baseUrl: `http://127.0.0.1:${port}/v1` }), modelRoutes({ '*': 'openai' })],
    })
    const socket = connect(Number(new URL(harness.url).port), '127.0.0.1').pause()
    const text = '{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}'
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`)
    await new Promise((resolve) => setTimeout(resolve, 1200))
    const early = taken
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(early).toBeGreaterThan(0)
    expect(taken).toBe(early)
    // What two sockets hold between them, and no more.
    expect(taken).toBeLessThan(24_000_000)
    socket.destroy()
    await harness.close()
    generous.close().closeAllConnections()
  })
})
