import { GatewayError } from '../errors.ts'

/** The largest window that a content coding may ask for is 8 MiB (RFC 9659). */
export const zstdWindowBits = 23
const maximumWindow = 1 << zstdWindowBits
/** RFC 8878, 3.1.1.2. */
const maximumBlock = 128 * 1024

type State = 'magic' | 'skippable' | 'descriptor' | 'frame' | 'block'

/**
 * Walks the frames of a zstd stream ahead of the scripted decompressor, which allocates whatever window a frame header asks for and copies
 * the whole window once per block, however small the block is. Throws Error for what is no zstd or asks for too large a window, and GatewayError
 * `TKL_REQUEST_TOO_LARGE` for more copying than an honest body of `limit` bytes needs.
 */
export class ZstdGuard {
  readonly #head: number[] = []
  #headLength = 4
  #state: State = 'magic'
  #skip = 0
  #window = 0
  #checksum = 0
  #work: number

  constructor(limit: number) {
    this.#work = Math.max(limit, maximumWindow) * (maximumWindow / maximumBlock)
  }

  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at)
        this.#skip -= step
        at += step
        continue
      }
      this.#head.push(chunk[at++] as number)
      if (this.#head.length === this.#headLength) this.#read(this.#head)
    }
  }

  #expect(state: State, headLength: number): void {
    this.#state = state
    this.#headLength = headLength
    if (state === 'magic' || state === 'block') this.#head.length = 0
  }

  #read(head: readonly number[]): void {
    switch (this.#state) {
      case 'magic': {
        const magic = little(head, 0, 4)
        if (magic === 0xfd2fb528) this.#expect('descriptor', 5)
        else if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) this.#expect('skippable', 8)
        else throw new Error('Not a zstd frame.')
        return
      }
      case 'skippable':
        this.#skip = little(head, 4, 4)
        this.#expect('magic', 4)
        return
      case 'descriptor':
        this.#expect('frame', 5 + fieldLengths(head[4] as number).total)
        return
      case 'frame': {
        const descriptor = head[4] as number
        this.#window = windowOf(head)
        if (this.#window > maximumWindow) throw new Error(`A zstd window of ${this.#window} bytes is too large.`)
        this.#checksum = descriptor & 4
        this.#expect('block', 3)
        return
      }
      case 'block':
        this.#readBlock(little(head, 0, 3))
    }
  }

  #readBlock(header: number): void {
    const size = header >> 3
    if (size > maximumBlock) throw new Error(`A zstd block of ${size} bytes is too large.`)
    this.#work -= this.#window
    if (this.#work < 0) throw new GatewayError('TKL_REQUEST_TOO_LARGE', 'The body has more zstd blocks than a body of the permitted size needs.')
    const repeated = ((header >> 1) & 3) === 1
    this.#skip = repeated ? 1 : size
    const last = (header & 1) === 1
    if (last) this.#skip += this.#checksum
    this.#expect(last ? 'magic' : 'block', last ? 4 : 3)
  }
}

/** RFC 8878, 3.1.1.1. */
function fieldLengths(descriptor: number): { window: number; dictionary: number; total: number } {
  const singleSegment = (descriptor >> 5) & 1
  const window = 1 - singleSegment
  const dictionary = [0, 1, 2, 4][descriptor & 3] as number
  const sizeFlag = descriptor >> 6
  const contentSize = sizeFlag === 0 ? singleSegment : 1 << sizeFlag
  return { window, dictionary, total: window + dictionary + contentSize }
}

function windowOf(head: readonly number[]): number {
  const descriptor = head[4] as number
  const { window, dictionary, total } = fieldLengths(descriptor)
  if (window === 1) {
    const byte = head[5] as number
    const base = 2 ** (10 + (byte >> 3))
    return base + (base / 8) * (byte & 7)
  }
  const sizeLength = total - window - dictionary
  return little(head, 5 + window + dictionary, sizeLength) + (sizeLength === 2 ? 256 : 0)
}

function little(bytes: readonly number[], from: number, length: number): number {
  let value = 0
  for (let index = length - 1; index >= 0; index--) value = value * 256 + (bytes[from + index] as number)
  return value
}
