import {
  type Block,
  formatDataUrl,
  isJsonObject,
  type JsonObject,
  type LossSink,
  type MediaBlock,
  type ReasoningBlock,
  reportForeignFields,
  type TextBlock,
} from 'tokligence'
import { protocolId, recall, recallInner } from '../wire/wire-memo.ts'
import { audioFormat, audioWireFormat } from './audio-format.ts'

export interface EncodeContext {
  /** The whole was read from this protocol: it is written back as it was, also where the vendor would refuse it. */
  readonly native: boolean
  readonly losses: LossSink
}

/** The part of a message's content that stands for a block, or undefined when there is none; the loss is reported. */
export function encodePart(block: Block, path: string, context: EncodeContext): JsonObject | undefined {
  if (block.type !== 'foreign') reportForeignFields(block, path, context.losses, protocolId)
  switch (block.type) {
    case 'text':
      return textPart(block)
    case 'media':
      return encodeMedia(block, path, context)
    case 'refusal':
      return { ...recall(block).fields, type: 'refusal', refusal: block.text }
    case 'foreign':
      if (block.protocol === protocolId && isJsonObject(block.value)) return block.value
      context.losses.dropped(path, block.kind.replaceAll('_', '-'), 'semantic')
      return undefined
    case 'reasoning':
      if (isPart(block)) return thinkingPart(block)
      return misplaced(block, path, context)
    case 'tool-call':
    case 'tool-result':
      return misplaced(block, path, context)
  }
}

export function textPart(block: TextBlock): JsonObject {
  return { ...recall(block).fields, type: 'text', text: block.text }
}

/** True for a block that stood among the parts of `content`, though others of its kind have a field of their own. */
export function isPart(block: Block): boolean {
  return block.type !== 'foreign' && recall(block).memo.part === true
}

function misplaced(block: Block, path: string, context: EncodeContext): undefined {
  context.losses.dropped(path, block.type, 'semantic', 'It has no place in a message of this role.')
}

/** Thoughts that stood among the parts of a message. */
export function thinkingPart(block: ReasoningBlock): JsonObject {
  return { ...recall(block).fields, type: 'thinking', thinking: [{ type: 'text', text: block.text }] }
}

/** Parts as they go into `content`: bare text as a string where nothing is lost by it. */
export function joinParts(parts: readonly JsonObject[], form: 'text' | 'blocks' | 'none', native: boolean): string | readonly JsonObject[] | undefined {
  const [first] = parts
  if (first === undefined) return native && form !== 'text' ? (form === 'blocks' ? [] : undefined) : ''
  const bareText = parts.length === 1 && first.type === 'text' && Object.keys(first).length === 2
  return bareText && !(native && form === 'blocks') ? (first.text as string) : parts
}

function encodeMedia(block: MediaBlock, path: string, context: EncodeContext): JsonObject | undefined {
  if (block.kind === 'image') return encodeImage(block, path, context)
  if (block.kind === 'audio') return encodeAudio(block, path, context)
  if (block.kind === 'video') return dropped(block, path, context)
  return encodeFile(block, path, context)
}

function encodeImage(block: MediaBlock, path: string, context: EncodeContext): JsonObject | undefined {
  const { outer, inner, memo } = recallInner(block, 'image_url')
  const url = urlOf(block)
  if (url === undefined) return dropped(block, path, context)
  if (memo.plain === true) return { ...outer, type: 'image_url', image_url: url }
  const detail = detailOf(block, path, context)
  return { ...outer, type: 'image_url', image_url: { ...inner, url, ...(detail !== undefined && { detail }) } }
}

/** `original` is a word of a newer protocol; here `high` is the most (openai 6.49.0, ChatCompletionContentPartImage). */
function detailOf(block: MediaBlock, path: string, context: EncodeContext): string | undefined {
  if (block.detail !== 'original' || context.native) return block.detail
  context.losses.approximated(`${path}.detail`, 'image-detail', 'hint', 'high')
  return 'high'
}

function encodeAudio(block: MediaBlock, path: string, context: EncodeContext): JsonObject | undefined {
  const { outer, inner, memo } = recallInner(block, 'input_audio')
  if (block.source.type !== 'base64' || block.mediaType === undefined) return dropped(block, path, context)
  const format = context.native ? (memo.format ?? audioWireFormat(block.mediaType)) : audioFormat(block.mediaType)
  if (format === undefined) return dropped(block, path, context)
  return { ...outer, type: 'input_audio', input_audio: { ...inner, data: block.source.data, format } }
}

function encodeFile(block: MediaBlock, path: string, context: EncodeContext): JsonObject | undefined {
  const { source } = block
  if (source.type === 'text') return encodePlainDocument(block, source.text, path, context)
  if (source.type === 'base64' && block.mediaType?.startsWith('text/') && !context.native)
    return encodePlainDocument(block, Buffer.from(source.data, 'base64').toString('utf8'), path, context)
  if (source.type === 'url' && !context.native) return dropped(block, path, context, 'A document behind a URL cannot be sent; send its data.')
  if (source.type === 'file' && source.issuer !== protocolId) return dropped(block, path, context, 'The file is stored with another vendor.')
  const { outer, inner } = recallInner(block, 'file')
  const filename = context.native ? block.filename : filenameOf(block, path, context)
  const file = {
    ...inner,
    ...(source.type === 'file' ? { file_id: source.fileId } : { file_data: urlOf(block) ?? '' }),
    ...(filename !== undefined && { filename }),
  }
  return { ...outer, type: 'file', file }
}

/** A `file` part is refused without a file name unless it names a stored file. */
function filenameOf(block: MediaBlock, path: string, context: EncodeContext): string | undefined {
  if (block.filename !== undefined || block.source.type === 'file') return block.filename
  const invented = block.mediaType === 'application/pdf' ? `${block.title ?? 'document'}.pdf`.replace(/(\.pdf)+$/i, '.pdf') : (block.title ?? 'document')
  if (block.title === undefined) context.losses.invented(`${path}.filename`, 'filename', 'hint', invented)
  return invented
}

function encodePlainDocument(block: MediaBlock, text: string, path: string, context: EncodeContext): JsonObject {
  context.losses.approximated(path, 'text-document', 'hint', 'Sent as text.')
  const heading = block.title ?? block.filename
  return { type: 'text', text: heading === undefined ? text : `${heading}\n\n${text}` }
}

function urlOf(block: MediaBlock): string | undefined {
  if (block.source.type === 'url') return block.source.url
  if (block.source.type !== 'base64') return undefined
  // Data that came without a media type goes back without one.
  return block.mediaType === undefined ? block.source.data : formatDataUrl(block.mediaType, block.source.data)
}

function dropped(block: MediaBlock, path: string, context: EncodeContext, detail?: string): undefined {
  context.losses.dropped(path, block.kind, 'semantic', detail)
}

/** The parts of blocks in a place that takes text alone; other blocks are reported. */
export function encodeTextParts(blocks: readonly (readonly [block: Block, path: string])[], context: EncodeContext): JsonObject[] {
  return encodeParts(
    blocks.filter(([block, path]) => {
      if (block.type !== 'media' || context.native || block.source.type === 'text') return true
      context.losses.dropped(path, block.kind, 'semantic', 'A message of this role takes text alone.')
      return false
    }),
    context,
  )
}

/** The parts of blocks; empty texts of other protocols are left out, because vendors refuse them. */
export function encodeParts(blocks: readonly (readonly [block: Block, path: string])[], context: EncodeContext): JsonObject[] {
  const parts: JsonObject[] = []
  for (const [block, path] of blocks) {
    const part = encodePart(block, path, context)
    if (part && (context.native || part.type !== 'text' || part.text !== '')) parts.push(part)
  }
  return parts
}
