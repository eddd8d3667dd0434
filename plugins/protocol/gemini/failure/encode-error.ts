import { formatEvent, isJsonObject, type Json, type JsonObject, type WireError } from 'tokligence'
import { detailTypes, statusWords, wordsOfKinds } from './status-words.ts'

/** Says that the reason in an ErrorInfo is one of ours. */
const domain = 'tokligence'

/** google.rpc.Status in the vendor's envelope. The vendor's own word and details are kept. */
export function encodeError(error: WireError): JsonObject {
  const { status, kind, message, vendorType } = error
  const word = vendorType !== undefined && statusWords.has(vendorType) ? vendorType : wordsOfKinds[kind]
  const details = detailsOf(error)
  return { error: { code: status, message, status: word, ...(details.length > 0 && { details }) } }
}

/**
 * Twice, because clients look for it in two ways, and neither sees the other form: as an event (@google/genai 3.1.0, throwIfStreamErrorChunk), and as
 * bare JSON, the way in which the vendor breaks off (1.52.0, processStreamResponse, which takes such an event for a chunk without candidates). Nothing
 * closes the second: readers of events pass over it, and that client fails at what is left, should the JSON not reach it by itself.
 */
export function encodeStreamError(error: WireError): string {
  const text = JSON.stringify(encodeError(error))
  return `${formatEvent(text)}${text}\n`
}

function detailsOf({ code, param, message, retryAfter, details }: WireError): readonly Json[] {
  const own = (Array.isArray(details) ? (details as readonly Json[]) : []).filter((entry) => isJsonObject(entry) && typeof entry['@type'] === 'string')
  const has = (type: string) => own.some((entry) => isJsonObject(entry) && entry['@type'] === type)
  return [
    ...own,
    ...(code !== undefined && !has(detailTypes.errorInfo) ? [{ '@type': detailTypes.errorInfo, reason: code, domain }] : []),
    ...(param !== undefined && !has(detailTypes.badRequest)
      ? [{ '@type': detailTypes.badRequest, fieldViolations: [{ field: param, description: message }] }]
      : []),
    ...(retryAfter !== undefined && !has(detailTypes.retryInfo) ? [{ '@type': detailTypes.retryInfo, retryDelay: `${retryAfter}s` }] : []),
  ]
}
