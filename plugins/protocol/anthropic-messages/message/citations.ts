import { type Annotation, type Citation, isJsonObject, type Json, type JsonObject, type LossSink, noOpaqueValue } from 'tokligence'
import { protocolId } from '../wire/extensions.ts'

/** A member of `citations` (TextCitation in @anthropic-ai/sdk 1.12.0). It holds for the whole text of its block. */
export function decodeCitation(value: Json): Annotation {
  const citation = isJsonObject(value) ? neutralCitation(value) : undefined
  return { protocol: protocolId, value, ...(citation && { citation }) }
}

function neutralCitation(value: JsonObject): Citation | undefined {
  const { url, source, file_id: fileId } = value
  const address = text(url) ?? (text(source) !== undefined && isAddress(source as string) ? (source as string) : undefined)
  const title = text(value.title) ?? text(value.document_title) ?? (address === undefined ? text(source) : undefined)
  const quote = text(value.cited_text)
  if (address === undefined && title === undefined && text(fileId) === undefined) return undefined
  return {
    ...(address !== undefined && { url: address }),
    ...(text(fileId) !== undefined && { fileId: fileId as string }),
    ...(title !== undefined && { title }),
    ...(quote !== undefined && { quote }),
  }
}

/**
 * A citation on the wire. Another protocol's can be said when it has an address: every other kind names a place in a document of the request.
 * Undefined, with a loss reported, for the rest.
 */
export function encodeCitation({ protocol, value, citation }: Annotation, path: string, losses: LossSink): Json | undefined {
  if (protocol === protocolId) return value
  if (citation?.url === undefined) {
    losses.dropped(path, 'citations', 'semantic')
    return undefined
  }
  if (citation.start !== undefined) losses.approximated(path, 'citations', 'hint', 'It holds for the whole text.')
  const { url, title = null, quote = '' } = citation
  return { type: 'web_search_result_location', url, title, cited_text: quote, encrypted_index: noOpaqueValue }
}

/** True when `encodeCitation` has something to write. */
export function isSayable({ protocol, citation }: Annotation): boolean {
  return protocol === protocolId || citation?.url !== undefined
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isAddress(value: string): boolean {
  return /^https?:\/\//i.test(value)
}
