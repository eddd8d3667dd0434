import { type Block, type Candidate, isEmpty, isJsonObject, type Json, type JsonObject } from 'tokligence'
import { remember } from '../wire/wire-memo.ts'
import { decodeFinish, finishWord } from './finish-reason.ts'
import { decodeLogprobs } from './logprobs.ts'

/** What a candidate's `content` said beside its parts; for a stream, what all of them said. */
export interface ContentShape {
  readonly present: boolean
  readonly parts: boolean
  readonly role: Json | undefined
  readonly rest: JsonObject
  /** Fields of the candidate that stood in snake_case. */
  readonly snake?: readonly string[] | undefined
}

/** The members of a candidate that are looked into. */
export const candidateFields = ['content', 'finishReason', 'index', 'logprobsResult', 'groundingMetadata', 'citationMetadata'] as const

export type CandidateFields = { readonly [Field in Exclude<(typeof candidateFields)[number], 'content'>]?: Json }

/**
 * What a candidate tells beside its content: the same for a whole reply and for a stream whose pieces were put together. What became citations is kept for
 * the way back only.
 */
export function describeCandidate(
  fields: CandidateFields,
  rest: JsonObject,
  blocks: readonly Block[],
  shape: ContentShape,
  position: number,
): Omit<Candidate, 'blocks'> {
  const { finishReason, index, logprobsResult, groundingMetadata, citationMetadata } = fields
  const finish = decodeFinish(
    finishWord(finishReason),
    blocks.some((block) => block.type === 'tool-call' && block.executedBy === 'client'),
  )
  const tokens = decodeLogprobs(logprobsResult)
  const cited = blocks.some((block) => block.type === 'text' && block.text !== '')
  const { placed, other } = splitGrounding(groundingMetadata, cited)
  return {
    finish,
    ...(logprobsResult !== undefined && { logprobs: logprobsResult }),
    ...(tokens && { tokens }),
    ...remember(
      {
        ...rest,
        ...(other !== undefined && { groundingMetadata: other }),
        ...(citationMetadata !== undefined && !cited && { citationMetadata }),
        ...(!isEmpty(shape.rest) && { content: shape.rest }),
      },
      {
        snake: shape.snake,
        grounding: placed,
        citations: cited ? citationMetadata : undefined,
        finishReason: finishReason === finish.raw ? undefined : finishReason,
        unfinished: finishReason === undefined ? true : undefined,
        index: index === position ? undefined : (index ?? false),
        contentless: shape.present ? undefined : true,
        partless: shape.present && !shape.parts ? true : undefined,
        role: !shape.present || shape.role === 'model' ? undefined : (shape.role ?? false),
      },
    ),
  }
}

/** The sources and what rests on them are said as citations; searches, and what is to be shown with them, have no other place. */
function splitGrounding(grounding: Json | undefined, cited: boolean): { readonly placed?: JsonObject; readonly other?: Json } {
  if (grounding === undefined) return {}
  if (!isJsonObject(grounding) || !cited) return { other: grounding }
  const { groundingChunks, groundingSupports, ...other } = grounding
  const placed = { ...(groundingChunks !== undefined && { groundingChunks }), ...(groundingSupports !== undefined && { groundingSupports }) }
  return { ...(!isEmpty(placed) && { placed }), ...((isEmpty(placed) || !isEmpty(other)) && { other }) }
}
