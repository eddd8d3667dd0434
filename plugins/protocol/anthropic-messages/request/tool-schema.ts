import { isJsonObject, type Json, type JsonObject, type LossSink } from 'tokligence'
import { withNote } from './output-schema.ts'

export const emptySchema: JsonObject = { type: 'object', properties: {} }

/** "input_schema does not support oneOf, allOf, or anyOf at the top level" is the provider's answer to them. */
const combinators = new Set(['anyOf', 'oneOf', 'allOf'])

export interface TopLevelObject {
  readonly schema: JsonObject
  /** The arguments stood in the alternatives alone: closed, the object that is left would take none. */
  readonly unshaped: boolean
}

/** The provider demands `type: "object"` at the top; a schema without one is how other protocols say "no arguments". */
export function topLevelObject(given: JsonObject, path: string, losses: LossSink): TopLevelObject {
  const kept: [string, Json][] = []
  const moved: [string, Json][] = []
  for (const member of Object.entries(given)) (combinators.has(member[0]) ? moved : kept).push(member)
  const rest = Object.fromEntries(kept)
  if (given.type !== undefined && given.type !== 'object') losses.approximated(path, 'tool-schema', 'semantic', 'Its type became "object".')
  const schema = given.type === undefined ? { ...emptySchema, ...rest } : given.type === 'object' ? rest : { ...rest, type: 'object' }
  if (moved.length === 0) return { schema, unshaped: false }
  losses.approximated(path, 'tool-schema', 'semantic', `Moved into the description: ${moved.map(([keyword]) => keyword).join(', ')}.`)
  return { schema: withNote(schema, moved), unshaped: !isJsonObject(given.properties) || Object.keys(given.properties).length === 0 }
}
