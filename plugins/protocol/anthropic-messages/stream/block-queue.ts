import type { Delta, LossSink, ReplyEvent } from 'tokligence'
import { HostedCalls } from '../message/hosted-call.ts'
import { reportLastSeal } from '../reply/encode-reply-block.ts'
import { noteContent, type StopContent } from '../reply/stop-reason.ts'
import { createBlockWriter } from './block-writer.ts'
import type { BlockWriter } from './open-block.ts'

type BlockEvent = Extract<ReplyEvent, { type: 'block-start' | 'block-delta' | 'block-end' }>

interface WaitingBlock {
  readonly index: number
  readonly writer: BlockWriter
  readonly deltas: Delta[]
  ended: boolean
}

/**
 * Puts blocks that may be open side by side one behind the other: the protocol numbers its blocks from 0 and opens one only when the former
 * is closed. The first open block is written live, later ones wait with their deltas until their turn.
 */
export class BlockQueue {
  /** What was seen so far, for the stop reason. */
  readonly content: StopContent = { calledTool: false, refused: false }
  readonly #losses: LossSink
  readonly #own: boolean
  readonly #hosted = new HostedCalls()
  /** In order of opening; the first one is live. */
  readonly #blocks: WaitingBlock[] = []
  #nextIndex = 0
  /** The opaque values of texts, until something follows them. */
  #held: readonly { readonly bytes: string; readonly path: string }[] = []
  #otherCandidates = false

  constructor(losses: LossSink, own: boolean) {
    this.#losses = losses
    this.#own = own
  }

  push(event: BlockEvent): string {
    if (event.type === 'block-start') return this.#start(event)
    const block = this.#blocks.find(({ index }) => index === event.index)
    if (!block) return ''
    if (event.type === 'block-end') {
      block.ended = true
      return block === this.#blocks[0] ? this.#advance() : ''
    }
    if (block === this.#blocks[0]) return this.#written(() => block.writer.delta(event.delta))
    block.deltas.push(event.delta)
    return ''
  }

  /** Closes every block that is still there, in order. A message cannot end in what is held. */
  flush(): string {
    for (const block of this.#blocks) block.ended = true
    const bytes = this.#blocks.length === 0 ? '' : this.#advance()
    for (const { path } of this.#held) reportLastSeal(path, this.#losses)
    return bytes
  }

  #start({ index, block, candidate }: Extract<BlockEvent, { type: 'block-start' }>): string {
    if (candidate) {
      if (!this.#otherCandidates) this.#losses.dropped('candidates', 'candidates', 'semantic', 'Only the first alternative is written.')
      this.#otherCandidates = true
      return ''
    }
    noteContent(this.content, block)
    const writer = createBlockWriter(block, {
      losses: this.#losses,
      hosted: this.#hosted,
      path: `content[${index}]`,
      own: this.#own,
      allocate: () => this.#nextIndex++,
      hold: (bytes, path) => {
        this.#held = [...this.#held, { bytes, path }]
      },
    })
    this.#blocks.push({ index, writer, deltas: [], ended: false })
    return this.#blocks.length === 1 ? this.#written(() => writer.open()) : ''
  }

  /** Closes the live block and writes the next ones as far as they are known. */
  #advance(): string {
    let bytes = ''
    while (this.#blocks[0]?.ended) {
      const { writer } = this.#blocks.shift() as WaitingBlock
      bytes += this.#written(() => writer.close())
      const next = this.#blocks[0]
      if (!next) break
      bytes += this.#written(() => next.writer.open())
      for (const delta of next.deltas) bytes += this.#written(() => next.writer.delta(delta))
      next.deltas.length = 0
    }
    return bytes
  }

  /** What a writer writes, behind what is held if it writes anything. */
  #written(write: () => string): string {
    const before = this.#held
    this.#held = []
    const bytes = write()
    if (before.length === 0) return bytes
    if (bytes !== '') return before.map((each) => each.bytes).join('') + bytes
    this.#held = [...before, ...this.#held]
    return ''
  }
}
