import { isJsonObject, type Json, type JsonObject } from '../conversation/json.ts'
import { GatewayError } from '../errors.ts'

/** Reads fields by type. What has another type is refused with its path, such as `messages[2].content[0].type`. */
export class FieldReader {
  /** True where slips of compatible hosts are put up with: in their replies, not in a caller's request. */
  readonly lenient: boolean
  readonly #fault: (path: string, expected: string) => GatewayError

  constructor(lenient: boolean, fault: (path: string, expected: string) => GatewayError) {
    this.lenient = lenient
    this.#fault = fault
  }

  fault(path: string, expected: string): GatewayError {
    return this.#fault(path, expected)
  }

  string(value: Json | undefined, path: string): string {
    if (typeof value === 'string') return value
    throw this.#fault(path, 'a string')
  }

  optionalString(value: Json | undefined, path: string): string | undefined {
    return value === undefined ? undefined : this.string(value, path)
  }

  optionalNumber(value: Json | undefined, path: string): number | undefined {
    if (value === undefined || typeof value === 'number') return value
    throw this.#fault(path, 'a number')
  }

  optionalInteger(value: Json | undefined, path: string): number | undefined {
    if (value === undefined || Number.isInteger(value)) return value as number | undefined
    throw this.#fault(path, 'an integer')
  }

  optionalBoolean(value: Json | undefined, path: string): boolean | undefined {
    if (value === undefined || typeof value === 'boolean') return value
    throw this.#fault(path, 'a boolean')
  }

  object(value: Json | undefined, path: string): JsonObject {
    if (isJsonObject(value)) return value
    throw this.#fault(path, 'an object')
  }

  optionalObject(value: Json | undefined, path: string): JsonObject | undefined {
    return value === undefined ? undefined : this.object(value, path)
  }

  array(value: Json | undefined, path: string): readonly Json[] {
    if (Array.isArray(value)) return value
    throw this.#fault(path, 'an array')
  }

  optionalArray(value: Json | undefined, path: string): readonly Json[] {
    return value === undefined ? [] : this.array(value, path)
  }
}

/** For what a caller sent: throws GatewayError `TKL_REQUEST_INVALID` with the path as its `param`. */
export const requestReader = new FieldReader(
  false,
  (path, expected) => new GatewayError('TKL_REQUEST_INVALID', `"${path}" must be ${expected}.`, { param: path }),
)

/** For what a provider sent: throws GatewayError `TKL_UPSTREAM_MALFORMED`. */
export const replyReader = new FieldReader(
  true,
  (path, expected) => new GatewayError('TKL_UPSTREAM_MALFORMED', `The provider’s reply is malformed: "${path}" must be ${expected}.`),
)
