import { isJsonObject, type Json, type JsonObject } from 'tokligence'

/** The fields of Schema in @google/genai 3.1.0 that are written as they stand. */
const plain = new Set(['title', 'description', 'default', 'format', 'pattern', 'minimum', 'maximum', 'required'])
const counts = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'])
/** References are written out; one that refers to itself ends here. */
const deepest = 8

export interface GoogleSchema {
  readonly schema: JsonObject
  /** Keywords that the vendor's Schema has not, each once. */
  readonly lost: readonly string[]
}

/** JSON Schema as the vendor's Schema, for callers and hosts that know no other. */
export function toGoogleSchema(schema: JsonObject): GoogleSchema {
  const lost = new Set<string>()
  return { schema: convert(schema, { root: schema, lost }, 0), lost: [...lost] }
}

interface Surroundings {
  readonly root: JsonObject
  readonly lost: Set<string>
}

function convert(given: Json, around: Surroundings, depth: number): JsonObject {
  const schema = resolved(given, around, depth)
  const written: { [field: string]: Json } = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (plain.has(keyword)) written[keyword] = value
    else if (counts.has(keyword)) written[keyword] = String(value)
    else if (keyword === 'type') Object.assign(written, typeFields(value))
    else if (keyword === 'enum' || keyword === 'const') Object.assign(written, enumFields(keyword === 'const' ? [value] : value))
    else if (keyword === 'items') written.items = convert(value, around, depth + 1)
    else if (keyword === 'examples' && Array.isArray(value) && value[0] !== undefined) written.example = value[0]
    else if (keyword === 'properties' && isJsonObject(value)) Object.assign(written, propertyFields(value, around, depth))
    else if (keyword === 'anyOf' || keyword === 'oneOf') Object.assign(written, alternatives(value, around, depth))
    else if (!keyword.startsWith('$') && keyword !== 'definitions') around.lost.add(keyword)
  }
  return written
}

function resolved(given: Json, { root, lost }: Surroundings, depth: number): JsonObject {
  if (!isJsonObject(given)) return {}
  const { $ref: reference, ...rest } = given
  if (typeof reference !== 'string') return given
  const [, group, name] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference) ?? []
  const schemas = group === undefined ? undefined : root[group]
  const target = isJsonObject(schemas) && name !== undefined ? schemas[name] : undefined
  if (!isJsonObject(target) || depth > deepest) {
    lost.add('$ref')
    return rest
  }
  return resolved({ ...target, ...rest }, { root, lost }, depth + 1)
}

function typeFields(value: Json): JsonObject {
  const words = (Array.isArray(value) ? value : [value]).filter((word: Json): word is string => typeof word === 'string')
  const nullable = words.length > 1 && words.includes('null') ? { nullable: true } : {}
  const [first, ...others] = words.filter((word) => word !== 'null' || words.length === 1).map((word) => word.toUpperCase())
  if (first === undefined) return nullable
  return others.length === 0 ? { type: first, ...nullable } : { anyOf: [first, ...others].map((type) => ({ type })), ...nullable }
}

/** "Possible values of the field": texts, also for numbers. */
function enumFields(value: Json): JsonObject {
  if (!Array.isArray(value)) return {}
  const words = value.filter((each: Json) => each !== null)
  return { enum: words.map((each: Json) => String(each)), format: 'enum', ...(words.length < value.length && { nullable: true }) }
}

function propertyFields(properties: JsonObject, around: Surroundings, depth: number): JsonObject {
  const names = Object.keys(properties)
  const converted = Object.fromEntries(names.map((name) => [name, convert(properties[name] as Json, around, depth + 1)]))
  return { properties: converted, ...(names.length > 1 && { propertyOrdering: names }) }
}

function alternatives(value: Json, around: Surroundings, depth: number): JsonObject {
  if (!Array.isArray(value)) return {}
  const isNull = (each: Json) => isJsonObject(each) && each.type === 'null'
  const [first, ...others] = value.filter((each: Json) => !isNull(each)).map((each: Json) => convert(each, around, depth + 1))
  const nullable = value.some(isNull) ? { nullable: true } : {}
  if (first === undefined) return nullable
  return others.length === 0 ? { ...first, ...nullable } : { anyOf: [first, ...others], ...nullable }
}
