import { isJsonObject, type Json, type JsonObject } from 'tokligence'

/**
 * What a schema may say so that the vendor takes it with `strict: true` (developers.openai.com/api/docs/guides/structured-outputs, "Supported
 * schemas"); any other word makes it answer 400.
 */
const knownWords = new Set(
  (
    '$schema $id $defs $ref definitions title description type enum const anyOf properties required additionalProperties items pattern format ' +
    'multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems'
  ).split(' '),
)
const knownFormats = new Set('date-time time date duration email hostname ipv4 ipv6 uuid'.split(' '))

/** True when the vendor would enforce the schema. */
export function fitsStrict(schema: JsonObject): boolean {
  return schema.type === 'object' && schema.anyOf === undefined && fits(schema)
}

function fits(schema: Json | undefined): boolean {
  if (!isJsonObject(schema)) return false
  if (!Object.keys(schema).every((word) => knownWords.has(word))) return false
  if (schema.format !== undefined && !knownFormats.has(String(schema.format))) return false
  if (!['type', 'anyOf', 'enum', 'const', '$ref'].some((word) => schema[word] !== undefined)) return false
  return fitsObject(schema) && fitsArray(schema) && everyOf(schema.anyOf) && everyIn(schema.$defs) && everyIn(schema.definitions)
}

function fitsObject(schema: JsonObject): boolean {
  if (!allows(schema, 'object')) return schema.properties === undefined
  const { properties = {}, required = [] } = schema
  if (schema.additionalProperties !== false || !isJsonObject(properties) || !Array.isArray(required)) return false
  const demanded = new Set<Json>(required)
  return Object.keys(properties).every((name) => demanded.has(name)) && everyIn(properties)
}

function fitsArray(schema: JsonObject): boolean {
  return allows(schema, 'array') || schema.items !== undefined ? fits(schema.items) : true
}

function everyOf(schemas: Json | undefined): boolean {
  return schemas === undefined || (Array.isArray(schemas) && schemas.every((each: Json) => fits(each)))
}

function everyIn(schemas: Json | undefined): boolean {
  return schemas === undefined || (isJsonObject(schemas) && Object.values(schemas).every(fits))
}

/** `type` may be one word or a list of them. */
export function allows(schema: JsonObject, type: string): boolean {
  return Array.isArray(schema.type) ? schema.type.includes(type) : schema.type === type
}
