import type { LossSink, MediaBlock, TextBlock } from 'tokligence'

/** Texts that the vendor refuses as media ("Unsupported MIME type: application/json"), or reads as text anyway. */
const textType = /^text\/|^application\/(?:json|xml|yaml|x-yaml|toml|javascript|typescript|sql|x-sh|csv)$|\+(?:json|xml)$/

/** A document that is plain text as the text it is; undefined for any other medium. */
export function asText(block: MediaBlock, path: string, losses: LossSink): TextBlock | undefined {
  const text = plainText(block)
  if (text === undefined) return undefined
  losses.approximated(path, 'text-document', 'hint', 'Sent as text.')
  const heading = block.title ?? block.filename
  return { type: 'text', text: heading === undefined ? text : `${heading}\n\n${text}`, ...(block.ext && { ext: block.ext }) }
}

function plainText({ kind, mediaType, source }: MediaBlock): string | undefined {
  if (source.type === 'text') return source.text
  const plain = mediaType?.split(';')[0]?.trim().toLowerCase()
  if (source.type !== 'base64' || kind === 'image' || plain === undefined || !textType.test(plain)) return undefined
  return Buffer.from(source.data, 'base64').toString('utf8')
}
