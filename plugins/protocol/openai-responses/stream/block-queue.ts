import type { Block, Delta, Extensions, ReplyEvent } from 'tokligence'

type BlockEvent = Extract<ReplyEvent, { type: 'block-start' | 'block-delta' | 'block-end' }>

/** Takes blocks one after the other, and answers with the bytes that may be written. */
export interface BlockSink {
  /** `position`: among the blocks of the reply that is written. */
  open(block: Block, position: number): string
  delta(delta: Delta): string
  close(ext: Extensions | undefined): string
}

interface WaitingBlock {
  readonly index: number
  readonly position: number
  readonly block: Block
  readonly deltas: Delta[]
  end: { readonly ext: Extensions | undefined } | undefined
}

/**
 * Puts blocks that may be open side by side one behind the other: the vendor ends an item before it begins the next (recordings). The first open
 * block is written live, later ones wait with their deltas until their turn.
 */
export class BlockQueue {
  readonly #sink: BlockSink
  /** In order of opening; the first one is live. */
  readonly #blocks: WaitingBlock[] = []
  #opened = 0

  constructor(sink: BlockSink) {
    this.#sink = sink
  }

  push(event: BlockEvent): string {
    if (event.type === 'block-start') {
      const { index, block } = event
      const position = this.#opened++
      this.#blocks.push({ index, position, block, deltas: [], end: undefined })
      return this.#blocks.length === 1 ? this.#sink.open(block, position) : ''
    }
    const waiting = this.#blocks.find(({ index }) => index === event.index)
    if (!waiting) return ''
    if (event.type === 'block-end') {
      waiting.end = { ext: event.ext }
      return waiting === this.#blocks[0] ? this.#advance() : ''
    }
    if (waiting === this.#blocks[0]) return this.#sink.delta(event.delta)
    waiting.deltas.push(event.delta)
    return ''
  }

  /** Ends every block that is still there, in order. */
  flush(): string {
    for (const waiting of this.#blocks) waiting.end ??= { ext: undefined }
    return this.#blocks.length === 0 ? '' : this.#advance()
  }

  #advance(): string {
    let bytes = ''
    for (let first = this.#blocks[0]; first?.end; first = this.#blocks[0]) {
      bytes += this.#sink.close(first.end.ext)
      this.#blocks.shift()
      const next = this.#blocks[0]
      if (!next) break
      bytes += this.#sink.open(next.block, next.position)
      for (const delta of next.deltas) bytes += this.#sink.delta(delta)
      next.deltas.length = 0
    }
    return bytes
  }
}
