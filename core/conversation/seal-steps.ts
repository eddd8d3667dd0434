import { appendDelta } from './accumulate.ts'
import type { Block, Sealed } from './blocks.ts'
import type { ReplyEvent } from './events.ts'
import type { LossSink } from './loss.ts'
import type { Reply } from './reply.ts'
import { noOpaqueValue, type SealableBlock, type SealKeeper } from './seal.ts'

/** Makes a block's seal. `index` counts the reply's blocks, over all candidates. Undefined when there is nothing to seal, or nobody who could. */
type Sealer = (block: SealableBlock, index: number) => Sealed | undefined

export interface CloseSealsOptions {
  readonly keeper: SealKeeper | undefined
  readonly losses: LossSink
  /** The caller's vendor takes thoughts back only with its own opaque value: those that have none are marked, so that it is never sent them. */
  readonly marksThoughts: boolean
  /** The same for tool calls. */
  readonly marksCalls?: boolean
  /** Nothing is kept of the reply: `SealKeeper.seal`. */
  readonly carried?: boolean
}

/** Every opaque value of a reply as a seal that its caller can carry; without a keeper it is taken out, and reported. An empty value is none. */
export function closeSeals(reply: Reply, options: CloseSealsOptions): Reply {
  const sealOf = sealer(options)
  let index = 0
  const close = (block: Block) => closed(block, index++, sealOf)
  return { ...reply, candidates: reply.candidates.map((candidate) => ({ ...candidate, blocks: candidate.blocks.map(close) })) }
}

/**
 * The same in a stream; one function per reply. The seal of a tool call is there as soon as the call's opaque value is; those of texts and
 * thoughts hold the whole block, so they come at its end.
 */
export function closeSealsInEvents(options: CloseSealsOptions): (event: ReplyEvent) => readonly ReplyEvent[] {
  const sealOf = sealer(options)
  const open = new Map<number, SealableBlock>()
  return (event) => {
    switch (event.type) {
      case 'block-start': {
        const { block, index } = event
        if (!isSealable(block)) return [event]
        open.set(index, block)
        if (!block.sealed) return [event]
        return [{ ...event, block: block.type === 'tool-call' ? closed(block, index, sealOf) : bare(block) }]
      }
      case 'block-delta': {
        const block = open.get(event.index)
        if (!block) return [event]
        const { delta } = event
        if (delta.type === 'sealed') {
          const again = block.sealed?.value === delta.sealed.value
          open.set(event.index, { ...block, sealed: delta.sealed })
          if (again || block.type !== 'tool-call') return []
          const seal = sealOf({ ...block, sealed: delta.sealed }, event.index)
          return seal ? [{ ...event, delta: { type: 'sealed', sealed: seal } }] : []
        }
        // A call's arguments are no part of its seal.
        if (block.type !== 'tool-call') open.set(event.index, appendDelta(block, delta) as SealableBlock)
        return [event]
      }
      case 'block-end': {
        const block = open.get(event.index)
        open.delete(event.index)
        const seal = block && !(block.type === 'tool-call' && block.sealed) ? sealOf(event.ext ? { ...block, ext: event.ext } : block, event.index) : undefined
        return seal ? [{ type: 'block-delta', index: event.index, delta: { type: 'sealed', sealed: seal } }, event] : [event]
      }
      case 'error':
        open.clear()
        return [event]
      default:
        return [event]
    }
  }
}

function closed(block: Block, index: number, sealOf: Sealer): Block {
  if (!isSealable(block)) return block
  const sealed = sealOf(block, index)
  if (sealed) return { ...block, sealed }
  return block.sealed ? bare(block) : block
}

/** The block as its provider gave it, in a seal. Of a call the arguments are left out: every protocol carries them, and they may be long. */
function sealer({ keeper, losses, marksThoughts, marksCalls, carried }: CloseSealsOptions): Sealer {
  const mark = (block: SealableBlock): Sealed | undefined => {
    const isMarked = block.type === 'reasoning' ? marksThoughts && block.text !== '' : marksCalls && block.type === 'tool-call' && block.executedBy === 'client'
    return isMarked ? { issuer: '', value: noOpaqueValue } : undefined
  }
  return (block, index) => {
    if (!block.sealed || block.sealed.value === '') return mark(block)
    if (keeper) return { ...block.sealed, value: keeper.seal(block.type === 'tool-call' ? { ...block, argumentsText: '' } : block, carried) }
    losses.dropped(`blocks[${index}]`, 'reasoning-seal', 'hint', 'No plugin is there to seal it.')
    return mark(block)
  }
}

export function bare<B extends SealableBlock>(block: B): B {
  const { sealed: _, ...rest } = block
  return rest as B
}

export function isSealable(block: Block): block is SealableBlock {
  return block.type === 'reasoning' || block.type === 'tool-call' || block.type === 'text'
}
