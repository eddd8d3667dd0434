import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../../core/errors.ts'
import { type AbortOwner, type BodyConsumer, collectBody, UpstreamAnswer } from '../../../core/upstream/answer.ts'
import { decompressing } from '../../../core/upstream/decompress.ts'
import { openTransport, requestTo, serve, settled } from './local-upstream.ts'

const mebibyte = 1024 * 1024

async function answerOf(encoding: string, write: (response: ServerResponse) => void) {
  const origin = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': encoding })
    write(response)
  })
  const owner: AbortOwner = { onAbort: undefined }
  const answer = await UpstreamAnswer.send(openTransport().transport.exchange, requestTo(origin), owner)
  return { answer, owner }
}

/** Takes one piece and then waits, until `pace` is set to true; then it takes everything. */
function slowReader() {
  const reader = { pace: false, pieces: 0, bytes: 0, outcome: undefined as 'ended' | GatewayError | undefined }
  const consumer: BodyConsumer = {
    data(chunk) {
      reader.pieces++
      reader.bytes += chunk.length
      return reader.pace
    },
    end: () => {
      reader.outcome = 'ended'
    },
    error: (error) => {
      reader.outcome = error
    },
  }
  return { reader, consumer }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('decompressing', () => {
  const plain = Buffer.from('data: {"text":"the same words, again and again – ✓"}\n\n'.repeat(2_000))

  it.each([
    ['gzip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    [' GZIP ', gzipSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['deflate', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
  ])('undoes %s', async (encoding, packed) => {
    const { answer } = await answerOf('identity', (response) => response.end(packed))
    const body = await collectBody(answer, mebibyte, (inner) => decompressing(encoding, inner, () => answer.resume()))
    expect(body.equals(plain)).toBe(true)
  })

  it('takes an empty body for an empty one', async () => {
    const { answer } = await answerOf('gzip', (response) => response.end())
    expect(await collectBody(answer, 10, (inner) => decompressing('gzip', inner, () => answer.resume()))).toHaveLength(0)
  })

  it('decodes no further than the reader takes, and goes on when it resumes', async () => {
    const { answer } = await answerOf('gzip', (response) => response.end(gzipSync(Buffer.alloc(64 * mebibyte))))
    const { reader, consumer } = slowReader()
    answer.consume(decompressing('gzip', consumer, () => answer.resume()))
    expect(await settled(() => reader.pieces)).toBe(1)
    answer.resume()
    expect(await settled(() => reader.pieces)).toBe(2)
    expect(reader.bytes).toBeLessThan(mebibyte)
    reader.pace = true
    answer.resume()
    await until(() => reader.outcome !== undefined)
    expect(reader).toMatchObject({ bytes: 64 * mebibyte, outcome: 'ended' })
  })

  it('leaves the rest with the provider while the reader waits', async () => {
    const packed = gzipSync(randomBytes(32 * mebibyte), { level: 0 })
    let response: ServerResponse | undefined
    const { answer } = await answerOf('gzip', (given) => {
      response = given
      given.end(packed)
    })
    const { reader, consumer } = slowReader()
    answer.consume(decompressing('gzip', consumer, () => answer.resume()))
    await settled(() => reader.pieces)
    expect(response?.writableFinished).toBe(false)
    reader.pace = true
    answer.resume()
    await until(() => reader.outcome !== undefined)
    expect(reader).toMatchObject({ bytes: 32 * mebibyte, outcome: 'ended' })
  })

  it('hears an abort while the reader waits and the provider has sent everything', async () => {
    const { answer, owner } = await answerOf('gzip', (response) => response.end(gzipSync(Buffer.alloc(8 * mebibyte))))
    const { reader, consumer } = slowReader()
    answer.consume(decompressing('gzip', consumer, () => answer.resume()))
    await settled(() => reader.pieces)
    const gone = new GatewayError('TKL_CLIENT_GONE', 'The caller left.')
    owner.onAbort?.(gone)
    expect(reader.outcome).toBe(gone)
  })

  it.each(['gzip', 'br', 'deflate'])('gives the exchange up when the body is not valid %s', async (encoding) => {
    let closed = false
    const { answer } = await answerOf(encoding, (response) => {
      response.on('close', () => {
        closed = true
      })
      response.write(Buffer.alloc(64, 0xff))
    })
    const { reader, consumer } = slowReader()
    answer.consume(decompressing(encoding, consumer, () => answer.resume()))
    await until(() => closed)
    expect(reader.outcome).toMatchObject({ code: 'TKL_UPSTREAM_MALFORMED', message: expect.stringContaining(`not valid ${encoding}`) })
  })

  it('tells of a body that is cut in the middle of its coding', async () => {
    const packed = gzipSync(plain)
    const { answer } = await answerOf('gzip', (response) => response.end(packed.subarray(0, packed.length - 12)))
    const body = collectBody(answer, mebibyte, (inner) => decompressing('gzip', inner, () => answer.resume()))
    await expect(body).rejects.toMatchObject({ code: 'TKL_UPSTREAM_MALFORMED' })
  })

  it.each(['zstd', 'constructor'])('refuses %s, and gives the exchange up', async (encoding) => {
    let closed = false
    const { answer } = await answerOf(encoding, (response) => {
      response.on('close', () => {
        closed = true
      })
      response.write('some')
    })
    const body = collectBody(answer, mebibyte, (inner) => decompressing(encoding, inner, () => answer.resume()))
    await expect(body).rejects.toMatchObject({ code: 'TKL_UPSTREAM_MALFORMED', message: expect.stringContaining('not asked for') })
    await until(() => closed)
  })
})
