import { type JsonObject, type MediaBlock, parseDataUrl } from 'tokligence'
import { spell } from '../wire/fields.ts'
import { protocolId, recallInner } from '../wire/wire-memo.ts'
import { isYouTube, wireBase64 } from './decode-media.ts'
import { guessMediaType } from './media-type.ts'
import type { PartContext } from './part-context.ts'

/** The part of a medium; undefined, with a loss reported, for a file that lies with another vendor. */
export function encodeMedia(block: MediaBlock, path: string, context: PartContext): JsonObject | undefined {
  const { source } = block
  if (!context.native) reportLabels(block, path, context)
  switch (source.type) {
    case 'base64':
      return inlineData(block, source.data, path, context)
    case 'text':
      return inlineData({ ...block, mediaType: block.mediaType ?? 'text/plain' }, Buffer.from(source.text).toString('base64'), path, context)
    case 'url': {
      const data = context.native ? undefined : parseDataUrl(source.url)
      return data ? inlineData({ ...block, mediaType: data.mediaType }, data.data, path, context) : fileData(block, source.url, path, context)
    }
    case 'file':
      if (source.issuer === protocolId) return fileData(block, source.fileId, path, context)
      context.losses.dropped(path, 'file-reference', 'semantic', `The file was uploaded to ${source.issuer}.`)
      return undefined
  }
}

function inlineData(block: MediaBlock, data: string, path: string, context: PartContext): JsonObject {
  const { outer, inner, memo } = recallInner(block, 'inlineData')
  const mediaType = block.mediaType ?? (context.native ? undefined : inventedType(block, data, path, context))
  const body = {
    ...(mediaType !== undefined && { mimeType: mediaType }),
    ...(!(memo.data === false && data === '') && { data: wireBase64(data, memo.data) }),
    ...displayName(block, context),
  }
  return { ...outer, ...spell({ inlineData: { ...inner, ...spell(body, memo.snakeInner) } }, memo.snake) }
}

/** The vendor fetches public addresses (ai.google.dev, "File input methods": external URLs). Videos of YouTube go without a type. */
function fileData(block: MediaBlock, uri: string, path: string, context: PartContext): JsonObject {
  const { outer, inner, memo } = recallInner(block, 'fileData')
  const mediaType = block.mediaType ?? (context.native || isYouTube(uri) || block.source.type === 'file' ? undefined : inventedType(block, uri, path, context))
  const body = { ...(mediaType !== undefined && { mimeType: mediaType }), fileUri: uri, ...displayName(block, context) }
  return { ...outer, ...spell({ fileData: { ...inner, ...spell(body, memo.snakeInner) } }, memo.snake) }
}

/** `mimeType` is required (Blob and FileData in @google/genai 3.1.0). */
function inventedType(block: MediaBlock, content: string, path: string, { losses }: PartContext): string {
  const guessed = guessMediaType(block, content)
  losses.invented(`${path}.mimeType`, 'media-type', 'hint', guessed)
  return guessed
}

/** The Gemini API takes no name with a medium; Vertex AI does, for prompts that are stored there. */
function displayName(block: MediaBlock, { native }: PartContext): JsonObject {
  return native && block.filename !== undefined ? { displayName: block.filename } : {}
}

function reportLabels(block: MediaBlock, path: string, { losses }: PartContext): void {
  if (block.filename !== undefined) losses.dropped(`${path}.filename`, 'filename', 'hint')
  if (block.title !== undefined) losses.dropped(`${path}.title`, 'document-title', 'hint')
  if (block.detail !== undefined && block.detail !== 'auto') losses.dropped(`${path}.detail`, 'image-detail', 'hint')
}
