import { type Fields, isObject, list } from './json-fields.ts'

/** The schemas right inside of a schema, with the place where each stands. */
export function schemasInside(schema: Fields): readonly (readonly [string, unknown])[] {
  const { properties, $defs, definitions, items, anyOf, oneOf, allOf, additionalProperties } = schema
  const named = Object.entries({ properties, $defs, definitions }).flatMap(([word, group]) =>
    isObject(group) ? Object.entries(group).map(([name, inner]) => [`'${word}', '${name}'`, inner] as const) : [],
  )
  const listed = Object.entries({ anyOf, oneOf, allOf }).flatMap(([word, group]) =>
    list(group).map((inner, index) => [`'${word}', '${index}'`, inner] as const),
  )
  return [...named, ...listed, ["'items'", items] as const, ["'additionalProperties'", additionalProperties] as const].filter(([, inner]) => isObject(inner))
}

/** Whether an array anywhere in a schema says nothing of its elements. */
export function lacksItems(schema: unknown): boolean {
  if (!isObject(schema)) return false
  const { type, items } = schema
  if ((type === 'array' || (Array.isArray(type) && type.includes('array'))) && items === undefined) return true
  return schemasInside(schema).some(([, inner]) => lacksItems(inner))
}

/**
 * Why the vendor would refuse a schema for strict output, in its own words; undefined when it would not.
 * Source: OpenAI, "Structured Outputs", "Supported schemas": the root is an object and no anyOf, every object forbids further properties and requires all
 * of its own, and these words are not supported.
 */
export function refuseStrictSchema(schema: unknown, name: string): string | undefined {
  const unsupported = ['allOf', 'not', 'oneOf', 'dependentRequired', 'dependentSchemas', 'if', 'then', 'else', 'patternProperties', 'unevaluatedProperties']
  const inside = (at: Fields, context: string): string | undefined => {
    const refused = (why: string) => `Invalid schema for ${name}: In context=(${context}), ${why}.`
    const word = unsupported.find((each) => each in at)
    if (word !== undefined) return refused(`'${word}' is not permitted`)
    if (at.type === 'object' || at.properties !== undefined) {
      if (at.additionalProperties !== false) return refused("'additionalProperties' is required to be supplied and to be false")
      const names = isObject(at.properties) ? Object.keys(at.properties) : []
      const missing = names.find((each) => !list(at.required).includes(each))
      if (missing !== undefined)
        return refused(`'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'`)
      const extra = list(at.required).find((each) => !names.includes(String(each)))
      if (extra !== undefined) return refused(`'required' is required to be an array of keys in properties. Extra required key '${String(extra)}' supplied`)
    }
    for (const [place, inner] of schemasInside(at)) {
      const refusal = isObject(inner) ? inside(inner, context === '' ? place : `${context}, ${place}`) : undefined
      if (refusal !== undefined) return refusal
    }
    return undefined
  }
  if (!isObject(schema) || schema.type !== 'object') return `Invalid schema for ${name}: schema must be a JSON Schema of 'type: "object"'.`
  if (schema.anyOf !== undefined) return `Invalid schema for ${name}: schema must not have 'anyOf' at the top level.`
  return inside(schema, '')
}
