import type { MediaBlock, MediaKind } from 'tokligence'

/** How the base64 text of each kind of file begins. */
const signatures: readonly (readonly [prefix: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi', 'application/pdf'],
]

const endings: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['heic', 'image/heic'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['csv', 'text/csv'],
  ['html', 'text/html'],
  ['json', 'application/json'],
  ['mp3', 'audio/mp3'],
  ['wav', 'audio/wav'],
  ['mp4', 'video/mp4'],
  ['webm', 'video/webm'],
  ['mov', 'video/quicktime'],
])

const usual: { readonly [Kind in MediaKind]: string } = {
  image: 'image/jpeg',
  document: 'application/pdf',
  audio: 'audio/mp3',
  video: 'video/mp4',
  file: 'application/octet-stream',
}

/** The likeliest media type of a medium that came without one. `content` is its base64 text, or its address. */
export function guessMediaType(block: MediaBlock, content: string): string {
  const signed = signatures.find(([prefix]) => content.startsWith(prefix))?.[1]
  return signed ?? typeOfName(block.filename) ?? (block.source.type === 'url' ? typeOfName(pathOf(content)) : undefined) ?? usual[block.kind]
}

function typeOfName(name: string | undefined): string | undefined {
  const ending = name?.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : undefined
  return ending === undefined ? undefined : endings.get(ending)
}

/** The last piece of the path alone: the name of a host has dots too. */
function pathOf(url: string): string | undefined {
  return /^[a-z]+:\/\/[^/?#]+\/(?:[^?#]*\/)?([^/?#]*)/i.exec(url)?.[1]
}
