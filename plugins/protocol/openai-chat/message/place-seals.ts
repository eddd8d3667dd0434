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
  const ofCalls = new Map(seals.map(({ callId, sealed }) => [callId, sealed]))
  const first: Block[] = []
  const inContent: PlacedThought[] = []
  const behind = new Map<string, Block[]>()
  const ofThoughts = seals.filter(({ callId }) => callId === undefined || !callIds.has(callId))
  for (const thought of placedThoughts(thoughts, ofThoughts)) {
    const { block, after } = thought
    if (typeof after === 'number') inContent.push(thought)
    else if (after === undefined || !callIds.has(after)) first.push(block)
    else if (behind.get(after)?.push(block) === undefined) behind.set(after, [block])
  }
  return [
    ...first,
    ...withThoughts(content, form, inContent),
    ...(refused ? [{ type: 'refusal', text: refused } as const] : []),
    ...calls.flatMap((call): readonly Block[] => {
      if (call.type !== 'tool-call') return [call]
      const sealed = ofCalls.get(call.id)
      const followers = behind.get(call.id) ?? []
      // Of calls with one id, the first.
      behind.delete(call.id)
      return [sealed ? { ...call, sealed } : call, ...followers]
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

/** Content with the thoughts between its texts. A string is cut where one stood, but not a text that is cited, nor a part that a client made. */
function withThoughts(content: readonly Block[], form: Content['form'], thoughts: readonly PlacedThought[]): readonly Block[] {
  if (thoughts.length === 0) return content
  const blocks: Block[] = []
  let next = 0
  let length = 0
  for (const block of content) {
    let rest = block
    for (let thought = thoughts[next]; thought && rest.type === 'text'; thought = thoughts[next]) {
      const cut = characterBorder(rest.text, Number(thought.after) - length)
      if (cut >= rest.text.length) break
      const pieces: readonly [TextBlock, TextBlock] | undefined = form === 'text' && !rest.annotations && cut > 0 ? cutText(rest, cut) : undefined
      if (cut > 0 && !pieces) break
      if (pieces) {
        blocks.push(pieces[0])
        length += cut
        rest = pieces[1]
      }
      blocks.push(thought.block)
      next++
    }
    blocks.push(rest)
    if (rest.type === 'text') length += rest.text.length
  }
  return [...blocks, ...thoughts.slice(next).map(({ block }) => block)]
}

/** The place itself, or behind the character that it would cut in two: a client may have counted otherwise, or changed the text. */
function characterBorder(text: string, at: number): number {
  const isWithin = at > 0 && /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(at - 1, at + 1))
  return isWithin ? at + 1 : at
}

function cutText(block: TextBlock, at: number): readonly [TextBlock, TextBlock] {
  return [
    { ...block, text: block.text.slice(0, at) },
    { ...block, text: block.text.slice(at) },
  ]
}
