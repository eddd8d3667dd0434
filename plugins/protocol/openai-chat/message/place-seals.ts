import type { Block, ReasoningBlock, TextBlock } from 'tokligence'
import type { Content } from './decode-part.ts'
import type { FoundSeal, ThoughtPlace } from './seal-entry.ts'

/** What a message says, in the order of the protocol. */
export interface SaidParts {
  readonly thoughts: ReasoningBlock | undefined
  readonly content: readonly Block[]
  readonly refused: string | undefined
  readonly calls: readonly Block[]
}

interface PlacedThought {
  readonly block: ReasoningBlock
  readonly after: ThoughtPlace
}

/**
 * The blocks of a message with the seals on what they belong to, and the thoughts where they stood. The first seal that is no call's stands on the
 * thoughts that were shown; every other one is a hidden thought of its own. A place that is no more, because the client left the call out, is that
 * before everything else.
 */
export function placeSeals({ thoughts, content, refused, calls }: SaidParts, form: Content['form'], seals: readonly FoundSeal[]): readonly Block[] {
  const callIds = new Set(calls.map((call) => (call.type === 'tool-call' ? call.id : undefined)))
  const placed = placedThoughts(
    thoughts,
    seals.filter(({ callId }) => callId === undefined || !callIds.has(callId)),
  )
  const isBehindCall = ({ after }: PlacedThought) => typeof after === 'string' && callIds.has(after)
  const inContent = placed.filter(({ after }) => typeof after === 'number')
  return [
    ...placed.filter((thought) => !isBehindCall(thought) && typeof thought.after !== 'number').map(({ block }) => block),
    ...withThoughts(content, form, inContent),
    ...(refused ? [{ type: 'refusal', text: refused } as const] : []),
    ...calls.flatMap((call) => {
      const id = call.type === 'tool-call' ? call.id : undefined
      const behind = id === undefined ? [] : placed.filter(({ after }) => after === id).map(({ block }) => block)
      return [withSeal(call, seals), ...behind]
    }),
  ]
}

function placedThoughts(shown: ReasoningBlock | undefined, seals: readonly FoundSeal[]): readonly PlacedThought[] {
  const hidden = ({ sealed, after }: FoundSeal): PlacedThought => ({ block: { type: 'reasoning', text: '', redacted: true, sealed }, after })
  if (!shown) return seals.map(hidden)
  const [first, ...others] = seals
  if (!first || shown.sealed) return [{ block: shown, after: undefined }, ...seals.map(hidden)]
  return [{ block: { ...shown, sealed: first.sealed }, after: first.after }, ...others.map(hidden)]
}

function withSeal(call: Block, seals: readonly FoundSeal[]): Block {
  if (call.type !== 'tool-call') return call
  const found = seals.findLast(({ callId }) => callId === call.id)
  return found ? { ...call, sealed: found.sealed } : call
}

/** Content with the thoughts between its texts. A string is cut where one stood, but not a text that is cited, nor a part that a client made. */
function withThoughts(content: readonly Block[], form: Content['form'], thoughts: readonly PlacedThought[]): readonly Block[] {
  if (thoughts.length === 0) return content
  const blocks: Block[] = []
  const waiting = [...thoughts]
  let length = 0
  for (const block of content) {
    let rest = block
    while (rest.type === 'text' && waiting[0] && Number(waiting[0].after) < length + rest.text.length) {
      const cut = Number(waiting[0].after) - length
      const pieces: readonly [TextBlock, TextBlock] | undefined = form === 'text' && !rest.annotations && cut > 0 ? cutText(rest, cut) : undefined
      if (cut > 0 && !pieces) break
      if (pieces) {
        blocks.push(pieces[0])
        length += cut
        rest = pieces[1]
      }
      blocks.push((waiting.shift() as PlacedThought).block)
    }
    blocks.push(rest)
    if (rest.type === 'text') length += rest.text.length
  }
  return [...blocks, ...waiting.map(({ block }) => block)]
}

function cutText(block: TextBlock, at: number): readonly [TextBlock, TextBlock] {
  return [
    { ...block, text: block.text.slice(0, at) },
    { ...block, text: block.text.slice(at) },
  ]
}
