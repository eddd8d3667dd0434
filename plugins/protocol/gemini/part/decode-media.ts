import type { Block, FieldReader, JsonObject, MediaBlock, MediaKind, MediaSource } from 'tokligence'
import { takeFields } from '../wire/fields.ts'
import { protocolId, rememberInner } from '../wire/wire-memo.ts'

/** `inlineData`: bytes in base64. What stands beside it (`videoMetadata`, `mediaResolution`, a signature) is kept. */
export function decodeInlineData(part: JsonObject, path: string, read: FieldReader): MediaBlock {
  const outer = takeFields(part, ['inlineData'])
  const inner = takeFields(read.object(outer.fields.inlineData, `${path}.inlineData`), ['mimeType', 'data', 'displayName'])
  const mediaType = read.optionalString(inner.fields.mimeType, `${path}.inlineData.mimeType`)
  const filename = read.optionalString(inner.fields.displayName, `${path}.inlineData.displayName`)
  const wire = read.optionalString(inner.fields.data, `${path}.inlineData.data`)
  const data = standardBase64(wire ?? '')
  return {
    type: 'media',
    kind: kindOf(mediaType),
    ...(mediaType !== undefined && { mediaType }),
    source: { type: 'base64', data },
    ...(filename !== undefined && { filename }),
    ...rememberInner(outer.rest, 'inlineData', inner.rest, {
      snake: outer.snake,
      snakeInner: inner.snake,
      data: wire === undefined ? false : wire === data ? undefined : wire.length === data.length ? 'url-safe' : 'url-safe-bare',
    }),
  }
}

/** `fileData`: an address, or a file of the vendor's. */
export function decodeFileData(part: JsonObject, path: string, read: FieldReader): Block {
  const outer = takeFields(part, ['fileData'])
  const inner = takeFields(read.object(outer.fields.fileData, `${path}.fileData`), ['mimeType', 'fileUri', 'displayName'])
  const uri = read.string(inner.fields.fileUri, `${path}.fileData.fileUri`)
  const mediaType = read.optionalString(inner.fields.mimeType, `${path}.fileData.mimeType`)
  const filename = read.optionalString(inner.fields.displayName, `${path}.fileData.displayName`)
  return {
    type: 'media',
    kind: mediaType === undefined && isYouTube(uri) ? 'video' : kindOf(mediaType),
    ...(mediaType !== undefined && { mediaType }),
    source: sourceOf(uri),
    ...(filename !== undefined && { filename }),
    ...rememberInner(outer.rest, 'fileData', inner.rest, { snake: outer.snake, snakeInner: inner.snake }),
  }
}

/** Files of the Files API are named `files/…`, with or without the address of the API before it. Those in the vendor's storage (`gs:`) nobody else can read. */
function sourceOf(uri: string): MediaSource {
  const stored = /^files\/|^https:\/\/generativelanguage\.googleapis\.com\/(?:[^/]+\/)?files\//.test(uri)
  if (!stored && /^https?:/i.test(uri)) return { type: 'url', url: uri }
  return { type: 'file', fileId: uri, issuer: protocolId }
}

export function isYouTube(uri: string): boolean {
  return /^https?:\/\/(?:(?:www|m)\.)?(?:youtube\.com|youtu\.be)\//i.test(uri)
}

export function kindOf(mediaType: string | undefined): MediaKind {
  const top = mediaType?.split('/')[0]?.toLowerCase()
  if (top === 'image' || top === 'audio' || top === 'video') return top
  return top === 'text' || mediaType === 'application/pdf' ? 'document' : 'file'
}

/** ProtoJSON takes the URL-safe alphabet as well, with and without padding. A mix of both alphabets stays as it is. */
function standardBase64(data: string): string {
  if (!(data.includes('-') || data.includes('_')) || data.includes('+') || data.includes('/')) return data
  const standard = data.replaceAll('-', '+').replaceAll('_', '/')
  return data.endsWith('=') ? standard : standard.padEnd(Math.ceil(standard.length / 4) * 4, '=')
}

/** The inverse of `standardBase64`, for what a memo says of the data. */
export function wireBase64(data: string, memo: unknown): string {
  if (memo !== 'url-safe' && memo !== 'url-safe-bare') return data
  const urlSafe = data.replaceAll('+', '-').replaceAll('/', '_')
  return memo === 'url-safe' ? urlSafe : urlSafe.replace(/=+$/, '')
}
