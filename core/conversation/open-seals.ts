import type { Block, ReasoningBlock, TextBlock, ToolCallBlock } from './blocks.ts'
import type { Conversation, Turn } from './conversation.ts'
import type { LossSink } from './loss.ts'
import { OpenedSeals } from './opened-seals.ts'
import { isGatewaySeal, noOpaqueValue, type SealableBlock, type SealKeeper, sealsIn, type UnopenedSeal } from './seal.ts'
import { bare, isSealable } from './seal-steps.ts'

export interface OpenSealsOptions {
  /** The provider's protocol. */
  readonly target: string
  /** None where no plugin makes seals: nothing can be opened then. */
  readonly keeper: SealKeeper | undefined
  readonly losses: LossSink
  /** The caller speaks that protocol too: thoughts whose seal cannot be opened go whole, because their own vendor refuses them without one. */
  readonly sameProtocol?: boolean
  /**
   * Opaque values that are taken out although they may be the provider's own: `all`, which it has just refused, or `bare` ones, which stand there as a vendor gave them and so do
   * not tell whose they are.
   */
  readonly distrusts?: 'all' | 'bare' | undefined
}

/**
 * Puts back what the issuer gave, where it is the issuer that is asked; any other opaque value is taken out, and reported. The same conversation
 * when nothing has to change.
 *
 * A seal may stand on another block than the one that is in it, where the caller's protocol has no slot on that one: it goes back to where it
 * belongs, in the assistant's turns up to the next of somebody else. Throws GatewayError `TKL_REQUEST_TOO_LARGE` where seals hold too much.
 */
export function openSeals(conversation: Conversation, options: OpenSealsOptions): Conversation {
  const { turns } = conversation
  const { sameProtocol } = options
  if (!turns.some(({ blocks }) => blocks.some((block) => isAffected(block, options)))) return conversation
  const opened: Turn[] = []
  const seals = options.keeper && new OpenedSeals(options.keeper)
  for (let start = 0; start < turns.length; ) {
    let end = start + 1
    if (turns[start]?.role === 'assistant') while (turns[end]?.role === 'assistant') end++
    opened.push(...openRun(turns.slice(start, end), start, seals, options))
    start = end
  }
  const lacking = sameProtocol === true && countSigned(opened) < countSigned(turns)
  return { ...conversation, turns: opened, ...(lacking && { lacksThoughts: true }) }
}

/** Thoughts, and calls with an opaque value. */
function countSigned(turns: readonly Turn[]): number {
  const isSigned = (block: Block) => block.type === 'reasoning' || (block.type === 'tool-call' && block.sealed !== undefined)
  return turns.reduce((sum, { blocks }) => sum + blocks.filter(isSigned).length, 0)
}

function isAffected(block: Block, { target, distrusts }: OpenSealsOptions): block is SealableBlock {
  if (!isSealable(block) || block.sealed === undefined) return false
  return isGatewaySeal(block.sealed.value) || block.sealed.issuer !== target || distrusts !== undefined
}

/** Where a block stood, and what stands there now. */
interface Place {
  readonly path: string
  readonly original: Block
  blocks: readonly Block[]
}

/** What was in a seal on a block of another kind. */
interface Misplaced {
  readonly block: ToolCallBlock | TextBlock
  /** The carrier's place. */
  readonly from: number
}

function openRun(turns: readonly Turn[], start: number, seals: OpenedSeals | undefined, options: OpenSealsOptions): readonly Turn[] {
  if (!turns.some(({ blocks }) => blocks.some((block) => isAffected(block, options)))) return turns
  const places = turns.map(({ blocks }, index) =>
    blocks.map((block, position): Place => ({ path: `messages[${start + index}].content[${position}]`, original: block, blocks: [block] })),
  )
  const row = places.flat()
  const misplaced = openInPlace(row, seals, options)
  for (const found of misplaced) putBack(found, row, options.losses)
  return turns.flatMap((turn, index): Turn[] => {
    const blocks = (places[index] ?? []).flatMap((place) => place.blocks)
    // A turn of which nothing is left would be refused as empty.
    return blocks.length === 0 && turn.blocks.length > 0 ? [] : [{ ...turn, blocks }]
  })
}

/** Opens every seal, and puts what belongs to the block that carries it, or stood before that, where it was. Gives the rest. */
function openInPlace(row: readonly Place[], opened: OpenedSeals | undefined, options: OpenSealsOptions): readonly Misplaced[] {
  const misplaced: Misplaced[] = []
  const seen = new Set<string>()
  for (const [index, place] of row.entries()) {
    const block = place.original
    if (!isAffected(block, options)) continue
    const value = block.sealed?.value ?? ''
    const seals = isGatewaySeal(value) ? sealsIn(value) : [value]
    if (seals[0] === noOpaqueValue) {
      place.blocks = unmarked(block, place.path, options)
      continue
    }
    let own: readonly Block[] = withoutCarrier(block)
    let thoughts: ReasoningBlock[] = []
    const whole: ReasoningBlock[] = []
    const contents = seals.map((seal) => (seal === '' && seals.length > 1 ? undefined : openOne(block, seal, opened, options)))
    // What is left of several seals of which one was changed is no longer what the provider gave.
    const changed = contents.length > 1 && contents.includes(unopened.broken)
    for (const [position, seal] of seals.entries()) {
      const found = changed ? unopened.broken : contents[position]
      if (found === undefined) {
        thoughts = putBeforeTexts(thoughts, row, index)
        continue
      }
      const repeated = seen.has(seal)
      seen.add(seal)
      if (typeof found === 'string') {
        options.losses.dropped(place.path, 'reasoning-seal', 'hint', found)
        if (block.type === 'reasoning' && options.sameProtocol) own = []
      } else if (repeated && block.type !== found.type) continue
      else if (found.type === 'reasoning') {
        if (block.type === 'reasoning') own = whole
        ;(block.type === 'reasoning' ? whole : thoughts).push(found)
      } else if (found.type === 'tool-call' && block.type === 'tool-call') own = [asIssued(block, found)]
      else if (found.type === 'text' && block.type === 'text') own = [found]
      else misplaced.push({ block: found, from: index })
    }
    forgetShown(thoughts, row, index)
    place.blocks = [...thoughts, ...own]
  }
  return misplaced
}

/** Thoughts that nobody has signed: for an encoder that knows what to do with them, but not for a vendor that refuses them. */
function unmarked(block: SealableBlock, path: string, { sameProtocol, losses }: OpenSealsOptions): readonly Block[] {
  if (!sameProtocol || block.type !== 'reasoning') return withoutCarrier(block)
  losses.dropped(path, 'thinking', 'hint', 'Another provider gave them, without a signature.')
  return []
}

const refusedValue = 'The provider refused it: another account issued it, or it was changed.'

const unopened: Readonly<Record<UnopenedSeal, string>> = {
  foreign: 'Another provider or account issued it.',
  broken: 'The seal is not one of this gateway, or was changed.',
  refused: refusedValue,
}

/** What is in a seal of a block, or why it may not go to the provider. */
function openOne(block: SealableBlock, value: string, opened: OpenedSeals | undefined, { target, distrusts }: OpenSealsOptions): SealableBlock | string {
  if (!isGatewaySeal(value)) return block.sealed?.issuer === target ? refusedValue : 'It was not issued by the provider.'
  if (!opened) return 'No plugin is there to open it.'
  const original = opened.open(value)
  if (typeof original === 'string') return unopened[original]
  if (original.type === 'text' && block.type === 'text' && original.text !== block.text) return 'Its text was changed.'
  if (distrusts !== 'all') return original
  opened.refuse(value)
  return refusedValue
}

/** Puts thoughts before the texts that stand before a call, where vendors look for them. Gives them back where there is no such text. */
function putBeforeTexts(thoughts: ReasoningBlock[], row: readonly Place[], index: number): ReasoningBlock[] {
  // Behind the call before it; what stands before anything else might be looked through again and again.
  if (thoughts.length === 0 || row[index]?.original.type !== 'tool-call') return thoughts
  let first = index
  for (let at = index - 1; shownText(row[at]) !== undefined || row[at]?.original.type === 'text'; at--) if (row[at]?.original.type === 'text') first = at
  const place = row[first]
  if (!place || first === index) return thoughts
  forgetShown(thoughts, row, first)
  place.blocks = [...thoughts, ...place.blocks]
  return []
}

/** Thoughts that the caller was shown without their seal. */
function shownText(place: Place | undefined): string | undefined {
  return place?.original.type === 'reasoning' && !place.original.sealed ? place.original.text : undefined
}

/** Takes out what the caller was shown, in whatever pieces, of thoughts that now stand behind it whole. */
function forgetShown(thoughts: readonly ReasoningBlock[], row: readonly Place[], index: number): void {
  const whole = thoughts.map(({ text }) => text).join('')
  let shown = ''
  let start = index
  for (let piece = shownText(row[start - 1]); piece !== undefined && shown.length < whole.length; piece = shownText(row[start - 1])) {
    shown = piece + shown
    start--
  }
  if (shown === whole) for (const place of row.slice(start, index)) place.blocks = []
}

function putBack({ block, from }: Misplaced, row: readonly Place[], losses: LossSink): void {
  const isOwner = (other: Block) =>
    block.type === 'tool-call' ? other.type === 'tool-call' && other.id === block.id : other.type === 'text' && other.text === block.text && !other.sealed
  const isPlace = ({ blocks }: Place) => blocks.some(isOwner)
  const carrier = row[from] as Place
  // A carrier stands before its block, or behind it in protocols that keep texts and calls apart.
  const owner = row.slice(from).find(isPlace) ?? row.slice(0, from).find(isPlace)
  if (owner) owner.blocks = owner.blocks.map((other) => (isOwner(other) ? asGiven(other, block) : other))
  // A text without words may have had no place in the caller's protocol.
  else if (block.type === 'text' && block.text === '') carrier.blocks = [...carrier.blocks, block]
  else losses.dropped(carrier.path, 'reasoning-seal', 'hint', `The ${block.type === 'text' ? 'text' : 'tool call'} that it belongs to was changed, or is gone.`)
}

function asGiven(block: Block, original: ToolCallBlock | TextBlock): Block {
  return block.type === 'tool-call' && original.type === 'tool-call' ? asIssued(block, original) : original
}

/** The caller's call with what only its issuer knows of it. */
function asIssued(call: ToolCallBlock, { sealed, ext }: ToolCallBlock): ToolCallBlock {
  return { ...call, ...(sealed && { sealed }), ...(ext && { ext: { ...call.ext, ...ext } }) }
}

/** Thoughts without a word are there for their seal alone. */
function withoutCarrier(block: SealableBlock): readonly Block[] {
  return block.type === 'reasoning' && block.text === '' ? [] : [bare(block)]
}
