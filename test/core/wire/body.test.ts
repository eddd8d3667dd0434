import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { GatewayError } from '../../../core/errors.ts'
import { discardBody, readBody } from '../../../core/wire/body.ts'
import { zstdFrame, zstdRecorded } from './zstd-frames.ts'

const mebibyte = 1024 * 1024
const closers: (() => void)[] = []

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

interface Outcome {
  body?: Buffer
  error?: GatewayError
  rssGrowth: number
}

/** A server that reads one body the way the gateway does, and what it made of it. */
async function startReader(limit: number) {
  const outcomes: Outcome[] = []
  const waiting: ((outcome: Outcome) => void)[] = []
  const settle = (outcome: Outcome) => (waiting.shift() ?? ((late: Outcome) => outcomes.push(late)))(outcome)
  const server = createServer(async (request: IncomingMessage, response) => {
    const before = process.memoryUsage().rss
    try {
      const body = await readBody(request, { limit })
      settle({ body, rssGrowth: process.memoryUsage().rss - before })
      response.end('ok')
    } catch (error) {
      settle({ error: error as GatewayError, rssGrowth: process.memoryUsage().rss - before })
      const text = (error as GatewayError).code
      response.writeHead((error as GatewayError).status, { connection: 'close', 'content-length': text.length })
      response.write(text)
      await discardBody(request)
      response.end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close().closeAllConnections())
  const port = (server.address() as AddressInfo).port
  return { port, outcome: () => new Promise<Outcome>((resolve) => (outcomes.length > 0 ? resolve(outcomes.shift() as Outcome) : waiting.push(resolve))) }
}

/** Sends a whole request and answers with status and body of the reply. */
function send(port: number, headers: Record<string, string>, pieces: readonly Buffer[]): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    request.on('error', reject)
    for (const piece of pieces) request.write(piece)
    request.end()
  })
}

const text = Buffer.from(JSON.stringify({ model: 'm', text: 'the same words, again and again – ✓ '.repeat(400) }))

describe('readBody', () => {
  it('collects a plain body, in one piece or in many', async () => {
    const { port, outcome } = await startReader(mebibyte)
    await send(port, {}, [text])
    expect((await outcome()).body).toEqual(text)
    await send(port, {}, [text.subarray(0, 1), text.subarray(1, 700), text.subarray(700)])
    expect((await outcome()).body).toEqual(text)
    await send(port, {}, [])
    expect((await outcome()).body).toEqual(Buffer.alloc(0))
  })

  it.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['br', brotliCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['identity', text],
    ['', text],
    ['zstd', zstdFrame([text.subarray(0, 5000), text.subarray(5000)])],
    ['zstd', Buffer.concat([zstdFrame([text.subarray(0, 10)]), zstdFrame([text.subarray(10)])])],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['deflate, identity, gzip', gzipSync(deflateRawSync(text))],
  ])('undoes the content-encoding "%s", also byte by byte', async (encoding, packed) => {
    const { port, outcome } = await startReader(mebibyte)
    await send(port, { 'content-encoding': encoding }, [packed])
    expect((await outcome()).body).toEqual(text)
    const bytes = Array.from({ length: Math.min(packed.length, 60) }, (_, index) => packed.subarray(index, index + 1))
    await send(port, { 'content-encoding': encoding }, [...bytes, packed.subarray(bytes.length)])
    expect((await outcome()).body).toEqual(text)
  })

  it('reads what the zstd tool writes, with and without checksum and content size', async () => {
    const { port, outcome } = await startReader(mebibyte)
    for (const packed of zstdRecorded.frames) {
      await send(port, { 'content-encoding': 'zstd' }, [packed])
      expect((await outcome()).body).toEqual(zstdRecorded.plain)
    }
  })

  it('takes an empty encoded body as empty', async () => {
    const { port, outcome } = await startReader(mebibyte)
    await send(port, { 'content-encoding': 'gzip' }, [])
    expect((await outcome()).body).toEqual(Buffer.alloc(0))
  })

  it('refuses an encoding that it does not know, and a pile of them', async () => {
    const { port, outcome } = await startReader(mebibyte)
    expect(await send(port, { 'content-encoding': 'compress' }, [text])).toEqual({ status: 415, text: 'TKL_ENCODING_UNSUPPORTED' })
    expect((await outcome()).error?.message).toContain('"compress"')
    expect((await send(port, { 'content-encoding': 'gzip, gzip, gzip, gzip' }, [text])).status).toBe(415)
  })

  it('takes a body of exactly the limit and refuses one byte more', async () => {
    const { port, outcome } = await startReader(text.length)
    expect((await send(port, {}, [text])).status).toBe(200)
    expect((await send(port, { 'content-encoding': 'gzip' }, [gzipSync(text)])).status).toBe(200)
    await outcome()
    await outcome()
    const longer = Buffer.concat([text, Buffer.from(' ')])
    for (const [headers, body] of [
      [{}, longer],
      [{ 'transfer-encoding': 'chunked' }, longer],
      [{ 'content-encoding': 'gzip' }, gzipSync(longer)],
      [{ 'content-encoding': 'br' }, brotliCompressSync(longer)],
      [{ 'content-encoding': 'zstd' }, zstdFrame([longer])],
    ] as const)
      expect(await send(port, headers, [body])).toEqual({ status: 413, text: 'TKL_REQUEST_TOO_LARGE' })
  })

  it('refuses by content-length before a byte of the body has come', async () => {
    const { port, outcome } = await startReader(1000)
    const socket = connect(port, '127.0.0.1')
    closers.push(() => socket.destroy())
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n')
    expect((await outcome()).error?.code).toBe('TKL_REQUEST_TOO_LARGE')
  })

  it('answers a caller that sends far more than the limit before it reads', async () => {
    const { port } = await startReader(mebibyte)
    const reply = await send(port, {}, [Buffer.alloc(33 * mebibyte, 0x20)])
    expect(reply).toEqual({ status: 413, text: 'TKL_REQUEST_TOO_LARGE' })
  })

  it.each([
    ['gzip', gzipSync(Buffer.alloc(200 * mebibyte))],
    ['deflate', deflateRawSync(Buffer.alloc(200 * mebibyte))],
    ['br', brotliCompressSync(Buffer.alloc(200 * mebibyte), { params: { 1: 4 } })],
    ['zstd', zstdFrame(Array.from({ length: 1600 }, () => ({ byte: 0, times: 128 * 1024 })))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(200 * mebibyte)))],
  ])('cuts a %s bomb of 200 MiB at the limit, before the body is over', async (encoding, bomb) => {
    const { port, outcome } = await startReader(mebibyte)
    const socket = connect(port, '127.0.0.1')
    closers.push(() => socket.destroy())
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${bomb.length + 1}\r\n\r\n`)
    socket.write(bomb)
    const { error, rssGrowth } = await outcome()
    expect(error?.code).toBe('TKL_REQUEST_TOO_LARGE')
    expect(rssGrowth).toBeLessThan(64 * mebibyte)
  })

  it('refuses a zstd frame that asks for a huge window, at once', async () => {
    const { port } = await startReader(mebibyte)
    const frame = zstdFrame([text], { windowByte: 0xa0 })
    expect(await send(port, { 'content-encoding': 'zstd' }, [frame])).toEqual({ status: 400, text: 'TKL_REQUEST_ABORTED' })
  })

  it('refuses a zstd stream of endless tiny blocks instead of copying its window for each', async () => {
    const { port } = await startReader(mebibyte)
    const started = performance.now()
    const frame = zstdFrame(
      Array.from({ length: 100_000 }, () => ({ byte: 0, times: 1 })),
      { windowByte: 13 << 3 },
    )
    expect(await send(port, { 'content-encoding': 'zstd' }, [frame])).toEqual({ status: 413, text: 'TKL_REQUEST_TOO_LARGE' })
    expect(performance.now() - started).toBeLessThan(3000)
  })

  it.each([
    ['gzip', gzipSync(text).subarray(0, 100)],
    ['gzip', text],
    ['br', brotliCompressSync(text).subarray(0, 40)],
    ['deflate', deflateSync(text).subarray(0, 40)],
    ['deflate', Buffer.from('{"model":"m"}')],
    ['zstd', zstdFrame([text]).subarray(0, 100)],
    ['zstd', text],
  ])('reports a cut or corrupt %s body as aborted', async (encoding, packed) => {
    const { port } = await startReader(mebibyte)
    expect(await send(port, { 'content-encoding': encoding }, [packed])).toEqual({ status: 400, text: 'TKL_REQUEST_ABORTED' })
  })

  it.each([{}, { 'content-encoding': 'gzip' }, { 'content-encoding': 'zstd' }])('reports a caller that leaves in the middle (%o)', async (headers) => {
    const { port, outcome } = await startReader(mebibyte)
    const socket = connect(port, '127.0.0.1')
    const lines = Object.entries({ host: 'x', 'content-length': '500', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`POST / HTTP/1.1\r\n${lines.join('')}\r\n`)
    socket.write(('content-encoding' in headers && headers['content-encoding'] === 'zstd' ? zstdFrame([text]) : gzipSync(text)).subarray(0, 50))
    setTimeout(() => socket.destroy(), 30)
    const { error } = await outcome()
    expect(GatewayError.is(error, 'TKL_REQUEST_ABORTED')).toBe(true)
  })
})

describe('discardBody', () => {
  it('stops at its byte limit and at its time limit', async () => {
    const waits: number[] = []
    const server = createServer(async (request, response) => {
      const started = performance.now()
      await discardBody(request, { bytes: 1000, milliseconds: 200 })
      waits.push(performance.now() - started)
      response.writeHead(200, { connection: 'close' }).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closers.push(() => server.close().closeAllConnections())
    const { port } = server.address() as AddressInfo
    await send(port, { 'content-length': '500' }, [Buffer.alloc(500)])
    const open = (size: number) =>
      new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1')
        closers.push(() => socket.destroy())
        socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 90000\r\n\r\n')
        socket.write(Buffer.alloc(size))
        socket.on('data', () => {}).once('close', () => resolve())
      })
    await open(5000)
    await open(10)
    expect(waits[0]).toBeLessThan(150)
    expect(waits[1]).toBeLessThan(150)
    expect(waits[2]).toBeGreaterThan(150)
  })
})
