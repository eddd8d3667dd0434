import { type Fields, isObject } from './json-fields.ts'

/**
 * What a field takes: a scalar, `struct` for any object, `any` for anything, the name of a message or an enum, each with `[]` behind it for a list, or
 * `map:` before it for an object of them.
 */
export type FieldKind = string

export interface ProtoMessages {
  readonly messages: Readonly<Record<string, Readonly<Record<string, FieldKind>>>>
  readonly enums: Readonly<Record<string, readonly string[]>>
  /** Of these fields of a message no more than one may be set. */
  readonly oneofs: Readonly<Record<string, readonly string[]>>
}

export type ProtoReading = { readonly value: Fields } | { readonly refusal: string }

/** Why a value is refused; thrown inside of one reading only. */
class Refused extends Error {}

/**
 * Reads JSON as a server of Google's does, and says in its words what it refuses. Source: "ProtoJSON Format" (protobuf.dev): fields in camel case or as
 * they are declared, null for a field that is not set, numbers as text too, enums by name or number; and recorded requests that were accepted, by which
 * the names of enums may be written in small letters. What comes out has camel case and no nulls.
 */
export function readProto(value: unknown, message: string, types: ProtoMessages): ProtoReading {
  try {
    return { value: readMessage(value, message, '', types) }
  } catch (error) {
    if (error instanceof Refused) return { refusal: error.message }
    throw error
  }
}

function readMessage(value: unknown, message: string, path: string, types: ProtoMessages): Fields {
  if (!isObject(value)) throw new Refused(invalid(path, message, value))
  const fields = types.messages[message] ?? {}
  const read: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    const name = camelCase(key)
    const kind = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (kind === undefined) throw new Refused(`Invalid JSON payload received. Unknown name "${key}"${path === '' ? '' : ` at '${path}'`}: Cannot find field.`)
    if (inner === null || inner === undefined) continue
    const at = path === '' ? snakeCase(name) : `${path}.${snakeCase(name)}`
    if (name in read) throw new Refused(`Invalid value at '${path}' (oneof), field '${snakeCase(name)}' is already set.`)
    read[name] = readField(inner, kind, at, types)
  }
  const set = (types.oneofs[message] ?? []).filter((name) => name in read)
  if (set.length > 1) throw new Refused(`Invalid value at '${path}' (oneof), oneof field 'data' is already set. Cannot set '${snakeCase(set[1] as string)}'`)
  return read
}

function readField(value: unknown, kind: FieldKind, path: string, types: ProtoMessages): unknown {
  if (kind.endsWith('[]')) {
    if (!Array.isArray(value)) throw new Refused(invalid(path, 'repeated field', value))
    return value.map((element, index) => readField(element, kind.slice(0, -2), `${path}[${index}]`, types))
  }
  if (Array.isArray(value) && kind !== 'any')
    throw new Refused(`Invalid JSON payload received. Unknown name "${path.split('.').at(-1)}" at '${path}': Proto field is not repeating, cannot start list.`)
  if (kind.startsWith('map:')) {
    if (!isObject(value)) throw new Refused(invalid(path, 'map', value))
    return Object.fromEntries(Object.entries(value).map(([key, inner], index) => [key, readField(inner, kind.slice(4), `${path}[${index}].value`, types)]))
  }
  const words = types.enums[kind]
  if (words) return readEnum(value, words, path, kind)
  return kind in types.messages ? readMessage(value, kind, path, types) : readScalar(value, kind, path)
}

function readEnum(value: unknown, words: readonly string[], path: string, kind: string): unknown {
  const word = typeof value === 'number' ? words[value] : typeof value === 'string' ? words.find((each) => each === value.toUpperCase()) : undefined
  if (word === undefined) throw new Refused(invalid(path, `type.googleapis.com/google.ai.generativelanguage.${kind}`, value))
  return word
}

function readScalar(value: unknown, kind: FieldKind, path: string): unknown {
  const isNumber = (typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')) && Number.isFinite(Number(value))
  switch (kind) {
    case 'any':
      return value
    case 'struct':
      if (isObject(value)) return value
      break
    case 'string':
      if (typeof value === 'string') return value
      break
    case 'bool':
      if (typeof value === 'boolean') return value
      break
    case 'float':
      if (isNumber) return Number(value)
      break
    case 'int':
      if (isNumber && Number.isInteger(Number(value))) return Number(value)
      break
    case 'bytes':
      if (typeof value === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) return value
      throw new Refused(`Invalid value at '${path}' (TYPE_BYTES), Base64 decoding failed for ${JSON.stringify(value).slice(0, 40)}`)
  }
  throw new Refused(invalid(path, `TYPE_${kind.toUpperCase()}`, value))
}

function invalid(path: string, type: string, value: unknown): string {
  return `Invalid value at '${path}' (${type}), ${JSON.stringify(value)?.slice(0, 80)}`
}

function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
