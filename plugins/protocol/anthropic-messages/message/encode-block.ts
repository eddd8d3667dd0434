import {
  type Block,
  featureName,
  isJsonObject,
  type JsonObject,
  type LossSink,
  type MediaBlock,
  type ReasoningBlock,
  type TextBlock,
  type ToolCallBlock,
  type ToolResultBlock,
} from 'tokligence'
import { ownFields, protocolId, reportForeignFields } from '../wire/extensions.ts'
import { asObject } from '../wire/shape.ts'
import { encodeCitation } from './citations.ts'
import { encodeHostedCall, encodeOwnHostedCall, type HostedCalls, isOwnHosted } from './hosted-call.ts'
import { encodeHostedResult } from './hosted-result.ts'
import { argumentsObject } from './tool-arguments.ts'

export interface BlockContext {
  readonly losses: LossSink
  /** The id on the wire of the call that is being written, or answered. */
  readonly toolId: (id: string) => string
  /** The calls that the provider ran itself, as far as they are written. */
  readonly hosted: HostedCalls
}

/** A block on the wire; undefined, with a loss reported, when the protocol has no place for it. */
export function encodeBlock(block: Block, path: string, context: BlockContext): JsonObject | undefined {
  reportForeignFields('ext' in block ? block.ext : undefined, path, context.losses)
  switch (block.type) {
    case 'text':
      return encodeText(block, path, context.losses)
    case 'media':
      return encodeMedia(block, path, context.losses)
    case 'reasoning':
      return encodeReasoning(block, path, context.losses)
    case 'tool-call':
      return encodeToolCall(block, path, context)
    case 'tool-result':
      return encodeToolResult(block, path, context)
    case 'refusal':
      context.losses.approximated(path, 'refusal', 'hint', 'A refusal stands as text.')
      return { type: 'text', text: block.text, ...ownFields(block.ext) }
    case 'foreign':
      if (block.protocol === protocolId && isJsonObject(block.value)) return block.value
      context.losses.dropped(path, featureName(block.kind), 'semantic')
      return undefined
  }
}

/** Blocks as the string or the list that they were. */
export function encodeContent(form: 'text' | 'blocks' | 'none', blocks: readonly Block[], path: string, context: BlockContext): string | JsonObject[] {
  const wire: JsonObject[] = []
  for (const [index, block] of blocks.entries()) {
    const encoded = encodeBlock(block, `${path}[${index}]`, context)
    if (encoded) wire.push(encoded)
  }
  return form === 'text' ? asString(wire) : wire
}

/** A single plain text block as a string; everything else stays a list. */
export function asString(wire: JsonObject[]): string | JsonObject[] {
  const [first, ...others] = wire
  if (others.length > 0) return wire
  if (!first) return ''
  return typeof first.text === 'string' && first.type === 'text' && Object.keys(first).length === 2 ? first.text : wire
}

function encodeText(block: TextBlock, path: string, losses: LossSink): JsonObject {
  const citations = (block.annotations ?? []).flatMap((annotation, index) => {
    const citation = encodeCitation(annotation, `${path}.annotations[${index}]`, losses)
    return citation === undefined ? [] : [citation]
  })
  return { type: 'text', text: block.text, ...ownFields(block.ext), ...(citations.length > 0 && { citations }) }
}

/** Opaque values are written as they are given: which ones come here is decided outside. */
function encodeReasoning(block: ReasoningBlock, path: string, losses: LossSink): JsonObject | undefined {
  const { sealed } = block
  if (!block.redacted) return { type: 'thinking', thinking: block.text, ...ownFields(block.ext), ...(sealed && { signature: sealed.value }) }
  if (sealed) return { type: 'redacted_thinking', data: sealed.value, ...ownFields(block.ext) }
  losses.dropped(path, 'reasoning', 'hint', 'It is hidden and has no sealed value.')
  return undefined
}

function encodeToolCall(block: ToolCallBlock, path: string, { losses, toolId, hosted }: BlockContext): JsonObject | undefined {
  if (block.executedBy === 'provider') {
    hosted.note(block)
    return isOwnHosted(block) ? encodeOwnHostedCall(block) : encodeHostedCall(block, path, losses)
  }
  if (block.namespace !== undefined) losses.dropped(`${path}.namespace`, 'tool-namespace', 'semantic')
  return {
    type: 'tool_use',
    id: toolId(block.id),
    name: block.name,
    input: argumentsObject(block, `${path}.input`, losses),
    ...ownFields(block.ext),
  }
}

function encodeToolResult(block: ToolResultBlock, path: string, context: BlockContext): JsonObject | undefined {
  if (isOwnHosted(block)) return encodeHostedResult(block, path, context)
  return {
    type: 'tool_result',
    tool_use_id: context.toolId(block.callId),
    ...ownFields(block.ext),
    ...(block.form !== 'none' && { content: encodeContent(block.form, block.content, `${path}.content`, context) }),
    ...(block.isError !== undefined && { is_error: block.isError }),
  }
}

function encodeMedia(block: MediaBlock, path: string, losses: LossSink): JsonObject | undefined {
  if (block.kind === 'audio' || block.kind === 'video') {
    losses.dropped(path, `${block.kind}-input`, 'semantic')
    return undefined
  }
  const source = encodeSource(block, path, losses)
  if (!source) return undefined
  const { source: sourceRest, ...rest } = ownFields(block.ext)
  if (block.detail !== undefined && block.detail !== 'auto') losses.dropped(`${path}.detail`, 'image-detail', 'hint')
  const title = block.title ?? (block.kind === 'image' ? undefined : block.filename)
  return {
    type: block.kind === 'image' ? 'image' : 'document',
    source: { ...asObject(sourceRest), ...source },
    ...rest,
    ...(title !== undefined && { title }),
  }
}

function encodeSource({ source, mediaType }: MediaBlock, path: string, losses: LossSink): JsonObject | undefined {
  switch (source.type) {
    case 'base64':
      return { type: 'base64', ...(mediaType !== undefined && { media_type: mediaType }), data: source.data }
    case 'url':
      return { type: 'url', url: source.url }
    case 'text':
      return { type: 'text', media_type: mediaType ?? 'text/plain', data: source.text }
    case 'file':
      if (source.issuer === protocolId) return { type: 'file', file_id: source.fileId }
      losses.dropped(path, 'file-reference', 'semantic', `The file was uploaded to ${source.issuer}.`)
      return undefined
  }
}
