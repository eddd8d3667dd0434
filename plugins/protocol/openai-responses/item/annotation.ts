import { type Annotation, type Citation, isJsonObject, type Json, type JsonObject, type LossSink } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'

/** An annotation as it stands in a part (openai 6.49.0, ResponseOutputText.annotations). */
export function decodeAnnotation(value: Json, text: string): Annotation {
  const citation = isJsonObject(value) ? citationOf(value, text) : undefined
  return { protocol: protocolId, value, ...(citation && { citation }) }
}

function citationOf(value: JsonObject, text: string): Citation | undefined {
  switch (value.type) {
    case 'url_citation':
      if (typeof value.url !== 'string') return undefined
      return { url: value.url, ...titleOf(value.title), ...stretchOf(value, text) }
    case 'container_file_citation':
      if (typeof value.file_id !== 'string') return undefined
      return { fileId: value.file_id, ...titleOf(value.filename), ...stretchOf(value, text) }
    case 'file_citation':
    case 'file_path':
      // `index` is the place in the list of files, not in the text.
      return typeof value.file_id === 'string' ? { fileId: value.file_id, ...titleOf(value.filename) } : undefined
    default:
      return undefined
  }
}

function titleOf(title: Json | undefined): { readonly title?: string } {
  return typeof title === 'string' && title !== '' ? { title } : {}
}

function stretchOf({ start_index: start, end_index: end }: JsonObject, text: string): { readonly start?: number; readonly end?: number } {
  if (!Number.isInteger(start) || !Number.isInteger(end)) return {}
  return { start: toUnits(text, start as number), end: toUnits(text, end as number) }
}

/** The annotation of another protocol, or of this one; undefined when there is none, which is reported. */
export function encodeAnnotation(annotation: Annotation, text: string, path: string, losses: LossSink): Json | undefined {
  if (annotation.protocol === protocolId) return annotation.value
  const { citation } = annotation
  if (citation?.url === undefined && citation?.fileId === undefined) {
    losses.dropped(`${path}.annotations`, 'citations', 'semantic')
    return undefined
  }
  if (citation.quote !== undefined) losses.dropped(`${path}.annotations.quote`, 'citation-quote', 'hint')
  const { url, fileId, title, start = 0, end = text.length } = citation
  if (url === undefined) return { type: 'file_citation', file_id: fileId as string, filename: title ?? '', index: 0 }
  return { type: 'url_citation', url, title: title ?? url, start_index: toCharacters(text, start), end_index: toCharacters(text, end) }
}

/** The neutral form counts UTF-16 units. The vendor does not say what he counts; taken to be whole characters, which differ behind an emoji alone. */
function toUnits(text: string, characters: number): number {
  if (!hasPairs(text)) return characters
  let units = 0
  for (let seen = 0; seen < characters && units < text.length; seen++) units += isPair(text, units) ? 2 : 1
  return units
}

function toCharacters(text: string, units: number): number {
  if (!hasPairs(text)) return units
  let characters = 0
  for (let at = 0; at < units && at < text.length; characters++) at += isPair(text, at) ? 2 : 1
  return characters
}

function hasPairs(text: string): boolean {
  return /[\uD800-\uDBFF]/.test(text)
}

function isPair(text: string, at: number): boolean {
  return (text.codePointAt(at) ?? 0) > 0xffff
}
