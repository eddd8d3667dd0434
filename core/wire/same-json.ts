import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../conversation/json.ts'
import { parseJsonObject } from './parse-json.ts'

/** True when a body says what the value says, in whatever bytes. Throws GatewayError `TKL_REQUEST_JSON`. */
export function isSameJson(body: Buffer, value: JsonObject): boolean {
  return isDeepStrictEqual(parseJsonObject(body), value)
}
