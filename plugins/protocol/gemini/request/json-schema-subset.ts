import { isJsonObject, type Json, type JsonObject, type LossSink } from 'tokligence'

/**
 * What the vendor reads of JSON Schema (GenerateContentConfig.responseJsonSchema in @google/genai 3.1.0: "only the following properties are supported").
 * Nothing is told of the parameters of functions; they are taken to be read alike.
 */
const supported = new Set(
  (
    '$id $defs $ref $anchor type format title description enum items prefixItems minItems maxItems minimum maximum anyOf oneOf properties ' +
    'additionalProperties required propertyOrdering'
  ).split(' '),
)
/** Keywords that constrain nothing. */
const silent = new Set(['$schema', '$comment', '$vocabulary', '$dynamicAnchor', 'deprecated', 'readOnly', 'writeOnly'])
const annotations = new Set(['default', 'examples', 'example'])
const maps = new Set(['properties', '$defs'])

interface Found {
  /** Keywords that are told in words instead. */
  readonly told: Set<string>
  readonly gone: Set<string>
}

/**
 * A schema as the vendor takes it. What it has no keyword for is said in the description of its place, where the model still reads it, and
 * reported once with the keywords' names.
 */
export function supportedSchema(schema: JsonObject, path: string, losses: LossSink): JsonObject {
  const found: Found = { told: new Set(), gone: new Set() }
  const written = rewrite(withRootResolved(schema), found)
  if (found.told.size > 0) losses.approximated(path, 'schema-keywords', 'semantic', `Told in the description, not enforced: ${[...found.told].join(', ')}.`)
  if (found.gone.size > 0) losses.approximated(path, 'schema-annotations', 'hint', `Told in the description: ${[...found.gone].join(', ')}.`)
  return written
}

/** The parameters of a function have to be an object, and at its top nothing but that. */
export function parameterSchema(schema: JsonObject, path: string, losses: LossSink): JsonObject {
  const resolved = withRootResolved(schema)
  const combined = Object.entries(resolved).filter(([keyword]) => ['anyOf', 'oneOf', 'allOf'].includes(keyword))
  const rest = Object.fromEntries(Object.entries(resolved).filter(([keyword]) => !['anyOf', 'oneOf', 'allOf'].includes(keyword)))
  if (resolved.type !== undefined && resolved.type !== 'object') losses.approximated(path, 'tool-schema', 'semantic', 'Its type became "object".')
  if (combined.length > 0) losses.approximated(path, 'tool-schema', 'semantic', `Told in the description: ${combined.map(([keyword]) => keyword).join(', ')}.`)
  return supportedSchema(withNote({ properties: {}, ...rest, type: 'object' }, combined), path, losses)
}

/** A schema that is nothing but a reference into itself, as generators write it. */
function withRootResolved(schema: JsonObject): JsonObject {
  const { $ref: reference, ...rest } = schema
  const name = typeof reference === 'string' ? /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference) : null
  const group = name?.[1] === undefined ? undefined : schema[name[1]]
  const target = isJsonObject(group) && name?.[2] !== undefined ? group[name[2]] : undefined
  return isJsonObject(target) ? { ...rest, ...target } : schema
}

function rewrite(schema: JsonObject, found: Found): JsonObject {
  const kept: { [keyword: string]: Json } = {}
  const notes: [string, Json][] = []
  for (const [written, value] of Object.entries(schema)) {
    const keyword = written === 'definitions' && schema.$defs === undefined ? '$defs' : written
    if (silent.has(keyword)) continue
    const exact = equivalent(keyword, value, schema)
    if (exact) Object.assign(kept, rewriteMembers(exact, found))
    else if (isSupported(keyword, value)) Object.assign(kept, rewriteMembers({ [keyword]: value }, found))
    else {
      ;(annotations.has(keyword) ? found.gone : found.told).add(keyword)
      notes.push([keyword, value])
    }
  }
  return withNote(withoutUnknownRequired(separatedReference(kept), found), notes)
}

/** Keywords that say the same as supported ones. */
function equivalent(keyword: string, value: Json, schema: JsonObject): JsonObject | undefined {
  const whole = schema.type === 'integer' && typeof value === 'number' && Number.isInteger(value)
  if (keyword === 'exclusiveMinimum' && whole && schema.minimum === undefined) return { minimum: value + 1 }
  if (keyword === 'exclusiveMaximum' && whole && schema.maximum === undefined) return { maximum: value - 1 }
  if (keyword === 'const' && isEnumerable(value) && schema.enum === undefined) return { enum: [value] }
  if (keyword === 'allOf' && Array.isArray(value) && value.length === 1 && schema.anyOf === undefined) return { anyOf: value }
  if (keyword === '$ref' && typeof value === 'string') return { $ref: value.replace(/^#\/definitions\//, '#/$defs/') }
  // A null is allowed by the type already.
  if (keyword === 'enum' && Array.isArray(value) && value.includes(null) && Array.isArray(schema.type) && schema.type.includes('null'))
    return { enum: value.filter((each: Json) => each !== null) }
  if (keyword === 'enum' && Array.isArray(value) && schema.type === undefined && schema.anyOf === undefined) return wordsOrNull(value)
  return undefined
}

/** Without a type beside it, null is an alternative to the words. */
function wordsOrNull(values: readonly Json[]): JsonObject | undefined {
  const words = values.filter((value) => value !== null)
  return words.length > 0 && words.length < values.length && words.every(isEnumerable) ? { anyOf: [{ enum: words }, { type: 'null' }] } : undefined
}

/** "enum (for strings and numbers)". */
function isEnumerable(value: Json): boolean {
  return typeof value === 'string' || typeof value === 'number'
}

function isSupported(keyword: string, value: Json): boolean {
  return supported.has(keyword) && (keyword !== 'enum' || (Array.isArray(value) && value.length > 0 && value.every(isEnumerable)))
}

function rewriteMembers(members: JsonObject, found: Found): JsonObject {
  const inner = (schema: Json) => (isJsonObject(schema) ? rewrite(schema, found) : schema)
  return Object.fromEntries(
    Object.entries(members).map(([keyword, value]) => {
      if (keyword === 'items' || keyword === 'additionalProperties') return [keyword, keyword === 'items' && value === true ? {} : inner(value)]
      if (Array.isArray(value) && ['anyOf', 'oneOf', 'prefixItems'].includes(keyword)) return [keyword, value.map(inner)]
      if (maps.has(keyword) && isJsonObject(value)) return [keyword, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inner(each)]))]
      return [keyword, value]
    }),
  )
}

/** "If `$ref` is set on a sub-schema, no other properties, except for than those starting as a `$`, may be set." */
function separatedReference(schema: { readonly [keyword: string]: Json }): JsonObject {
  const { $ref, ...rest } = schema
  if ($ref === undefined || Object.keys(rest).every((keyword) => keyword.startsWith('$')) || rest.anyOf !== undefined) return schema
  return { ...rest, anyOf: [{ $ref }] }
}

/** The vendor refuses a required property that is not described: "required[0]: property is not defined". */
function withoutUnknownRequired(schema: JsonObject, found: Found): JsonObject {
  const { required, properties } = schema
  if (!Array.isArray(required) || !isJsonObject(properties)) return schema
  const known = required.filter((name) => typeof name === 'string' && Object.hasOwn(properties, name))
  if (known.length === required.length) return schema
  found.told.add('required')
  const { required: _, ...rest } = schema
  const unknown = required.filter((name) => !known.includes(name))
  return withNote(known.length === 0 ? rest : { ...rest, required: known }, [['required', unknown]])
}

function withNote(schema: JsonObject, keywords: readonly (readonly [string, Json])[]): JsonObject {
  if (keywords.length === 0) return schema
  const note = `It must also satisfy this JSON Schema: ${JSON.stringify(Object.fromEntries(keywords))}`
  return { ...schema, description: typeof schema.description === 'string' ? `${schema.description}\n\n${note}` : note }
}
