import type { Json } from 'tokligence'

/** The value of a text; undefined when it is no JSON. */
export function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
