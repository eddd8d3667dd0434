import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { GatewayError } from '../../../core/errors.ts'
import { readBody } from '../../../core/wire/body.ts'

/** Sends a body only when it is asked for with `100 Continue`. Resolves with the answer and with whether it was asked. */
async function sendExpecting(headers: Record<string, string | number>, body: Buffer): Promise<{ text: string; asked: boolean; starts: number }> {
  let starts = 0
  const server = createServer()
  server.on('checkContinue', async (request: IncomingMessage, response: ServerResponse) => {
    const onStart = () => {
      starts++
      response.writeContinue()
    }
    try {
      response.end(await readBody(request, { limit: 1_000, onStart }))
    } catch (error) {
      response.writeHead(400, { connection: 'close' }).end(GatewayError.from(error).code)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => server.close().closeAllConnections())
  return new Promise((resolve, reject) => {
    let asked = false
    const request = httpRequest(
      { port: (server.address() as AddressInfo).port, method: 'POST', agent: false, headers: { expect: '100-continue', ...headers } },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece) => {
          text += piece
        })
        response.on('end', () => resolve({ text, asked, starts }))
      },
    )
    request.on('error', reject)
    request.on('continue', () => {
      asked = true
      request.end(body)
    })
    request.flushHeaders()
    onTestFinished(() => void request.destroy())
  })
}

describe('readBody with onStart', () => {
  const packed = gzipSync('hello')

  it.each([
    ['a plain body', { 'content-length': 5 }, Buffer.from('hello')],
    ['a body of unknown length', {}, Buffer.from('hello')],
    ['a body in identity', { 'content-length': 5, 'content-encoding': 'identity' }, Buffer.from('hello')],
    ['a packed body', { 'content-length': packed.length, 'content-encoding': 'gzip' }, packed],
  ])('asks once for %s', async (_name, headers, body) => {
    expect(await sendExpecting(headers, body)).toEqual({ text: 'hello', asked: true, starts: 1 })
  })

  it.each([
    ['a body that is too large', { 'content-length': 1_001 }, 'TKL_REQUEST_TOO_LARGE'],
    ['a body in identity that is too large', { 'content-length': 1_001, 'content-encoding': 'identity' }, 'TKL_REQUEST_TOO_LARGE'],
    ['a packed body that is too large', { 'content-length': 10_000, 'content-encoding': 'gzip' }, 'TKL_REQUEST_TOO_LARGE'],
    ['an encoding that is not known', { 'content-length': 5, 'content-encoding': 'snappy' }, 'TKL_ENCODING_UNSUPPORTED'],
  ])('does not ask for %s', async (_name, headers, code) => {
    expect(await sendExpecting(headers, Buffer.alloc(0))).toEqual({ text: code, asked: false, starts: 0 })
  })
})
