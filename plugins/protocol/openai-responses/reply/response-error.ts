import { type ErrorKind, isJsonObject, type Json, type JsonObject, type WireError } from 'tokligence'
import { decodeErrorValue } from '../../openai-chat/failure/decode-error.ts'

/** Codes of a failed response (openai 6.49.0, ResponseError; `invalid_encrypted_content` was seen: github.com/openai/codex/issues/8128) that are not the caller's fault; all others of it are. */
const faults = new Map<string, readonly [kind: ErrorKind, status: number]>([
  ['server_error', ['upstream', 502]],
  ['vector_store_timeout', ['timeout', 504]],
  ['server_is_overloaded', ['overloaded', 503]],
  ['slow_down', ['overloaded', 503]],
])

const callersFaults =
  /^(invalid_prompt|invalid_encrypted_content|data_residency_mismatch|bio_policy|invalid_(image|base64_image)\w*|image_\w+|unsupported_image_media_type|empty_image_file|failed_to_download_image|context_length_exceeded)$/

/**
 * The nearest codes of a failed response for errors of other vendors, and ours. Codex (0.169.0) goes by them: it does not ask again after
 * `invalid_prompt`, nor after the vendor's `server_is_overloaded`, which is why the passing overload of another vendor is a `server_error`.
 */
const nearestCodes: Readonly<Partial<Record<ErrorKind, string>>> = {
  'invalid-request': 'invalid_prompt',
  'too-large': 'invalid_prompt',
  'unsupported-media': 'invalid_prompt',
  billing: 'insufficient_quota',
  'rate-limit': 'rate_limit_exceeded',
}

/** `error` of a failed response. */
export function encodeFailure({ code, kind, message }: WireError): JsonObject {
  const known = code !== undefined && (faults.has(code) || callersFaults.test(code) || Object.values(nearestCodes).includes(code))
  return { code: known ? code : (nearestCodes[kind] ?? 'server_error'), message }
}

/** The error of a failed response, or of an `error` event in either of its forms: with its members in the event, or in an `error` inside of it. */
export function decodeFailure(value: Json | undefined): WireError {
  const said = isJsonObject(value) && isJsonObject(value.error) ? value.error : (value ?? null)
  const error = decodeErrorValue(isJsonObject(said) ? bare(said) : 'The provider says that the generation failed, and nothing else.')
  const { code } = error
  if (code === undefined) return error
  const fault = faults.get(code)
  if (fault) return { ...error, kind: fault[0], status: fault[1] }
  return callersFaults.test(code) ? { ...error, kind: 'invalid-request', status: 400 } : error
}

/** Without what belongs to the event around it. */
function bare(said: { readonly [field: string]: Json }): Json {
  const { sequence_number: _, type, ...rest } = said
  return type === undefined || type === 'error' ? rest : { type, ...rest }
}
