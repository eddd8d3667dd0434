import type { IncomingMessage } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import { GatewayError } from '../errors.ts'
import { contentEncodings, createContentDecoder } from './content-decoder.ts'

export interface ReadBodyOptions {
  /** Largest body in bytes, after decoding. */
  readonly limit: number
  /** Called once, when nothing that the head tells speaks against the body, just before its first byte is awaited: the moment for `100 Continue`. */
  readonly onStart?: () => void
}

/**
 * Collects the body of a request, decoded. A body that came in one piece is given on without a copy.
 *
 * Rejects with GatewayError `TKL_REQUEST_TOO_LARGE` as soon as the limit is passed (before anything is read when `content-length` tells),
 * `TKL_ENCODING_UNSUPPORTED`, or `TKL_REQUEST_ABORTED` when the body ended early or cannot be decompressed.
 *
 * A rejected request is left paused, with its rest unread: answer with `connection: close`, and await `discardBody` between writing the answer
 * and ending it, or the caller's socket is reset before it has read why.
 */
export function readBody(request: IncomingMessage, options: ReadBodyOptions): Promise<Buffer> {
  const encoding = request.headers['content-encoding']
  if (encoding === undefined) return readPlain(request, options)
  return readEncoded(request, encoding, options)
}

/** Reads and drops what is left of a request, at most 64 MiB and five seconds of it. */
export function discardBody(request: IncomingMessage, limits = { bytes: 64 * 1024 * 1024, milliseconds: 5_000 }): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    let left = limits.bytes
    const timer = setTimeout(finish, limits.milliseconds)
    function count(chunk: Buffer) {
      left -= chunk.length
      if (left < 0) finish()
    }
    function finish() {
      clearTimeout(timer)
      request.off('data', count)
      request.pause()
      resolve()
    }
    request.on('data', count)
    request.once('end', finish)
    request.once('close', finish)
    request.resume()
  })
}

function readPlain(request: IncomingMessage, { limit, onStart }: ReadBodyOptions): Promise<Buffer> {
  if (Number(request.headers['content-length']) > limit) return Promise.reject(tooLarge(limit))
  return collect(request, limit, onStart)
}

function collect(source: Readable, limit: number, onStart?: () => void): Promise<Buffer> {
  if (source.destroyed && !source.readableEnded) return Promise.reject(aborted())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    source.on('data', function take(chunk: Buffer) {
      length += chunk.length
      if (length > limit) {
        source.off('data', take)
        source.pause()
        reject(tooLarge(limit))
      } else chunks.push(chunk)
    })
    source.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length)))
    // Node tells of a caller that left by `close` without `end`.
    source.once('close', () => {
      if (!source.readableEnded) reject(aborted())
    })
    onStart?.()
  })
}

async function readEncoded(request: IncomingMessage, header: string, options: ReadBodyOptions): Promise<Buffer> {
  const { limit } = options
  const encodings = contentEncodings(header)
  if (encodings.length === 0) return readPlain(request, options)
  // No decoder gives less than it takes, but for a little framing: a packed body larger than the limit is padding.
  const packedLimit = limit + Math.floor(limit / 512) + 1024
  if (Number(request.headers['content-length']) > packedLimit) throw tooLarge(limit)
  const decoders: Transform[] = []
  for (const encoding of encodings) decoders.push(await createContentDecoder(encoding, limit))
  // The awaits above gave the caller time to leave.
  if (request.destroyed && !request.readableEnded) throw aborted()
  return new Promise((resolve, reject) => {
    const refuse = (error: GatewayError) => {
      request.unpipe()
      for (const decoder of decoders) decoder.destroy()
      reject(error)
    }
    let received = 0
    let last: Readable = request
    for (const decoder of decoders) {
      decoder.once('error', (error) => refuse(GatewayError.is(error) ? error : aborted(error)))
      last = last.pipe(decoder)
      let decoded = 0
      // Counted at every stage: what is packed twice can be a bomb halfway.
      decoder.on('data', (chunk: Buffer) => {
        decoded += chunk.length
        if (decoded > limit) refuse(tooLarge(limit))
      })
    }
    request.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (received > packedLimit) refuse(tooLarge(limit))
    })
    request.once('end', () => {
      if (received === 0) resolve(Buffer.alloc(0))
    })
    request.once('close', () => {
      if (!request.readableEnded) refuse(aborted())
    })
    collect(last, limit).then(resolve, reject)
    options.onStart?.()
  })
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError('TKL_REQUEST_TOO_LARGE', `The body is larger than ${limit} bytes.`)
}

function aborted(cause?: unknown): GatewayError {
  const message = cause === undefined ? 'The body ended before it was whole.' : 'The body cannot be decompressed.'
  return new GatewayError('TKL_REQUEST_ABORTED', message, { cause })
}
