import { formatDataUrl, type JsonObject, type MediaBlock } from 'tokligence'
import { audioWireFormat } from '../../openai-chat/message/audio-format.ts'
import type { EncodeContext } from '../../openai-chat/message/encode-part.ts'
import { protocolId, recall, recallInner } from '../wire/wire-memo.ts'

/** Who else names the files that are stored with the vendor. */
const sharedStores: ReadonlySet<string> = new Set([protocolId, 'openai-chat'])

/** The part that stands for a medium, or undefined when there is none; the loss is reported. */
export function encodeMedia(block: MediaBlock, path: string, context: EncodeContext): JsonObject | undefined {
  if (block.kind === 'image') return encodeImage(block, path, context)
  if (block.kind === 'audio' && context.native) return encodeAudio(block)
  // A part for sounds is declared, but no message takes it (openai 6.49.0, ResponseInputContent).
  if (block.kind === 'audio' || block.kind === 'video') return dropped(block, path, context)
  return encodeFile(block, path, context)
}

function encodeImage(block: MediaBlock, path: string, context: EncodeContext): JsonObject | undefined {
  const { source, detail } = block
  if (source.type === 'text') return dropped(block, path, context)
  if (source.type === 'file' && !sharedStores.has(source.issuer)) return dropped(block, path, context, 'The image is stored with another vendor.')
  if (source.type === 'url' && !context.native && !/^(https?:\/\/|data:)/i.test(source.url))
    return dropped(block, path, context, 'Only http, https and data addresses are taken.')
  return {
    ...recall(block).fields,
    type: 'input_image',
    ...(source.type === 'file' ? { file_id: source.fileId } : { image_url: source.type === 'url' ? source.url : dataOf(block, source.data, context) }),
    ...(detail !== undefined && { detail }),
  }
}

function encodeAudio(block: MediaBlock): JsonObject {
  const { outer, inner, memo } = recallInner(block, 'input_audio')
  const data = block.source.type === 'base64' ? block.source.data : ''
  return { ...outer, type: 'input_audio', input_audio: { ...inner, data, format: memo.format ?? audioWireFormat(block.mediaType ?? 'audio/wav') } }
}

function encodeFile(block: MediaBlock, path: string, context: EncodeContext): JsonObject | undefined {
  const { source } = block
  if (source.type === 'text') return encodeText(block, source.text, path, context)
  if (source.type === 'base64' && block.mediaType?.startsWith('text/') && !context.native)
    return encodeText(block, Buffer.from(source.data, 'base64').toString('utf8'), path, context)
  if (source.type === 'file' && !sharedStores.has(source.issuer)) return dropped(block, path, context, 'The file is stored with another vendor.')
  if (source.type === 'url' && !context.native && !/^https?:\/\//i.test(source.url))
    return dropped(block, path, context, 'Only http and https addresses are taken.')
  const { fields, memo } = recall(block)
  const filename = context.native ? block.filename : filenameOf(block, path, context)
  return {
    ...fields,
    type: 'input_file',
    ...(filename !== undefined && { filename }),
    ...(source.type === 'file' && { file_id: source.fileId }),
    ...(source.type === 'url' && { [memo.data === true ? 'file_data' : 'file_url']: source.url }),
    ...(source.type === 'base64' && { file_data: dataOf(block, source.data, context) }),
    ...fileDetail(block, path, context),
  }
}

/** Of a file only `auto`, `low` and `high` (openai 6.49.0, ResponseInputFile). */
function fileDetail({ detail }: MediaBlock, path: string, context: EncodeContext): JsonObject {
  if (detail === undefined) return {}
  if (context.native || detail === 'auto' || detail === 'low' || detail === 'high') return { detail }
  context.losses.dropped(`${path}.detail`, 'file-detail', 'hint', detail)
  return {}
}

/** Data is refused without a file name. */
function filenameOf(block: MediaBlock, path: string, context: EncodeContext): string | undefined {
  if (block.filename !== undefined || block.source.type !== 'base64') return block.filename
  const isPdf = block.mediaType === 'application/pdf' || block.source.data.startsWith(pdfHead)
  const invented = isPdf ? `${block.title ?? 'document'}.pdf`.replace(/(\.pdf)+$/i, '.pdf') : (block.title ?? 'document')
  if (block.title === undefined) context.losses.invented(`${path}.filename`, 'filename', 'hint', invented)
  return invented
}

function encodeText(block: MediaBlock, text: string, path: string, context: EncodeContext): JsonObject {
  context.losses.approximated(path, 'text-document', 'hint', 'Sent as text.')
  const heading = block.title ?? block.filename
  return { type: 'input_text', text: heading === undefined ? text : `${heading}\n\n${text}` }
}

const pdfHead = 'JVBERi'

/** Data that came without a media type goes back without one; another protocol's may tell what it is by how it begins. */
function dataOf({ mediaType, kind }: MediaBlock, data: string, { native }: EncodeContext): string {
  if (mediaType !== undefined) return formatDataUrl(mediaType, data)
  if (native) return data
  if (kind === 'image') return formatDataUrl(imageType(data), data)
  return formatDataUrl(data.startsWith(pdfHead) ? 'application/pdf' : 'application/octet-stream', data)
}

function imageType(data: string): string {
  if (data.startsWith('/9j/')) return 'image/jpeg'
  if (data.startsWith('R0lGOD')) return 'image/gif'
  return data.startsWith('UklGR') ? 'image/webp' : 'image/png'
}

function dropped(block: MediaBlock, path: string, context: EncodeContext, detail?: string): undefined {
  context.losses.dropped(path, block.kind, 'semantic', detail)
}
