import { isJsonObject, type JsonObject } from '../conversation/json.ts'
import { GatewayError } from '../errors.ts'

/** Parses a request body that must be one JSON object. Throws GatewayError `TKL_REQUEST_JSON`. */
export function parseJsonObject(body: Buffer): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(body[0] === 0xef ? body.toString('utf8').replace(/^\uFEFF/, '') : body.toString('utf8'))
  } catch (error) {
    throw new GatewayError('TKL_REQUEST_JSON', `The body is not valid JSON: ${error instanceof Error ? error.message : 'it cannot be read'}.`, { cause: error })
  }
  if (!isJsonObject(value)) throw new GatewayError('TKL_REQUEST_JSON', 'The body must be a JSON object.')
  return value
}
