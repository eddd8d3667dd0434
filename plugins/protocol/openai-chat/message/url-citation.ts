import { type Annotation, type Citation, isJsonObject, type Json, type JsonObject } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'

/** A member of `annotations` (openai 6.49.0, ChatCompletionMessage.Annotation). `textStart` is where the block's text begins in the message's content. */
export function decodeAnnotation(value: Json, textStart = 0): Annotation {
  const citation = isJsonObject(value) && value.type === 'url_citation' && isJsonObject(value.url_citation) ? cited(value.url_citation, textStart) : undefined
  return { protocol: protocolId, value, ...(citation && { citation }) }
}

function cited({ url, title, start_index: start, end_index: end }: JsonObject, textStart: number): Citation | undefined {
  if (typeof url !== 'string' || url === '') return undefined
  const placed = Number.isInteger(start) && Number.isInteger(end) && (start as number) >= textStart
  return {
    url,
    ...(typeof title === 'string' && title !== '' && { title }),
    ...(placed && { start: (start as number) - textStart, end: (end as number) - textStart }),
  }
}

/** Where a block's text stands in the message's content. */
export interface TextPlace {
  readonly start: number
  readonly length: number
}

/** The annotation on the wire; undefined when it cannot be said, because it cites something that has no address. */
export function encodeAnnotation({ protocol, value, citation }: Annotation, { start, length }: TextPlace): Json | undefined {
  if (protocol === protocolId) return value
  if (citation?.url === undefined) return undefined
  const { url, title = '' } = citation
  return {
    type: 'url_citation',
    url_citation: { url, title, start_index: start + (citation.start ?? 0), end_index: start + (citation.end ?? length) },
  }
}
