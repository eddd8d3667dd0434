import { type Block, type FieldReader, isJsonObject, type Json, type JsonObject, type MediaKind, type MediaSource, parseDataUrl, splitUnset } from 'tokligence'
import { protocolId, remember, rememberInner } from '../wire/wire-memo.ts'
import { audioMediaType, audioWireFormat } from './audio-format.ts'

export interface Content {
  readonly form: 'text' | 'blocks' | 'none'
  readonly blocks: readonly Block[]
}

/** A message's content: a string, a list of parts, or nothing. An empty string is the form `text` without a block. */
export function decodeContent(content: Json | undefined, path: string, read: FieldReader): Content {
  if (content === undefined || content === null) return { form: 'none', blocks: [] }
  if (typeof content === 'string') return { form: 'text', blocks: content === '' ? [] : [{ type: 'text', text: content }] }
  if (!Array.isArray(content)) throw read.fault(path, 'a string or an array of parts')
  return { form: 'blocks', blocks: content.map((part: Json, index) => decodePart(part, `${path}[${index}]`, read)) }
}

function decodePart(value: Json, path: string, read: FieldReader): Block {
  const part = read.object(value, path)
  const kind = read.string(part.type, `${path}.type`)
  const { given, unset } = splitUnset(part)
  switch (kind) {
    case 'text': {
      const { type: _, text, ...rest } = given
      return { type: 'text', text: read.string(text, `${path}.text`), ...remember(rest, { unset }) }
    }
    case 'refusal': {
      const { type: _, refusal, ...rest } = given
      return { type: 'refusal', text: read.string(refusal, `${path}.refusal`), ...remember(rest, { unset, part: true }) }
    }
    case 'image_url':
      return decodeImage(given, unset, path, read)
    case 'input_audio':
      return decodeAudio(given, unset, path, read)
    case 'file':
      return decodeFile(given, unset, path, read)
    case 'thinking':
      return decodeThinking(given, unset) ?? foreignPart(kind, part)
    default:
      // Compatible hosts have parts of their own, such as `video_url`.
      return foreignPart(kind, part)
  }
}

function foreignPart(kind: string, value: JsonObject): Block {
  return { type: 'foreign', protocol: protocolId, kind, value }
}

function decodeImage(part: JsonObject, unset: JsonObject, path: string, read: FieldReader): Block {
  const { type: _, image_url: image, ...rest } = part
  // Some hosts take the bare address in place of the object.
  if (typeof image === 'string') return { type: 'media', kind: 'image', ...mediaOfUrl(image), ...remember(rest, { unset, plain: true }) }
  const { given, unset: unsetInner } = splitUnset(read.object(image, `${path}.image_url`))
  const { url, detail, ...inner } = given
  const shown = read.optionalString(detail, `${path}.image_url.detail`)
  return {
    type: 'media',
    kind: 'image',
    ...mediaOfUrl(read.string(url, `${path}.image_url.url`)),
    ...(shown !== undefined && { detail: shown }),
    ...rememberInner(rest, 'image_url', inner, { unset, unsetInner }),
  }
}

function decodeAudio(part: JsonObject, unset: JsonObject, path: string, read: FieldReader): Block {
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

function decodeFile(part: JsonObject, unset: JsonObject, path: string, read: FieldReader): Block {
  const { type: _, file, ...rest } = part
  const { given, unset: unsetInner } = splitUnset(read.object(file, `${path}.file`))
  const { file_data, file_id, filename, ...inner } = given
  const data = read.optionalString(file_data, `${path}.file.file_data`)
  const fileId = read.optionalString(file_id, `${path}.file.file_id`)
  const name = read.optionalString(filename, `${path}.file.filename`)
  if (data === undefined && fileId === undefined) throw read.fault(`${path}.file`, 'an object with file_data or file_id')
  const kept = { ...inner, ...(data !== undefined && fileId !== undefined && { file_id: fileId }) }
  return {
    type: 'media',
    ...(data === undefined ? { kind: 'file', source: { type: 'file', fileId: fileId as string, issuer: protocolId } } : mediaOfFileData(data)),
    ...(name !== undefined && { filename: name }),
    ...rememberInner(rest, 'file', kept, { unset, unsetInner }),
  }
}

/** Thoughts among the parts of a reply, as Mistral sends them. Undefined when they hold more than text. */
function decodeThinking(part: JsonObject, unset: JsonObject): Block | undefined {
  const { type: _, thinking, ...rest } = part
  if (!Array.isArray(thinking)) return undefined
  const texts = thinking.map((piece: Json) => (isJsonObject(piece) && piece.type === 'text' && Object.keys(piece).length === 2 ? piece.text : undefined))
  if (!texts.every((text) => typeof text === 'string') || texts.length !== 1) return undefined
  return { type: 'reasoning', text: texts.join(''), ...remember(rest, { unset, part: true }) }
}

function mediaOfUrl(url: string): { readonly mediaType?: string; readonly source: MediaSource } {
  const parsed = parseDataUrl(url)
  return parsed ? { mediaType: parsed.mediaType, source: { type: 'base64', data: parsed.data } } : { source: { type: 'url', url } }
}

function mediaOfFileData(data: string): { readonly kind: MediaKind; readonly mediaType?: string; readonly source: MediaSource } {
  const parsed = parseDataUrl(data)
  if (parsed) {
    const { mediaType } = parsed
    const kind = mediaType === 'application/pdf' || mediaType.startsWith('text/') ? 'document' : 'file'
    return { kind, mediaType, source: { type: 'base64', data: parsed.data } }
  }
  if (/^(https?|data):/i.test(data)) return { kind: 'document', source: { type: 'url', url: data } }
  return { kind: 'file', source: { type: 'base64', data } }
}
