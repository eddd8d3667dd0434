import type { Json, JsonObject } from 'tokligence'

/** Fields taken out of an object, by their names in camelCase. */
export interface TakenFields<Name extends string> {
  readonly fields: { readonly [Field in Name]?: Exclude<Json, null> }
  /** Everything else, as it stood. A null counts as absent and stays here, so that it is written back. */
  readonly rest: JsonObject
  /** Which of the taken fields stood in snake_case; undefined when none did. For `spell`. */
  readonly snake: readonly string[] | undefined
}

/**
 * Takes the named fields out of an object. The API reads camelCase and snake_case (ProtoJSON: "parsers accept both the lowerCamelCase name and the
 * original proto field name"), and writes camelCase. Where both spellings stand, the first in camelCase counts.
 */
export function takeFields<Name extends string>(object: JsonObject, names: readonly Name[]): TakenFields<Name> {
  const fields: { [field: string]: Exclude<Json, null> } = {}
  const rest: { [field: string]: Json } = {}
  const snake: string[] = []
  for (const [field, value] of Object.entries(object)) {
    const name = field.includes('_') ? camelCase(field) : field
    const wanted = value !== null && (names as readonly string[]).includes(name)
    if (wanted && (name === field || (object[name] ?? null) === null) && !(name in fields)) {
      fields[name] = value
      if (name !== field) snake.push(name)
      continue
    }
    // An assignment to `__proto__` would set the prototype instead of a field.
    if (field === '__proto__') Object.defineProperty(rest, field, { value, enumerable: true, configurable: true, writable: true })
    else rest[field] = value
  }
  return { fields: fields as { readonly [Field in Name]?: Exclude<Json, null> }, rest, snake: snake.length === 0 ? undefined : snake }
}

/** Gives fields the spelling that `takeFields` found them in. `snake` is what it told, from a memo. */
export function spell(fields: JsonObject, snake: Json | undefined): JsonObject {
  if (!Array.isArray(snake) || snake.length === 0) return fields
  const names: readonly Json[] = snake
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [names.includes(name) ? snakeCase(name) : name, value]))
}

export function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
