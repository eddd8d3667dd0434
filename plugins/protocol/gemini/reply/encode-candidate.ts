import { type Block, type Candidate, type EncodeReplyOptions, isEmpty, isJsonObject, type JsonObject, reportForeignFields } from 'tokligence'
import { encodeParts } from '../part/encode-part.ts'
import type { PartContext } from '../part/part-context.ts'
import { spell } from '../wire/fields.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { encodeCitations, type WrittenBlock } from './encode-citations.ts'
import { encodeFinish } from './finish-reason.ts'
import { encodeLogprobs } from './logprobs.ts'
import { SealCarrier } from './seal-carrier.ts'

/** The parts of a candidate's blocks, and which block became which part. */
export function encodeBlocks(
  blocks: readonly Block[],
  prefix: string,
  context: PartContext,
): { readonly parts: JsonObject[]; readonly written: WrittenBlock[] } {
  const parts: JsonObject[] = []
  const written: WrittenBlock[] = []
  const seals = new SealCarrier()
  for (const [index, block] of blocks.entries()) {
    const path = `${prefix}content[${index}]`
    written.push({ block, part: parts.length, path })
    parts.push(...encodeParts([[context.native ? block : seals.carry(block), path]], context))
  }
  return { parts, written }
}

/** One candidate of a whole reply. */
export function encodeCandidate(candidate: Candidate, position: number, native: boolean, options: EncodeReplyOptions): JsonObject {
  const prefix = pathOf(position)
  const { parts, written } = encodeBlocks(candidate.blocks, prefix, { native, losses: options.losses, place: 'reply' })
  const { memo } = recall(candidate)
  return { ...contentField(candidate, parts, native), ...spell(closingFields(candidate, written, position, native, options), memo.snake) }
}

export function pathOf(position: number): string {
  return position === 0 ? '' : `candidates[${position}].`
}

/** Readers take the first part for granted, and the vendor's own client keeps no turn of a chat that has a content without parts. */
export function contentField(node: Pick<Candidate, 'ext'>, parts: readonly JsonObject[], native: boolean): JsonObject {
  const { fields, memo } = recall(node)
  if (native && memo.contentless === true && parts.length === 0) return fields.content === null ? { content: null } : {}
  const bare = native && memo.partless === true && parts.length === 0
  return {
    content: {
      ...(isJsonObject(fields.content) && fields.content),
      ...(!bare && { parts: native || parts.length > 0 ? parts : [{ text: '' }] }),
      ...(memo.role === undefined ? { role: 'model' } : memo.role !== false && { role: memo.role }),
    },
  }
}

/** Everything beside the content: what a whole reply and the last chunk of a stream have in common. */
export function closingFields(
  candidate: Omit<Candidate, 'blocks'>,
  written: readonly WrittenBlock[],
  position: number,
  native: boolean,
  options: EncodeReplyOptions,
): JsonObject {
  const { losses } = options
  const path = pathOf(position)
  const { fields, memo } = recall(candidate)
  reportForeignFields(candidate, path.slice(0, -1), losses, protocolId)
  const { content: _, groundingMetadata, ...rest } = fields
  const index = memo.index ?? position
  const grounding = native ? joined(groundingMetadata, memo.grounding) : encodeCitations(written, losses)
  return {
    ...rest,
    ...finishField(candidate, memo, path, native, options),
    ...(index !== false && { index }),
    ...(grounding !== undefined && { groundingMetadata: grounding }),
    ...(native && memo.citations !== undefined && { citationMetadata: memo.citations }),
    ...logprobsField(candidate, path, native, options),
  }
}

function joined(other: JsonObject[string] | undefined, placed: JsonObject[string] | undefined): JsonObject[string] | undefined {
  if (!isJsonObject(placed)) return other
  return isJsonObject(other) && !isEmpty(other) ? { ...placed, ...other } : placed
}

function finishField({ finish }: Omit<Candidate, 'blocks'>, memo: JsonObject, path: string, native: boolean, { losses }: EncodeReplyOptions): JsonObject {
  if (native && memo.unfinished === true && finish.raw === undefined) return {}
  const own = memo.finishReason ?? finish.raw
  if (native && own !== undefined) return { finishReason: own }
  return { finishReason: encodeFinish(finish, path, losses) }
}

function logprobsField({ logprobs, tokens }: Omit<Candidate, 'blocks'>, path: string, native: boolean, { losses }: EncodeReplyOptions): JsonObject {
  if (native) return logprobs === undefined ? {} : { logprobsResult: logprobs }
  if (tokens) return { logprobsResult: encodeLogprobs(tokens, path, losses) }
  if (logprobs !== undefined && logprobs !== null) losses.dropped(`${path}logprobs`, 'logprobs', 'semantic')
  return {}
}
