import { isJsonObject, type Json, type JsonObject } from 'tokligence'

/** Schemas may refer to themselves. */
const deepest = 8

const strings: Readonly<Record<string, string>> = {
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
  time: '00:00:00Z',
  email: 'loopback@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

/** A value that a JSON Schema takes, the same one every time. Keywords that a small sample does not need (patterns, conditions) are not looked at. */
export function sampleValue(schema: Json | undefined, root: Json | undefined = schema, depth = 0): Json {
  if (!isJsonObject(schema) || depth > deepest) return {}
  if (schema.const !== undefined) return schema.const
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0] as Json
  if (schema.default !== undefined) return schema.default
  if (typeof schema.$ref === 'string') return sampleValue(resolve(schema.$ref, root), root, depth + 1)
  for (const keyword of ['anyOf', 'oneOf', 'allOf']) {
    const choices = schema[keyword]
    if (Array.isArray(choices) && choices.length > 0) return sampleValue(choices[0] as Json, root, depth + 1)
  }
  switch (typeOf(schema)) {
    case 'string':
      return sampleText(schema)
    case 'integer':
    case 'number':
      return sampleNumber(schema)
    case 'boolean':
      return true
    case 'null':
      return null
    case 'array':
      return schema.items === undefined || schema.maxItems === 0 ? [] : [sampleValue(schema.items, root, depth + 1)]
    default:
      return sampleObject(schema, root, depth)
  }
}

function typeOf(schema: JsonObject): string {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  return typeof type === 'string' ? type.toLowerCase() : 'object'
}

function sampleText({ format, minLength, maxLength }: JsonObject): string {
  const text = (typeof format === 'string' ? strings[format] : undefined) ?? 'loopback'
  const long = typeof minLength === 'number' ? text.padEnd(Math.min(minLength, 1_000), '.') : text
  return typeof maxLength === 'number' ? long.slice(0, maxLength) : long
}

function sampleNumber({ minimum, exclusiveMinimum, maximum }: JsonObject): number {
  const least = typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : 1
  const value = Math.max(1, least)
  return typeof maximum === 'number' ? Math.min(value, maximum) : value
}

/** The required properties; all of them where the schema does not say which are. */
function sampleObject(schema: JsonObject, root: Json | undefined, depth: number): JsonObject {
  const properties = isJsonObject(schema.properties) ? schema.properties : {}
  const names = Array.isArray(schema.required) ? schema.required.filter((name): name is string => typeof name === 'string') : Object.keys(properties)
  return Object.fromEntries(names.map((name) => [name, sampleValue(properties[name], root, depth + 1)]))
}

function resolve(reference: string, root: Json | undefined): Json | undefined {
  let found: Json | undefined = root
  for (const step of reference.split('/').slice(1)) found = isJsonObject(found) ? found[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  return found
}
