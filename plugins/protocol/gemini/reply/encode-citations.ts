import type { Block, Citation, Json, JsonObject, LossSink, TextBlock } from 'tokligence'

/** A block with the index of the part that stands for it. */
export interface WrittenBlock {
  readonly block: Block
  readonly part: number
  readonly path: string
}

/** Citations of other protocols as `groundingMetadata`; undefined when there are none. Those that cannot be said are reported. */
export function encodeCitations(written: readonly WrittenBlock[], losses: LossSink): JsonObject | undefined {
  const chunks: Json[] = []
  const numbers = new Map<string, number>()
  const supports = new Map<string, { readonly segment: JsonObject; readonly indices: number[] }>()
  for (const { block, part, path } of written) {
    if (block.type !== 'text') continue
    for (const [index, { citation }] of (block.annotations ?? []).entries()) {
      const at = `${path}.annotations[${index}]`
      const chunk = citation && chunkOf(citation, at, losses)
      if (!chunk) {
        losses.dropped(at, 'annotations', 'semantic')
        continue
      }
      const key = JSON.stringify(chunk)
      const number = numbers.get(key) ?? chunks.push(chunk) - 1
      numbers.set(key, number)
      // Nothing rests on a source that stands at a text without words.
      if (block.text === '') continue
      const segment = segmentOf(block, citation, part)
      const support = supports.get(JSON.stringify(segment))
      if (!support) supports.set(JSON.stringify(segment), { segment, indices: [number] })
      else if (!support.indices.includes(number)) support.indices.push(number)
    }
  }
  if (chunks.length === 0) return undefined
  return {
    groundingChunks: chunks,
    ...(supports.size > 0 && { groundingSupports: [...supports.values()].map(({ segment, indices }) => ({ segment, groundingChunkIndices: indices })) }),
  }
}

/** A page of the web has no place for the words that are cited. */
function chunkOf({ url, title, quote, fileId }: Citation, path: string, losses: LossSink): JsonObject | undefined {
  const named = title ?? fileId
  if (url !== undefined) {
    if (quote !== undefined) losses.dropped(`${path}.quote`, 'citation-quote', 'hint')
    return { web: { uri: url, ...(named !== undefined && { title: named }) } }
  }
  if (named === undefined) return undefined
  return { retrievedContext: { title: named, ...(quote !== undefined && { text: quote }) } }
}

/** In bytes of UTF-8 from the start of the part. */
function segmentOf({ text }: TextBlock, { start = 0, end = text.length }: Citation, part: number): JsonObject {
  const before = Buffer.byteLength(text.slice(0, start))
  const words = text.slice(start, end)
  return { partIndex: part, startIndex: before, endIndex: before + Buffer.byteLength(words), text: words }
}
