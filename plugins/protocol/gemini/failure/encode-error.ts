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

/** Clients read such an event as an error wherever it stands in the stream (@google/genai 3.1.0, throwIfStreamErrorChunk). */
export function encodeStreamError(error: WireError): string {
  return formatEvent(JSON.stringify(encodeError(error)))
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
