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
  const { reasoning_content: content, reasoning, reasoning_details: details, ...rest } = message
  const unset = { ...(content === '' && { reasoning_content: '' }), ...(reasoning === '' && { reasoning: '' }) }
  const spelling = spellingOf(content, reasoning, details)
  if (spelling === undefined) return { rest: { ...rest, ...keepOther({ reasoning_content: content, reasoning, reasoning_details: details }) }, unset }
  const text = spelling === 'reasoning_content' ? (content as string) : spelling === 'reasoning' ? (reasoning as string) : detailsText(details)
  const mirrored = spelling === 'reasoning_content' && reasoning === content
  const block: ReasoningBlock = {
    type: 'reasoning',
    text,
    ...(text === '' && { redacted: true }),
    ...remember(Array.isArray(details) ? { reasoning_details: details } : {}, { spelling, mirrored: mirrored ? true : undefined }),
  }
  const left = {
    ...(spelling !== 'reasoning_content' && { reasoning_content: content }),
    ...(spelling !== 'reasoning' && !mirrored && { reasoning }),
    ...(!Array.isArray(details) && { reasoning_details: details }),
  }
  return { block, rest: { ...rest, ...keepOther(left) }, unset }
}

export function reasoningFields(block: ReasoningBlock): JsonObject {
  const { fields, memo } = recall(block)
  if (memo.spelling === 'reasoning_details') return fields
  if (memo.spelling === 'reasoning') return { ...fields, reasoning: block.text }
  return { ...fields, reasoning_content: block.text, ...(memo.mirrored === true && { reasoning: block.text }) }
}

function spellingOf(content: Json | undefined, reasoning: Json | undefined, details: Json | undefined): ReasoningSpelling | undefined {
  if (typeof content === 'string' && content !== '') return 'reasoning_content'
  if (typeof reasoning === 'string' && reasoning !== '') return 'reasoning'
  return Array.isArray(details) ? 'reasoning_details' : undefined
}

function keepOther(fields: { readonly [name: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')) as JsonObject
}

/** The readable text of the pieces: `text` of `reasoning.text`, `summary` of `reasoning.summary`. */
function detailsText(details: Json | undefined): string {
  if (!Array.isArray(details)) return ''
  return details
    .map((detail: Json) => (isJsonObject(detail) ? (detail.text ?? detail.summary) : undefined))
    .filter((text) => typeof text === 'string')
    .join('')
}
