import { isJsonObject, type Json, type JsonObject, type LossSink } from 'tokligence'
import { allows } from './strict-schema.ts'

/**
 * "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
 * (github.com/langchain-ai/langchainjs/issues/9804)
 */
const refusedOnTop = ['oneOf', 'anyOf', 'allOf', 'enum', 'not']

export interface AcceptedSchema {
  readonly parameters: JsonObject
  /** What the model must be told in words, because the schema cannot say it. */
  readonly note?: string
}

/** A schema of another protocol as the vendor takes it for a tool. */
export function acceptedSchema(schema: JsonObject | undefined, path: string, losses: LossSink): AcceptedSchema {
  const complete = withItems(completeSchema(schema), path, losses) as JsonObject
  const refused = refusedOnTop.filter((word) => complete[word] !== undefined)
  if (refused.length === 0) return { parameters: complete }
  for (const word of refused) losses.approximated(`${path}.${word}`, 'tool-schema', 'semantic', 'Told in the description.')
  const moved = Object.fromEntries(refused.map((word) => [word, complete[word] as Json]))
  const parameters = Object.fromEntries(Object.entries(complete).filter(([word]) => !refused.includes(word)))
  return { parameters, note: `The arguments must also satisfy this JSON Schema: ${JSON.stringify(moved)}` }
}

/** The vendor refuses a schema that is not of type object, and one of type object without properties. */
function completeSchema(schema: JsonObject | undefined): JsonObject {
  if (schema === undefined) return { type: 'object', properties: {} }
  if (schema.type === undefined || schema.type === null) return { type: 'object', properties: {}, ...withoutNullType(schema) }
  return schema.type === 'object' && schema.properties === undefined ? { ...schema, properties: {} } : schema
}

function withoutNullType(schema: JsonObject): JsonObject {
  const { type: _, ...rest } = schema
  return rest
}

const schemasByName = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
const schemaLists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems'])
const schemas = new Set(['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains'])

/** "array schema missing items" (github.com/sigoden/aichat/pull/1049); `{}` allows any. */
function withItems(schema: Json, path: string, losses: LossSink): Json {
  if (!isJsonObject(schema)) return schema
  const entries = Object.entries(schema).map(([word, value]): [string, Json] => {
    const at = `${path}.${word}`
    if (schemas.has(word)) return [word, withItems(value, at, losses)]
    if (schemaLists.has(word) && Array.isArray(value)) return [word, value.map((each: Json, index) => withItems(each, `${at}[${index}]`, losses))]
    if (!schemasByName.has(word) || !isJsonObject(value)) return [word, value]
    return [word, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withItems(each, `${at}.${name}`, losses)]))]
  })
  if (!allows(schema, 'array') || schema.items !== undefined) return Object.fromEntries(entries)
  losses.invented(`${path}.items`, 'tool-schema', 'hint', '{}')
  return { ...Object.fromEntries(entries), items: {} }
}
