import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Exchange } from '../../../core/contracts/upstream.ts'
import { collectBody, UpstreamAnswer } from '../../../core/upstream/answer.ts'
import { decompressing } from '../../../core/upstream/decompress.ts'
import { openTransport, requestTo, serve } from './local-upstream.ts'

const owner = () => ({ onAbort: undefined })

describe('collectBody', () => {
  it('gives a body of just the limit', async () => {
    const origin = await serve((_request, response) => response.end('0123456789'))
    const answer = await UpstreamAnswer.send(openTransport().transport.exchange, requestTo(origin), owner())
    expect((await collectBody(answer, 10)).toString()).toBe('0123456789')
  })

  it('rejects at the byte that passes the limit, although the provider never ends, and leaves', async () => {
    let left: () => void = () => undefined
    const leaving = new Promise<void>((resolve) => {
      left = resolve
    })
    const origin = await serve((_request, response) => {
      response.on('close', left)
      response.write('01234')
      setTimeout(() => response.write('56789A'), 20)
    })
    const answer = await UpstreamAnswer.send(openTransport().transport.exchange, requestTo(origin), owner())
    await expect(collectBody(answer, 10)).rejects.toMatchObject({ code: 'TKL_UPSTREAM_MALFORMED', message: expect.stringContaining('10 bytes') })
    await leaving
  })

  it('rejects a body that passes the limit only when decoded, and that the provider has ended already', async () => {
    const origin = await serve((_request, response) => response.end(gzipSync(Buffer.alloc(1024 * 1024))))
    const answer = await UpstreamAnswer.send(openTransport().transport.exchange, requestTo(origin), owner())
    const body = collectBody(answer, 100_000, (inner) => decompressing('gzip', inner, () => answer.resume()))
    await expect(body).rejects.toMatchObject({ code: 'TKL_UPSTREAM_MALFORMED', message: expect.stringContaining('100000 bytes') })
  })
})

describe('UpstreamAnswer', () => {
  it('takes an exchange that does not say whether it sent for one that did', async () => {
    const exchange: Exchange = (_request, handler) => {
      queueMicrotask(() => handler.onHead(200, {}))
      return { abort: () => undefined, resume: () => undefined }
    }
    expect((await UpstreamAnswer.send(exchange, requestTo('http://127.0.0.1:1'), owner())).sent).toBe(true)
  })

  it('tells the caller of a request that was never answered whether it was sent', async () => {
    const origin = await serve((request) => request.socket.destroy())
    const { exchange } = openTransport().transport
    let broken: UpstreamAnswer | undefined
    const cut = UpstreamAnswer.send(exchange, requestTo(origin), owner(), (answer) => {
      broken = answer
    })
    await expect(cut).rejects.toMatchObject({ code: 'TKL_UPSTREAM_CUT' })
    expect(broken?.sent).toBe(true)

    let unsent: UpstreamAnswer | undefined
    const refused = UpstreamAnswer.send(exchange, requestTo('http://127.0.0.1:1'), owner(), (answer) => {
      unsent = answer
    })
    await expect(refused).rejects.toMatchObject({ code: 'TKL_UPSTREAM_UNREACHABLE' })
    expect(unsent?.sent).toBe(false)
  })
})
