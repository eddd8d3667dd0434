import { isJsonObject, type Json, type JsonObject } from 'tokligence'

/** String formats that the provider enforces; transform-json-schema.mjs in @anthropic-ai/sdk 1.12.0. */
const formats = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'])
/** Keywords that are taken as they stand (platform.claude.com/docs, "Structured outputs"). Schemas inside of them are rewritten. */
const keywords = new Set([
  '$defs',
  '$ref',
  'allOf',
  'anyOf',
  'const',
  'default',
  'definitions',
  'description',
  'enum',
  'items',
  'properties',
  'required',
  'title',
  'type',
])
/** Keywords whose members are schemas under names. */
const named = new Set(['$defs', 'definitions', 'properties'])

export interface SupportedSchema {
  readonly schema: JsonObject
  /** Objects were closed that said nothing of other members: what is written then satisfies the caller's schema too. */
  readonly closed: boolean
  /** Keywords that are not enforced any more; they stand in the description of their place. */
  readonly moved: readonly string[]
}

/**
 * The part of JSON Schema that structured output takes; anything else is answered with 400. As the official client does it: objects are
 * closed, `oneOf` becomes `anyOf`, and other keywords move into the description, where the model still reads them.
 */
export function supportedSchema(schema: JsonObject): SupportedSchema {
  const changes: Changes = { moved: new Set(), closed: false }
  return { schema: rewrite(schema, changes), closed: changes.closed, moved: [...changes.moved] }
}

interface Changes {
  readonly moved: Set<string>
  closed: boolean
}

function rewrite(schema: JsonObject, changes: Changes): JsonObject {
  const kept: [string, Json][] = []
  const unsupported: [string, Json][] = []
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === '$schema' || keyword === 'additionalProperties') continue
    if (keyword === 'oneOf' && !('anyOf' in schema)) kept.push(['anyOf', rewriteInside('anyOf', value, changes)])
    else if (isSupported(keyword, value)) kept.push([keyword, rewriteInside(keyword, value, changes)])
    else unsupported.push([keyword, value])
  }
  if (schema.type === 'object' || isJsonObject(schema.properties)) {
    kept.push(['additionalProperties', false])
    // Where members were asked for that have no name, or where none has one, an answer would have had them.
    if (schema.additionalProperties === undefined && hasMembers(schema.properties)) changes.closed = true
    else if (schema.additionalProperties !== false) changes.moved.add('additionalProperties')
  }
  const result = Object.fromEntries(kept)
  if (unsupported.length === 0) return result
  for (const [keyword] of unsupported) changes.moved.add(keyword)
  return withNote(result, unsupported)
}

function hasMembers(properties: Json | undefined): boolean {
  return isJsonObject(properties) && Object.keys(properties).length > 0
}

/** The schema with keywords that it cannot have at the end of its description. */
export function withNote(schema: JsonObject, keywords: readonly (readonly [string, Json])[]): JsonObject {
  const note = `{${keywords.map(([keyword, value]) => `${keyword}: ${JSON.stringify(value)}`).join(', ')}}`
  return { ...schema, description: typeof schema.description === 'string' ? `${schema.description}\n\n${note}` : note }
}

function isSupported(keyword: string, value: Json): boolean {
  if (keyword === 'format') return typeof value === 'string' && formats.has(value)
  if (keyword === 'minItems') return value === 0 || value === 1
  return keywords.has(keyword)
}

function rewriteInside(keyword: string, value: Json, changes: Changes): Json {
  const inner = (schema: Json) => (isJsonObject(schema) ? rewrite(schema, changes) : schema)
  if (keyword === 'items') return inner(value)
  if (keyword === 'anyOf') return Array.isArray(value) ? value.map(inner) : value
  if (keyword === 'allOf') return Array.isArray(value) ? rewriteAll(value, changes) : value
  if (named.has(keyword) && isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, inner(schema)]))
  return value
}

/** Schemas that hold together: closed, each forbids what the others name. */
function rewriteAll(schemas: readonly Json[], changes: Changes): Json {
  const inside: Changes = { moved: changes.moved, closed: false }
  const rewritten = schemas.map((schema) => (isJsonObject(schema) ? rewrite(schema, inside) : schema))
  if (inside.closed) changes.moved.add('additionalProperties')
  return rewritten
}
