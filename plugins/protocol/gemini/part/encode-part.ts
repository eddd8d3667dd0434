import {
  type Block,
  featureName,
  isJsonObject,
  type JsonObject,
  type ReasoningBlock,
  reportForeignFields,
  sealToBase64,
  type TextBlock,
  type ToolResultBlock,
} from 'tokligence'
import { spell } from '../wire/fields.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { encodeCall } from './encode-call.ts'
import { encodeMedia } from './encode-media.ts'
import { encodeResult } from './encode-result.ts'
import type { PartContext, PlacedBlock } from './part-context.ts'

/**
 * The parts of blocks, in their order. Of other protocols' blocks, empty texts are left out, and media of tool results that the model does not take inside
 * of them stand behind the last of the results that follow each other: the vendor wants the responses of one turn side by side.
 */
export function encodeParts(blocks: readonly PlacedBlock[], context: PartContext): JsonObject[] {
  const parts: JsonObject[] = []
  let beside: JsonObject[] = []
  for (const [block, path] of blocks) {
    if (block.type === 'tool-result') {
      const { part, media } = encodeResultBlock(block, path, context)
      if (part) parts.push(part)
      beside.push(...media)
      continue
    }
    parts.push(...beside)
    beside = []
    const part = encodePart(block, path, context)
    if (part && (context.native || !isHollow(part))) parts.push(part)
  }
  return [...parts, ...beside]
}

/** The part of one block that is no tool result; undefined, with a loss reported, when there is none. */
export function encodePart(block: Exclude<Block, ToolResultBlock>, path: string, context: PartContext): JsonObject | undefined {
  const { losses } = context
  if (block.type !== 'foreign') reportForeignFields(block, path, losses, protocolId)
  switch (block.type) {
    case 'text':
      if (context.place === 'request') reportAnnotations(block, path, context)
      return textPart(block)
    case 'reasoning':
      return encodeReasoning(block, path, context)
    case 'refusal':
      losses.approximated(path, 'refusal', 'hint', 'A refusal stands as text.')
      return { ...recall(block).fields, text: block.text }
    case 'media':
      return encodeMedia(block, path, context)
    case 'tool-call':
      return encodeCall(block, path, context)
    case 'foreign':
      if (block.protocol === protocolId && isJsonObject(block.value)) return block.value
      losses.dropped(path, featureName(block.kind), 'semantic')
      return undefined
  }
}

function encodeResultBlock(block: ToolResultBlock, path: string, context: PartContext) {
  reportForeignFields(block, path, context.losses, protocolId)
  return encodeResult(block, path, context)
}

function textPart(block: TextBlock | ReasoningBlock): JsonObject {
  const { fields, memo } = recall(block)
  const thought = block.type === 'reasoning' ? true : memo.thought
  const own = {
    ...(!(memo.textless === true && block.text === '') && { text: block.text }),
    ...(thought !== undefined && { thought }),
    ...(block.sealed && { thoughtSignature: sealToBase64(block.sealed.value) }),
  }
  return { ...fields, ...spell(own, memo.snake) }
}

function encodeReasoning(block: ReasoningBlock, path: string, context: PartContext): JsonObject | undefined {
  if (block.text !== '' || block.sealed || context.native) return textPart(block)
  if (block.redacted) context.losses.dropped(path, 'reasoning', 'semantic', 'It is hidden and has no sealed value.')
  return undefined
}

/** A request has no slot for them. A reply tells them beside its content. */
function reportAnnotations(block: TextBlock, path: string, { losses }: PartContext): void {
  for (const index of block.annotations?.keys() ?? []) losses.dropped(`${path}.annotations[${index}]`, 'annotations', 'semantic')
}

/** A text without words says nothing, and the vendor refuses a request with one. */
function isHollow(part: JsonObject): boolean {
  return part.text === '' && Object.keys(part).every((field) => field === 'text' || field === 'thought')
}
