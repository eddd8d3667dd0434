import { type ForeignBlock, isEmpty, type JsonObject, type MediaBlock } from 'tokligence'
import { keep, protocolId } from '../wire/extensions.ts'
import { expectObject, expectString, optionalString, take } from '../wire/shape.ts'

type Source = Pick<MediaBlock, 'source' | 'mediaType'> & { readonly rest: JsonObject }

/** An `image` or `document` block. One whose source has no neutral form (a document made of content blocks) stays whole. */
export function decodeMedia(block: JsonObject, kind: 'image' | 'document', path: string): MediaBlock | ForeignBlock {
  const decoded = decodeSource(expectObject(block.source, `${path}.source`), `${path}.source`)
  if (!decoded) return { type: 'foreign', protocol: protocolId, kind, value: block }
  const { fields, rest } = take(block, kind === 'image' ? ['type', 'source'] : ['type', 'source', 'title'])
  const { source, mediaType, rest: sourceRest } = decoded
  return {
    type: 'media',
    kind,
    source,
    ...(mediaType !== undefined && { mediaType }),
    ...optionalString('title', fields.title, `${path}.title`),
    ...keep(isEmpty(sourceRest) ? rest : { ...rest, source: sourceRest }),
  }
}

function decodeSource(source: JsonObject, path: string): Source | undefined {
  switch (expectString(source.type, `${path}.type`)) {
    case 'base64': {
      const { fields, rest } = take(source, ['type', 'media_type', 'data'])
      const data = expectString(fields.data, `${path}.data`)
      return { source: { type: 'base64', data }, mediaType: expectString(fields.media_type, `${path}.media_type`), rest }
    }
    case 'url': {
      const { fields, rest } = take(source, ['type', 'url'])
      return { source: { type: 'url', url: expectString(fields.url, `${path}.url`) }, rest }
    }
    case 'file': {
      const { fields, rest } = take(source, ['type', 'file_id'])
      return { source: { type: 'file', fileId: expectString(fields.file_id, `${path}.file_id`), issuer: protocolId }, rest }
    }
    case 'text': {
      const { fields, rest } = take(source, ['type', 'media_type', 'data'])
      const text = expectString(fields.data, `${path}.data`)
      return { source: { type: 'text', text }, mediaType: expectString(fields.media_type, `${path}.media_type`), rest }
    }
    default:
      return undefined
  }
}
