import { isJsonObject, type Json, type JsonObject } from 'tokligence'

/** The object that a text is as JSON; undefined for anything else, of which its reader knows what to say. */
export function jsonObjectOf(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
