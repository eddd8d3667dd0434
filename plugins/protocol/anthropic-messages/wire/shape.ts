import { type ErrorCode, GatewayError, isJsonObject, type Json, type JsonObject } from 'tokligence'

/** A value on the wire has another shape than the protocol says. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError'
  readonly path: string

  constructor(path: string, expected: string) {
    super(`${path} must be ${expected}.`)
    this.path = path
  }
}

/** Runs a decoder; a wrong shape becomes a GatewayError with the given code that names the field. */
export function reading<T>(code: ErrorCode, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof ShapeError) throw new GatewayError(code, error.message, { cause: error, param: error.path })
    if (error instanceof RangeError) throw new GatewayError(code, 'Values are nested too deeply.', { cause: error })
    throw error
  }
}

const nothing: JsonObject = Object.freeze({})

/**
 * Takes the named fields out of an object. A null counts as absent and stays in the rest, so that it is written back as it stood.
 */
export function take<Name extends string>(
  object: JsonObject,
  names: readonly Name[],
): { readonly fields: { readonly [Field in Name]?: Exclude<Json, null> }; readonly rest: JsonObject } {
  const fields: { [field: string]: Exclude<Json, null> } = {}
  let rest: { [field: string]: Json } | undefined
  for (const [field, value] of Object.entries(object)) {
    if (value !== null && (names as readonly string[]).includes(field)) {
      fields[field] = value
      continue
    }
    rest ??= {}
    // An assignment to `__proto__` would set the prototype instead of a field.
    if (field === '__proto__') Object.defineProperty(rest, field, { value, enumerable: true, configurable: true, writable: true })
    else rest[field] = value
  }
  return { fields: fields as { readonly [Field in Name]?: Exclude<Json, null> }, rest: rest ?? nothing }
}

export function expectObject(value: Json | undefined, path: string): JsonObject {
  if (!isJsonObject(value)) throw new ShapeError(path, 'an object')
  return value
}

export function asObject(value: Json | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined
}

export function expectArray(value: Json | undefined, path: string): readonly Json[] {
  if (!Array.isArray(value)) throw new ShapeError(path, 'a list')
  return value
}

export function expectString(value: Json | undefined, path: string): string {
  if (typeof value !== 'string') throw new ShapeError(path, 'a string')
  return value
}

/** `{ [name]: value }` when the value is there and has the type; `{}` when it is absent. */
export function optionalString<Name extends string>(name: Name, value: Json | undefined, path: string): { readonly [Field in Name]?: string } {
  return optional(name, value, path, 'string')
}

export function optionalBoolean<Name extends string>(name: Name, value: Json | undefined, path: string): { readonly [Field in Name]?: boolean } {
  return optional(name, value, path, 'boolean')
}

export function optionalNumber<Name extends string>(name: Name, value: Json | undefined, path: string): { readonly [Field in Name]?: number } {
  return optional(name, value, path, 'number')
}

export function optionalInteger<Name extends string>(name: Name, value: Json | undefined, path: string): { readonly [Field in Name]?: number } {
  if (value !== undefined && !Number.isSafeInteger(value)) throw new ShapeError(path, 'a whole number')
  return optional(name, value, path, 'number')
}

function optional<Name extends string, Value>(
  name: Name,
  value: Json | undefined,
  path: string,
  type: 'string' | 'boolean' | 'number',
): { readonly [Field in Name]?: Value } {
  if (value === undefined) return {}
  if (typeof value !== type) throw new ShapeError(path, `a ${type}`)
  return { [name]: value } as { readonly [Field in Name]?: Value }
}
