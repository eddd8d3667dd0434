import { describe, expect, it } from 'vitest'
import type { UpstreamHandler } from '../../../core/contracts/upstream.ts'
import { GatewayError } from '../../../core/errors.ts'
import { openTransport, requestTo, serve, serveSocket, settled } from './local-upstream.ts'

/** A handler that remembers what it was told, and resolves `over` at the end. */
function listen() {
  const told = { status: 0, headers: {} as Readonly<Record<string, string | string[]>>, errors: [] as Error[] }
  let finish: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    finish = resolve
  })
  const handler: UpstreamHandler = {
    onHead(status, headers) {
      told.status = status
      told.headers = headers
    },
    onData: () => true,
    onEnd: () => finish(),
    onError(error) {
      told.errors.push(error)
      finish()
    },
  }
  return { told, over, handler }
}

const gone = new GatewayError('TKL_CLIENT_GONE', 'The caller left.')

describe('HttpTransport', () => {
  it('hears an abort at once while the connection is still being made', async () => {
    // Accepts, but never does its part of the TLS handshake.
    let connections = 0
    const origin = await serveSocket(() => {
      connections++
    })
    const { told, handler } = listen()
    const control = openTransport().transport.exchange(requestTo(origin.replace('http:', 'https:')), handler)
    while (connections === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    control.abort(gone)
    expect(told.errors).toEqual([gone])
    expect(control.sent).toBe(false)
  })

  it('sends nothing on the connection that comes after the abort', async () => {
    let connections = 0
    let received = 0
    const origin = await serveSocket((socket) => {
      connections++
      socket.on('data', (chunk) => {
        received += chunk.length
      })
    })
    const { told, handler } = listen()
    const control = openTransport().transport.exchange(requestTo(origin), handler)
    control.abort(gone)
    while (connections === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await settled(() => received)).toBe(0)
    expect(told.errors).toEqual([gone])
    expect(control.sent).toBe(false)
  })

  it('uses the origin as before after an exchange was given up while connecting', async () => {
    const origin = await serve((_request, response) => response.end('fine'))
    const { exchange } = openTransport().transport
    exchange(requestTo(origin), listen().handler).abort(gone)
    const second = listen()
    exchange(requestTo(origin), second.handler)
    await second.over
    expect(second.told).toMatchObject({ status: 200, errors: [] })
  })

  it('tells what was sent from what was not', async () => {
    const { exchange } = openTransport().transport
    const cutting = await serve((request) => request.socket.destroy())
    const noTls = (await serveSocket((socket) => socket.end('this is not TLS'))).replace('http:', 'https:')
    const outcomes: Record<string, boolean | undefined> = {}
    for (const [name, origin] of Object.entries({ cutting, noTls, refusing: 'http://127.0.0.1:1' })) {
      const { over, handler } = listen()
      const control = exchange(requestTo(origin), handler)
      await over
      outcomes[name] = control.sent
    }
    expect(outcomes).toEqual({ cutting: true, noTls: false, refusing: false })
  })

  it('takes headers that are called like parts of an object', async () => {
    const origin = await serveSocket((socket) => {
      socket.once('data', () => {
        socket.end('HTTP/1.1 200 OK\r\nconstructor: a\r\n__proto__: b\r\n__proto__: c\r\ntoString: d\r\ncontent-length: 0\r\n\r\n')
      })
    })
    const { told, over, handler } = listen()
    openTransport().transport.exchange(requestTo(origin), handler)
    await over
    expect(told.errors).toEqual([])
    expect(Object.entries(told.headers)).toEqual([
      ['constructor', 'a'],
      ['__proto__', ['b', 'c']],
      ['tostring', 'd'],
      ['content-length', '0'],
    ])
  })

  it('takes no pool after it has given its own back', async () => {
    let requests = 0
    const origin = await serve((_request, response) => {
      requests++
      response.end()
    })
    const { transport, shared } = openTransport()
    const first = listen()
    transport.exchange(requestTo(origin), first.handler)
    await first.over
    expect(shared.size).toBe(1)
    await transport.dispose()
    const late = listen()
    transport.exchange(requestTo(origin), late.handler)
    await late.over
    expect(late.told.errors).toMatchObject([{ code: 'TKL_SHUTTING_DOWN' }])
    expect({ requests, pools: shared.size }).toEqual({ requests: 1, pools: 0 })
  })
})
