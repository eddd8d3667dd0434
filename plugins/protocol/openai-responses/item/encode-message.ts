import { type Block, featureName, isJsonObject, type Json, type JsonObject, reportForeignFields } from 'tokligence'
import { protocolId, recall, recallInner } from '../wire/wire-memo.ts'
import { encodeAnnotation } from './annotation.ts'
import { logprobsOf } from './decode-message.ts'
import { type ItemContext, newItemId } from './item-context.ts'
import { encodeLogprobs } from './logprobs.ts'

/** How an item begins that is written for a block of another protocol. */
export interface ItemHead {
  /** The id that a stream has begun the item with; a new one when absent. */
  readonly id?: string
  readonly status?: string
}

/** The part of a message that stands for a block; undefined when there is none, which is reported where it is a loss. */
export function encodePart(block: Block, path: string, context: ItemContext): JsonObject | undefined {
  if (block.type === 'foreign') return isJsonObject(block.value) ? block.value : undefined
  if (block.type !== 'text' && block.type !== 'refusal') {
    context.losses.dropped(path, featureName(block.type), 'semantic', 'It has no place in a message.')
    return undefined
  }
  reportForeignFields(block, path, context.losses, protocolId)
  const { inner, memo } = recallInner(block, 'part')
  if (block.type === 'refusal') return { ...inner, type: 'refusal', refusal: block.text }
  if (memo.input === true) return { type: 'input_text', text: block.text }
  const annotations = (block.annotations ?? []).map((annotation) => encodeAnnotation(annotation, block.text, path, context.losses))
  const cited = annotations.filter((annotation) => annotation !== undefined)
  const logprobs = logprobsOf(block)
  return {
    ...(!isOwn(block) && { annotations: [], ...(context.use === 'reply' && { logprobs: [] }) }),
    ...inner,
    type: 'output_text',
    text: block.text,
    ...(cited.length > 0 && { annotations: cited }),
    ...(logprobs.length > 0 && { logprobs }),
  }
}

/** A message around its parts; `head` is the block that remembers it, when it was read from this protocol. */
export function encodeMessage(head: Block, parts: readonly JsonObject[], { id, status }: ItemHead, context: ItemContext): JsonObject {
  const { outer, memo } = recallInner(head, 'part')
  if (!isJsonObject(memo.item)) {
    const named = context.use === 'reply' && { id: id ?? newItemId('msg', context), status: status ?? 'completed' }
    return { ...named, type: 'message', role: 'assistant', content: parts }
  }
  const { role } = memo
  const content = contentOf(head, parts, memo)
  return {
    ...outer,
    ...(memo.untyped !== true && { type: 'message' }),
    ...(role === undefined ? { role: 'assistant' } : role !== false && { role }),
    ...memo.item,
    ...(content !== undefined && { content }),
  }
}

function contentOf(head: Block, parts: readonly JsonObject[], memo: JsonObject): Json | undefined {
  const said = head.type === 'text' ? head.text : ''
  if (memo.plain === true && parts.length === 1) return said
  if (memo.hollow !== undefined && parts.length === 1 && said === '') return memo.hollow === false ? undefined : memo.hollow
  return parts
}

/** True for a block that was read from an item of this protocol. */
export function isOwn(block: Block): boolean {
  const { memo } = recall(block)
  return memo.item !== undefined || memo.part !== undefined
}

/** The block with the log probabilities of its text, as they are remembered of a part. */
export function withLogprobs(block: Extract<Block, { type: 'text' }>, tokens: Parameters<typeof encodeLogprobs>[0]): Block {
  const own = block.ext?.[protocolId] ?? {}
  const memo = isJsonObject(own.$wire) ? own.$wire : {}
  return { ...block, ext: { ...block.ext, [protocolId]: { ...own, $wire: { ...memo, logprobs: encodeLogprobs(tokens) } } } }
}
