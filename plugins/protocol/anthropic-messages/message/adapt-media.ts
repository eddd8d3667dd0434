import type { LossSink, MediaBlock } from 'tokligence'
import { protocolId } from '../wire/extensions.ts'

/** Base64ImageSource.media_type in @anthropic-ai/sdk 1.12.0. */
const imageTypes = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp'])
const textType = /^text\/|^application\/(?:json|xml|yaml|x-yaml|toml|javascript|typescript|sql|x-sh|csv)$|\+(?:json|xml)$/

/** How the base64 text of each kind of file begins. */
const signatures: readonly (readonly [prefix: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi', 'application/pdf'],
]

/** Another protocol's media in a form that this one takes: an image, a PDF, or a text as document. Undefined, with a loss, for the rest. */
export function adaptMedia(block: MediaBlock, path: string, losses: LossSink): MediaBlock | undefined {
  if (block.kind === 'audio' || block.kind === 'video') {
    losses.dropped(path, `${block.kind}-input`, 'semantic')
    return undefined
  }
  switch (block.source.type) {
    case 'url':
      return adaptUrl(block, block.source.url, path, losses)
    case 'base64':
      return adaptBase64(block, block.source.data, path, losses)
    case 'text':
      return { ...block, kind: 'document', mediaType: 'text/plain' }
    case 'file':
      if (block.source.issuer === protocolId) return block
      losses.dropped(path, 'file-reference', 'semantic', `The file was uploaded to ${block.source.issuer}.`)
      return undefined
  }
}

function adaptUrl(block: MediaBlock, url: string, path: string, losses: LossSink): MediaBlock | undefined {
  const data = /^data:([^;,]*)(?:;[^,]*)?;base64,/i.exec(url)
  if (data) {
    const { mediaType: _, ...rest } = block
    const mediaType = data[1] || undefined
    const base64 = url.slice(data[0].length)
    return adaptBase64({ ...rest, ...(mediaType !== undefined && { mediaType }), source: { type: 'base64', data: base64 } }, base64, path, losses)
  }
  if (/^https?:\/\//i.test(url)) return block
  losses.dropped(path, 'media-url', 'semantic', 'Only http and https addresses are taken.')
  return undefined
}

function adaptBase64(block: MediaBlock, data: string, path: string, losses: LossSink): MediaBlock | undefined {
  const mediaType = knownType(block.mediaType) ?? signatures.find(([prefix]) => data.startsWith(prefix))?.[1] ?? typeOfName(block.filename)
  if (mediaType === undefined) {
    losses.dropped(path, 'media-type', 'semantic', 'Its media type is not known.')
    return undefined
  }
  if (imageTypes.has(mediaType)) return { ...block, kind: 'image', mediaType }
  if (mediaType === 'application/pdf') return { ...block, kind: 'document', mediaType }
  if (textType.test(mediaType) && block.kind !== 'image')
    return { ...block, kind: 'document', mediaType: 'text/plain', source: { type: 'text', text: Buffer.from(data, 'base64').toString('utf8') } }
  losses.dropped(path, 'media-type', 'semantic', `${mediaType} is not taken.`)
  return undefined
}

function knownType(mediaType: string | undefined): string | undefined {
  const plain = mediaType?.split(';')[0]?.trim().toLowerCase()
  if (!plain || plain === 'application/octet-stream') return undefined
  return plain === 'image/jpg' ? 'image/jpeg' : plain
}

function typeOfName(filename: string | undefined): string | undefined {
  if (filename === undefined) return undefined
  if (/\.pdf$/i.test(filename)) return 'application/pdf'
  return /\.(?:txt|md|csv|json|xml|ya?ml|html?|log)$/i.test(filename) ? 'text/plain' : undefined
}
