import { isJsonObject, type Json, type JsonObject, type ReasoningBlock } from 'tokligence'
import { recall, remember } from '../wire/wire-memo.ts'

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
  return {
    block: {
      type: 'reasoning',
      text,
      ...(text === '' && { redacted: true }),
      ...remember(Array.isArray(details) ? { reasoning_details: details } : {}, { spelling, mirrored: mirrored ? true : undefined }),
    },
    rest: { ...others, ...Object.fromEntries(said.filter(([name, value]) => !taken(name, value))) },
    unset,
  }
}

export function reasoningFields(block: ReasoningBlock): JsonObject {
  const { fields, memo } = recall(block)
  if (memo.spelling === 'reasoning_details') return fields
  if (memo.spelling === 'reasoning') return { ...fields, reasoning: block.text }
  return { ...fields, reasoning_content: block.text, ...(memo.mirrored === true && { reasoning: block.text }) }
}

/** The readable text of the pieces: `text` of `reasoning.text`, `summary` of `reasoning.summary`. */
function detailsText(details: Json | undefined): string {
  if (!Array.isArray(details)) return ''
  return details
    .map((detail: Json) => (isJsonObject(detail) ? (detail.text ?? detail.summary) : undefined))
    .filter((text) => typeof text === 'string')
    .join('')
}
