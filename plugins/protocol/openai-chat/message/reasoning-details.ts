import { isJsonObject, type Json, type JsonObject } from 'tokligence'

/** The readable text of the pieces: `text` of `reasoning.text`, `summary` of `reasoning.summary`. */
export function detailsText(details: Json | undefined): string {
  if (!Array.isArray(details)) return ''
  return details
    .map((detail: Json) => (isJsonObject(detail) ? (detail.text ?? detail.summary) : undefined))
    .filter((text) => typeof text === 'string')
    .join('')
}

/** True when a piece holds what only the host can read: its signature, or encrypted thoughts. */
export function areOpaque(details: readonly Json[]): boolean {
  return details.some((detail) => isJsonObject(detail) && [detail.signature, detail.data].some((value) => typeof value === 'string' && value !== ''))
}

/** Puts pieces of a stream behind those that came before: those of one number and one type are one, whose texts grow. */
export function appendDetails(joined: Json[], later: readonly Json[]): void {
  for (const detail of later) {
    const last = joined.at(-1)
    if (isJsonObject(last) && isJsonObject(detail) && last.type === detail.type && last.index !== undefined && last.index === detail.index)
      joined[joined.length - 1] = grown(last, detail)
    else joined.push(detail)
  }
}

const growing = new Set(['text', 'summary', 'data'])

function grown(earlier: JsonObject, later: JsonObject): JsonObject {
  const said = Object.entries(later).filter(([, value]) => value !== null)
  return {
    ...earlier,
    ...Object.fromEntries(
      said.map(([field, value]) => {
        const before = earlier[field]
        return [field, growing.has(field) && typeof before === 'string' && typeof value === 'string' ? before + value : value]
      }),
    ),
  }
}
