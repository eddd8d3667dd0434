import { isJsonObject, type JsonObject, type WireError } from 'tokligence'
import { encodeError as encodeSharedError } from '../openai-chat/failure/encode-error.ts'

/** The envelope of both protocols of the vendor, and in it the vendor's own word where clients look for one, such as `previous_response_not_found`. */
export function encodeError(error: WireError): JsonObject {
  const { code, details } = error
  const word = code === 'TKL_REQUEST_INVALID' && isJsonObject(details) ? details.code : undefined
  return encodeSharedError(typeof word === 'string' ? { ...error, code: word } : error)
}
