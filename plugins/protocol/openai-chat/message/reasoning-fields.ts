import type { Json, JsonObject, ReasoningBlock } from 'tokligence'
import { protocolId, recall, remember } from '../wire/wire-memo.ts'
import { areOpaque, detailsText } from './reasoning-details.ts'
import { type FoundSeal, isOwnSeal, readSealEntry } from './seal-entry.ts'

/**
 * Thoughts stand in a message as `reasoning_content` (DeepSeek, vLLM), as `reasoning` (Groq, OpenRouter), or in pieces as
 * `reasoning_details` (OpenRouter) with their signatures. None of them is in the vendor's own documentation.
 */
export type ReasoningSpelling = 'reasoning_content' | 'reasoning' | 'reasoning_details'

export interface ReasoningFields {
  readonly block?: ReasoningBlock
  /** The fields that were not used up. */
  readonly rest: JsonObject
  readonly unset: JsonObject
}

export function takeReasoning(message: JsonObject): ReasoningFields {
  const { reasoning_content: content, reasoning, reasoning_details: details, ...others } = message
  const thoughts = Object.entries({ reasoning_content: content, reasoning, reasoning_details: details }) as [ReasoningSpelling, Json | undefined][]
  const said = thoughts.filter((entry): entry is [ReasoningSpelling, Json] => entry[1] !== undefined && entry[1] !== '')
  const unset = Object.fromEntries(thoughts.filter(([, value]) => value === '')) as JsonObject
  const spelling = said.find(([name, value]) => (name === 'reasoning_details' ? Array.isArray(value) : typeof value === 'string'))?.[0]
  if (spelling === undefined) return { rest: { ...others, ...Object.fromEntries(said) }, unset }
  const text = spelling === 'reasoning_details' ? detailsText(details) : (message[spelling] as string)
  const mirrored = spelling === 'reasoning_content' && reasoning === content
  const taken = (name: ReasoningSpelling, value: Json) =>
    name === spelling || (name === 'reasoning' && mirrored) || (name === 'reasoning_details' && Array.isArray(value))
  const opaque = Array.isArray(details) && areOpaque(details)
  return {
    block: {
      type: 'reasoning',
      text,
      ...(text === '' && { redacted: true }),
      // Only the host can read them, and it wants all of them back as they were.
      ...(opaque && { sealed: { issuer: protocolId, value: JSON.stringify(details) } }),
      ...remember(Array.isArray(details) && !opaque ? { reasoning_details: details } : {}, { spelling, mirrored: mirrored ? true : undefined }),
    },
    rest: { ...others, ...Object.fromEntries(said.filter(([name, value]) => !taken(name, value))) },
    unset,
  }
}

export interface UnsealedMessage {
  /** The message without our entries. */
  readonly message: JsonObject
  readonly seals: readonly FoundSeal[]
}

/** Parts our entries among `reasoning_details` from a host's own. */
export function takeSeals(message: JsonObject): UnsealedMessage {
  const { reasoning_details: details, ...others } = message
  if (!Array.isArray(details)) return { message, seals: [] }
  const seals = details.flatMap((detail: Json) => readSealEntry(detail) ?? [])
  if (seals.length === 0) return { message, seals }
  const left = details.filter((detail: Json) => readSealEntry(detail) === undefined)
  return { message: left.length === 0 ? others : { ...others, reasoning_details: left }, seals }
}

/** The fields for all thoughts of a message. */
export function reasoningFields(blocks: readonly ReasoningBlock[]): JsonObject {
  const [first, ...others] = blocks
  if (!first) return {}
  if (others.length === 0) return fieldsOf(first)
  const details = blocks.flatMap((block) => detailsOf(block) ?? [])
  const text = blocks.map((block) => block.text).join('')
  return { ...(text !== '' && { reasoning_content: text }), ...(details.length > 0 && { reasoning_details: details }) }
}

function fieldsOf(block: ReasoningBlock): JsonObject {
  const { fields, memo } = recall(block)
  const details = detailsOf(block)
  const own = details ? { ...fields, reasoning_details: details } : fields
  if (memo.spelling === 'reasoning_details' || (block.text === '' && memo.spelling === undefined)) return own
  if (memo.spelling === 'reasoning') return { ...own, reasoning: block.text }
  return { ...own, reasoning_content: block.text, ...(memo.mirrored === true && { reasoning: block.text }) }
}

/** The host's own pieces, which stand in the opaque value where only it can read them. */
export function detailsOf(block: ReasoningBlock): readonly Json[] | undefined {
  const { reasoning_details: kept } = recall(block).fields
  if (Array.isArray(kept) || !isOwnSeal(block.sealed)) return kept as readonly Json[] | undefined
  try {
    const details = JSON.parse(block.sealed.value) as Json
    return Array.isArray(details) ? details : undefined
  } catch {
    return undefined
  }
}
