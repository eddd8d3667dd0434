import { isJsonObject, type Json, type JsonObject } from 'tokligence'
import { camelCase } from '../wire/fields.ts'

/** Type in @google/genai 3.1.0; the number is the place in the enumeration, for callers that send `$alt=json;enum-encoding=int`. */
const types = ['unspecified', 'string', 'number', 'integer', 'boolean', 'array', 'object', 'null']

/** Fields of the vendor's Schema that proto JSON writes as texts of whole numbers. */
const counts = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'])
/** Keywords that hold a schema, a list of schemas, and schemas by name. */
const single = new Set(['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'])
const lists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems'])
const maps = new Set(['properties', '$defs', 'definitions', 'patternProperties', 'dependentSchemas'])
/** Spellings that only proto JSON has. */
const snakeNames = new Set([
  'any_of',
  'min_items',
  'max_items',
  'min_length',
  'max_length',
  'min_properties',
  'max_properties',
  'property_ordering',
  'additional_properties',
  'prefix_items',
])

/**
 * The vendor's Schema (an OpenAPI 3.0 subset: types in capitals, `nullable`, counts as texts, `format: enum`, `propertyOrdering`) as JSON Schema.
 * What is plain JSON Schema already stays as it is, so that schemas of either field may be given.
 */
export function fromGoogleSchema(schema: Json): Json {
  if (!isJsonObject(schema)) return schema
  const plain: JsonObject = Object.fromEntries(Object.entries(schema).flatMap(([written, value]) => plainMembers(keywordOf(written), value)))
  const numbers = plain.type === 'integer' || plain.type === 'number'
  const exact = numbers && Array.isArray(plain.enum) ? { ...plain, enum: plain.enum.map(asNumber) } : plain
  const ordering = schema.propertyOrdering ?? schema.property_ordering
  const sorted = Array.isArray(ordering) && isJsonObject(exact.properties) ? { ...exact, properties: ordered(exact.properties, ordering) } : exact
  return schema.nullable === true ? withNull(sorted) : sorted
}

function keywordOf(written: string): string {
  return snakeNames.has(written) ? camelCase(written) : written
}

/** What a member of the vendor's Schema is in JSON Schema. */
function plainMembers(keyword: string, value: Json): [string, Json][] {
  switch (keyword) {
    case 'nullable':
    case 'propertyOrdering':
      return []
    case 'type':
      return typeMembers(value)
    case 'format':
      return value === 'enum' ? [] : [[keyword, value]]
    case 'example':
      return [['examples', [value]]]
    case 'ref':
      return [['$ref', typeof value === 'string' ? value.replace('#/defs/', '#/$defs/') : value]]
    case 'defs':
      return [['$defs', isJsonObject(value) ? convertedMap(value) : value]]
    default:
      return [[keyword, converted(keyword, value)]]
  }
}

/** `properties`, `$defs` …: the names are the caller's own and are not looked at. */
function convertedMap(schemas: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, each]) => [name, fromGoogleSchema(each)]))
}

function converted(keyword: string, value: Json): Json {
  if (single.has(keyword)) return fromGoogleSchema(value)
  if (lists.has(keyword) && Array.isArray(value)) return value.map(fromGoogleSchema)
  if (maps.has(keyword) && isJsonObject(value)) return convertedMap(value)
  return counts.has(keyword) ? asNumber(value) : value
}

function typeMembers(value: Json): [string, Json][] {
  if (Array.isArray(value)) return [['type', value.map((each: Json) => typeWord(each) ?? each)]]
  const word = typeWord(value)
  return word === undefined || word === 'unspecified' ? [] : [['type', word]]
}

function typeWord(value: Json): string | undefined {
  if (typeof value === 'number') return types[value]
  if (typeof value !== 'string') return undefined
  if (value === 'TYPE_UNSPECIFIED') return 'unspecified'
  const word = value.toLowerCase()
  return types.includes(word) ? word : value
}

function asNumber(value: Json): Json {
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value
}

/** JSON Schema has no order of properties but that in which they stand. */
function ordered(properties: JsonObject, ordering: readonly Json[]): JsonObject {
  const first = ordering.filter((name): name is string => typeof name === 'string' && Object.hasOwn(properties, name))
  return Object.fromEntries([...new Set([...first, ...Object.keys(properties)])].map((name) => [name, properties[name] as Json]))
}

/** What stands beside a reference or a combination without being part of what it demands. */
const labels = new Set(['title', 'description', '$defs', 'definitions'])

function withNull(schema: JsonObject): JsonObject {
  // Both have to hold whatever stands beside them, so null is an alternative to the whole.
  if (['$ref', 'oneOf', 'allOf'].some((keyword) => schema[keyword] !== undefined)) {
    const part = (outside: boolean): JsonObject => Object.fromEntries(Object.entries(schema).filter(([keyword]) => labels.has(keyword) === outside))
    return { ...part(true), anyOf: [part(false), { type: 'null' }] }
  }
  const types: readonly Json[] = Array.isArray(schema.type) ? schema.type : schema.type === undefined ? [] : [schema.type]
  return {
    ...schema,
    ...(Array.isArray(schema.enum) && !schema.enum.includes(null) && { enum: [...schema.enum, null] }),
    ...(types.length > 0 && !types.includes('null') && { type: [...types, 'null'] }),
    ...(Array.isArray(schema.anyOf) && { anyOf: [...schema.anyOf, { type: 'null' }] }),
  }
}
