import { type Block, type Json, type JsonObject, type MediaKind, type MediaSource, parseDataUrl, requestReader as read, splitUnset } from 'tokligence'
import { audioMediaType, audioWireFormat } from '../../openai-chat/message/audio-format.ts'
import { protocolId, remember, rememberInner } from '../wire/wire-memo.ts'

export interface Content {
  readonly form: 'text' | 'blocks' | 'none'
  readonly blocks: readonly Block[]
}

/** The content of a message, or the output of a call: a string, a list of parts, or nothing. */
export function decodeContent(content: Json | undefined, path: string): Content {
  if (content === undefined || content === null) return { form: 'none', blocks: [] }
  if (typeof content === 'string') return { form: 'text', blocks: [{ type: 'text', text: content }] }
  if (!Array.isArray(content)) throw read.fault(path, 'a string or an array of parts')
  return { form: 'blocks', blocks: content.map((part: Json, index) => decodePart(read.object(part, `${path}[${index}]`), `${path}[${index}]`)) }
}

function decodePart(part: JsonObject, path: string): Block {
  const kind = read.string(part.type, `${path}.type`)
  const { given, unset } = splitUnset(part)
  switch (kind) {
    case 'input_text':
    case 'output_text':
    case 'text': {
      const { type: _, text, ...rest } = given
      return { type: 'text', text: read.string(text, `${path}.text`), ...remember(rest, { unset, part: kind === 'input_text' ? undefined : kind }) }
    }
    case 'refusal': {
      const { type: _, refusal, ...rest } = given
      return { type: 'refusal', text: read.string(refusal, `${path}.refusal`), ...remember(rest, { unset }) }
    }
    case 'input_image':
      return decodeImage(given, unset, path)
    case 'input_file':
      return decodeFile(given, unset, path)
    case 'input_audio':
      return decodeAudio(given, unset, path)
    default:
      return { type: 'foreign', protocol: protocolId, kind, value: part }
  }
}

/** `image_url` counts where a `file_id` stands beside it (openai 6.49.0, ResponseInputImage). */
function decodeImage(part: JsonObject, unset: JsonObject, path: string): Block {
  const { type: _, image_url, ...others } = part
  const { detail, ...rest } = others
  const url = read.optionalString(image_url, `${path}.image_url`)
  const shown = detailOf(detail, path)
  if (url !== undefined) return { type: 'media', kind: 'image', ...mediaOfUrl(url), ...shown, ...remember(rest, { unset }) }
  const { file_id, ...unread } = rest
  const fileId = read.optionalString(file_id, `${path}.file_id`)
  if (fileId === undefined) throw read.fault(path, 'an image with image_url or file_id')
  return { type: 'media', kind: 'image', source: { type: 'file', fileId, issuer: protocolId }, ...shown, ...remember(unread, { unset }) }
}

/** `file_data`, else `file_url`, else `file_id` (openai 6.49.0, ResponseInputFile). */
function decodeFile(part: JsonObject, unset: JsonObject, path: string): Block {
  const { type: _, filename, detail, ...others } = part
  const name = read.optionalString(filename, `${path}.filename`)
  const told = { ...detailOf(detail, path), ...(name !== undefined && { filename: name }) }
  const { file_data, ...withoutData } = others
  const data = read.optionalString(file_data, `${path}.file_data`)
  if (data !== undefined) return { type: 'media', ...mediaOfData(data), ...told, ...remember(withoutData, { unset, data: isOddData(data) ? true : undefined }) }
  const { file_url, ...withoutUrl } = withoutData
  const url = read.optionalString(file_url, `${path}.file_url`)
  if (url !== undefined) return { type: 'media', kind: 'document', source: { type: 'url', url }, ...told, ...remember(withoutUrl, { unset }) }
  const { file_id, ...rest } = withoutUrl
  const fileId = read.optionalString(file_id, `${path}.file_id`)
  if (fileId === undefined) throw read.fault(path, 'a file with file_data, file_url or file_id')
  return { type: 'media', kind: 'file', source: { type: 'file', fileId, issuer: protocolId }, ...told, ...remember(rest, { unset }) }
}

function decodeAudio(part: JsonObject, unset: JsonObject, path: string): Block {
  const { type: _, input_audio: audio, ...rest } = part
  const { given, unset: unsetInner } = splitUnset(read.object(audio, `${path}.input_audio`))
  const { data, format, ...inner } = given
  const spelled = read.string(format, `${path}.input_audio.format`)
  const mediaType = audioMediaType(spelled)
  return {
    type: 'media',
    kind: 'audio',
    mediaType,
    source: { type: 'base64', data: read.string(data, `${path}.input_audio.data`) },
    ...rememberInner(rest, 'input_audio', inner, { unset, unsetInner, format: audioWireFormat(mediaType) === spelled ? undefined : spelled }),
  }
}

function detailOf(detail: Json | undefined, path: string): { readonly detail?: string } {
  const word = read.optionalString(detail, `${path}.detail`)
  return word === undefined ? {} : { detail: word }
}

function mediaOfUrl(url: string): { readonly mediaType?: string; readonly source: MediaSource } {
  const parsed = parseDataUrl(url)
  return parsed ? { mediaType: parsed.mediaType, source: { type: 'base64', data: parsed.data } } : { source: { type: 'url', url } }
}

function mediaOfData(data: string): { readonly kind: MediaKind; readonly mediaType?: string; readonly source: MediaSource } {
  if (isOddData(data)) return { kind: 'file', source: { type: 'url', url: data } }
  const parsed = parseDataUrl(data)
  if (!parsed) return { kind: 'file', source: { type: 'base64', data } }
  const { mediaType } = parsed
  const kind = mediaType === 'application/pdf' || mediaType.startsWith('text/') ? 'document' : 'file'
  return { kind, mediaType, source: { type: 'base64', data: parsed.data } }
}

/** An address where data should stand; with the media types and encodings that `parseDataUrl` does not take apart, too. */
function isOddData(data: string): boolean {
  return /^(https?|data):/i.test(data) && !parseDataUrl(data)
}
