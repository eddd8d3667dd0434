import { type Annotation, type Block, type Citation, isJsonObject, type Json, type JsonObject } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'
import { CitedText, type Stretch } from './cited-text.ts'

/** An annotation, and which of the blocks it belongs to. */
export interface PlacedAnnotation {
  readonly block: number
  readonly annotation: Annotation
}

/** What `groundingMetadata` and `citationMetadata` of a candidate say of its texts. Both are kept whole beside the blocks, for the way back. */
export function citationsOf(blocks: readonly Block[], grounding: Json | undefined, citations: Json | undefined): PlacedAnnotation[] {
  if (!isJsonObject(grounding) && !isJsonObject(citations)) return []
  const text = new CitedText(blocks)
  if (text.isEmpty) return []
  return [...(isJsonObject(grounding) ? groundingOf(text, grounding) : []), ...(isJsonObject(citations) ? quotationsOf(text, citations) : [])]
}

function groundingOf(text: CitedText, { groundingChunks, groundingSupports }: JsonObject): PlacedAnnotation[] {
  const chunks = listOf(groundingChunks)
  const used = new Set<number>()
  const placed: PlacedAnnotation[] = []
  for (const support of listOf(groundingSupports)) {
    if (!isJsonObject(support)) continue
    const segment = isJsonObject(support.segment) ? support.segment : undefined
    const stretch = segment ? locate(text, segment) : text.last
    for (const index of listOf(support.groundingChunkIndices)) {
      const chunk = chunks[Number(index)]
      if (chunk === undefined) continue
      used.add(Number(index))
      placed.push(place(stretch, { groundingChunk: chunk, ...(segment && { segment }) }, citationOf(chunk)))
    }
  }
  // Sources that no words rest on were read all the same.
  for (const [index, chunk] of chunks.entries()) if (!used.has(index)) placed.push(place(text.last, { groundingChunk: chunk }, citationOf(chunk)))
  return placed
}

/** Words of the reply that stand elsewhere too. Vertex calls the list `citations`, the Gemini API `citationSources`. */
function quotationsOf(text: CitedText, metadata: JsonObject): PlacedAnnotation[] {
  return [...listOf(metadata.citations), ...listOf(metadata.citationSources)].map((source) => {
    if (!isJsonObject(source)) return place(text.last, source, undefined)
    return place(locate(text, source), source, sourceOf(source.uri, source.title))
  })
}

/** Numbers that are 0 are left out in ProtoJSON. */
function locate(text: CitedText, { startIndex, endIndex, partIndex, text: words }: JsonObject): Stretch {
  return text.locate(numberOf(startIndex), numberOf(endIndex), numberOf(partIndex), typeof words === 'string' ? words : undefined)
}

function place({ block, start, end }: Stretch, value: Json, citation: Citation | undefined): PlacedAnnotation {
  const range = start === undefined || end === undefined ? {} : { start, end }
  return { block, annotation: { protocol: protocolId, value, ...(citation && { citation: { ...citation, ...range } }) } }
}

/** GroundingChunk in @google/genai 3.1.0: where the knowledge came from, by kind. */
function citationOf(chunk: Json): Citation | undefined {
  if (!isJsonObject(chunk)) return undefined
  const { web, maps, image, retrievedContext } = chunk
  if (isJsonObject(retrievedContext)) {
    const source = sourceOf(retrievedContext.uri, retrievedContext.title)
    return source && typeof retrievedContext.text === 'string' ? { ...source, quote: retrievedContext.text } : source
  }
  const source = [web, maps, image].find(isJsonObject)
  return source && sourceOf(source.uri ?? source.sourceUri, source.title)
}

function sourceOf(uri: Json | undefined, title: Json | undefined): Citation | undefined {
  const url = typeof uri === 'string' && uri !== '' ? uri : undefined
  const named = typeof title === 'string' && title !== '' ? title : undefined
  if (url === undefined && named === undefined) return undefined
  return { ...(url !== undefined && { url }), ...(named !== undefined && { title: named }) }
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

function numberOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0
}
