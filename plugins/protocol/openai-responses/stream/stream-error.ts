import type { JsonObject, WireError } from 'tokligence'
import { encodeError } from '../../openai-chat/failure/encode-error.ts'
import { failedResponse } from '../reply/encode-response.ts'
import { EventWriter } from './event-writer.ts'

/**
 * The members of an `error` event. The reference has them in the event itself (openai 6.49.0, ResponseErrorEvent); the vendor was also seen to send
 * them in an `error` inside of it (recordings), the one form that core/streaming.mjs of that client throws for. Callers of both find theirs.
 */
function errorFields(error: WireError): JsonObject {
  const { error: said } = encodeError(error) as { readonly error: JsonObject }
  const { type, code, message, param } = said
  return {
    code: code ?? type ?? null,
    message: message ?? '',
    param: param ?? null,
    error: { type: type ?? null, code: code ?? type ?? null, message: message ?? '', param: param ?? null },
  }
}

/**
 * The two events that end a stream, as the vendor sends them: the first is what its SDKs throw for, the second what Codex (0.169.0) goes by, which
 * passes over the first and would only see that the stream was cut.
 */
export function writeFailure(events: EventWriter, error: WireError, response: JsonObject): string {
  return events.write('error', errorFields(error)) + events.write('response.failed', { response })
}

/** An error in a stream of which nothing is known, not even how many events came before it. */
export function encodeStreamError(error: WireError, requestId: string): string {
  return writeFailure(new EventWriter(), error, failedResponse({ id: `resp_${requestId.replaceAll('-', '')}`, model: '' }, error))
}
