import type { JsonObject, WireError } from 'tokligence'
import { encodeError } from '../../openai-chat/failure/encode-error.ts'
import { EventWriter } from './event-writer.ts'

/**
 * The members of an `error` event. The reference has them in the event itself (openai 6.49.0, ResponseErrorEvent); the vendor was also seen to send
 * them in an `error` inside of it (recordings), the one form that core/streaming.mjs of that client throws for. Callers of both find theirs.
 */
export function errorFields(error: WireError): JsonObject {
  const { error: said } = encodeError(error) as { readonly error: JsonObject }
  const { type, code, message, param } = said
  return {
    code: code ?? type ?? null,
    message: message ?? '',
    param: param ?? null,
    error: { type: type ?? null, code: code ?? type ?? null, message: message ?? '', param: param ?? null },
  }
}

/** An error in a stream of which nothing is known, not even how many events came before it. */
export function encodeStreamError(error: WireError): string {
  return new EventWriter().write('error', errorFields(error))
}
