import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { GatewayError } from '../errors.ts'
import type { BodyConsumer } from './answer.ts'

type CreateDecoder = (firstByte: number) => Transform

const decoders: ReadonlyMap<string, CreateDecoder> = new Map<string, CreateDecoder>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  ['br', () => createBrotliDecompress()],
  // `deflate` means the zlib format (RFC 9110, 8.4.1.2), but raw deflate is sent under that name too; the first byte tells them apart.
  ['deflate', (firstByte) => ((firstByte & 0x0f) === 8 ? createInflate() : createInflateRaw())],
])

/**
 * Providers are asked for identity; one that compresses all the same is decompressed here. `resume` is called when more of the provider's bytes
 * can be taken after `data` answered false. Throws GatewayError `TKL_UPSTREAM_MALFORMED` for an encoding that is none of gzip, br and deflate.
 */
export function decompressing(encoding: string, inner: BodyConsumer, resume: () => void): BodyConsumer {
  const create = decoders.get(encoding.trim().toLowerCase())
  if (!create) throw new GatewayError('TKL_UPSTREAM_MALFORMED', `The provider’s answer has the content-encoding "${encoding}", which was not asked for.`)
  return new Decompressor(create, encoding, inner, resume)
}

class Decompressor implements BodyConsumer {
  readonly #create: CreateDecoder
  readonly #encoding: string
  readonly #inner: BodyConsumer
  readonly #resumeUpstream: () => void
  #abortUpstream: ((reason: GatewayError) => void) | undefined
  #decoder: Transform | undefined
  /** The reader asked to wait. */
  #stalled = false
  #over = false

  constructor(create: CreateDecoder, encoding: string, inner: BodyConsumer, resumeUpstream: () => void) {
    this.#create = create
    this.#encoding = encoding
    this.#inner = inner
    this.#resumeUpstream = resumeUpstream
  }

  attach(abort: (reason: GatewayError) => void): void {
    this.#abortUpstream = abort
  }

  data(chunk: Buffer): boolean {
    if (this.#over) {
      this.#abortUpstream?.(new GatewayError('TKL_UPSTREAM_MALFORMED', `The provider sent more after its answer in ${this.#encoding} was whole.`))
      return true
    }
    this.#decoder ??= this.#open(chunk[0] ?? 0)
    return this.#decoder.write(chunk)
  }

  end(): void {
    if (this.#over) return
    if (this.#decoder) this.#decoder.end()
    else this.#finish()
  }

  error(error: GatewayError): void {
    if (this.#over) return
    this.#over = true
    this.#decoder?.destroy()
    this.#inner.error(error)
  }

  resume(): boolean {
    if (this.#stalled) {
      this.#stalled = false
      this.#decoder?.resume()
    }
    return !this.#decoder?.writableNeedDrain
  }

  #open(firstByte: number): Transform {
    const decoder = this.#create(firstByte)
    decoder.on('data', (chunk: Buffer) => {
      if (this.#over || this.#inner.data(chunk)) return
      this.#stalled = true
      decoder.pause()
    })
    decoder.on('end', () => this.#finish())
    decoder.on('error', (error) => {
      const failure = new GatewayError('TKL_UPSTREAM_MALFORMED', `The provider’s answer is not valid ${this.#encoding}.`, { cause: error })
      this.error(failure)
      this.#abortUpstream?.(failure)
    })
    // While the reader waits, its own `resume` asks for more.
    decoder.on('drain', () => {
      if (!this.#stalled) this.#resumeUpstream()
    })
    return decoder
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    this.#decoder?.destroy()
    this.#inner.end()
    // A decoder that is whole before the body is would leave the provider paused.
    this.#resumeUpstream()
  }
}
