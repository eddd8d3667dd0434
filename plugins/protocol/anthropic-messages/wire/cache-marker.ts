import type { Json } from 'tokligence'

/** A value as JSON text without the markers of the prompt cache in it: they are no part of the prompt, and those of the newest turn move with it. */
export function textWithoutMarkers(value: Json): string {
  const text = JSON.stringify(value)
  if (!text.includes('"cache_control"')) return text
  return JSON.stringify(value, (name, member: unknown) => (name === 'cache_control' ? undefined : member))
}
