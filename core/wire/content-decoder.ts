import { Transform } from 'node:stream'
import zlib from 'node:zlib'
import { GatewayError } from '../errors.ts'
import { ZstdGuard, zstdWindowBits } from './zstd-guard.ts'

const maximumEncodings = 3

/** The codings of a `content-encoding` header in the order in which they must be undone; `identity` is left out. */
export function contentEncodings(header: string): string[] {
  const encodings = header
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  if (encodings.length > maximumEncodings)
    throw new GatewayError('TKL_ENCODING_UNSUPPORTED', `The body is encoded ${encodings.length} times; ${maximumEncodings} times is the most.`)
  return encodings.reverse()
}

/** A stream that undoes one coding. Throws GatewayError `TKL_ENCODING_UNSUPPORTED`. */
export async function createContentDecoder(encoding: string, limit: number): Promise<Transform> {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip()
    case 'br':
      return zlib.createBrotliDecompress()
    case 'deflate':
      return inflateEither()
    case 'zstd':
      return nativeZstd() ?? scriptedZstd(await import('fzstd'), limit)
    default:
      throw new GatewayError('TKL_ENCODING_UNSUPPORTED', `The content-encoding "${encoding}" is not supported; send gzip, br, deflate, zstd or none.`)
  }
}

/** `deflate` means the zlib format (RFC 9110, 8.4.1.2), but raw deflate is sent under that name too; the first byte tells them apart. */
function inflateEither(): Transform {
  let inner: Transform | undefined
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!inner) {
        inner = ((chunk[0] ?? 0) & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw()
        inner.on('data', (piece) => this.push(piece))
        inner.on('error', (error) => this.destroy(error))
      }
      inner.write(chunk, done)
    },
    flush(done) {
      if (!inner) return done()
      inner.once('end', done)
      inner.end()
    },
    destroy(error, done) {
      inner?.destroy()
      done(error)
    },
  })
}

/** Node's own, from 22.15 on. */
function nativeZstd(): Transform | undefined {
  const { createZstdDecompress, constants } = zlib as typeof zlib & {
    createZstdDecompress?: (options: { params: Record<number, number> }) => Transform
    constants: { ZSTD_d_windowLogMax?: number }
  }
  if (!createZstdDecompress || constants.ZSTD_d_windowLogMax === undefined) return undefined
  return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: zstdWindowBits } })
}

function scriptedZstd({ Decompress }: typeof import('fzstd'), limit: number): Transform {
  const guard = new ZstdGuard(limit)
  let decoded = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      run(() => {
        guard.push(chunk)
        decompress.push(chunk)
      }, done)
    },
    flush(done) {
      run(() => decompress.push(new Uint8Array(0), true), done)
    },
  })
  const decompress = new Decompress((piece) => {
    decoded += piece.length
    // One piece of input can hold a thousand blocks of output, all made before a reader sees the first.
    if (decoded > limit) throw new GatewayError('TKL_REQUEST_TOO_LARGE', `The body is larger than ${limit} bytes.`)
    if (piece.length > 0) stream.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength))
  })
  return stream
}

function run(step: () => void, done: (error?: Error) => void): void {
  try {
    step()
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)))
    return
  }
  done()
}
