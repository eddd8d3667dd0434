import { isEmpty, isJsonObject, type Json, type JsonObject } from 'tokligence'
import { finishWord } from '../reply/finish-reason.ts'

/** What the pieces of a candidate say beside their content, put together as a whole reply would say it. */
export function mergeCandidate(earlier: JsonObject, later: JsonObject): JsonObject {
  let merged: JsonObject | undefined
  for (const [field, value] of Object.entries(later)) {
    // A null says nothing.
    if (value === null) continue
    merged = { ...(merged ?? earlier), [field]: mergeField(field, earlier[field], value) }
  }
  return merged ?? earlier
}

function mergeField(field: string, before: Json | undefined, value: Json): Json {
  if (before === undefined) return value
  if (field === 'finishReason' && finishWord(value) === undefined) return before
  if (field === 'citationMetadata' && isJsonObject(before) && isJsonObject(value)) return joinCitations(before, value)
  if (field === 'groundingMetadata' && isJsonObject(before) && isJsonObject(value)) return { ...before, ...filled(value) }
  return value
}

/** Lists of sources go on from chunk to chunk; some hosts repeat what they said. */
function joinCitations(before: JsonObject, value: JsonObject): JsonObject {
  const joined: { [field: string]: Json } = { ...before, ...filled(value) }
  for (const field of ['citations', 'citationSources']) {
    const one = before[field]
    const other = value[field]
    if (!Array.isArray(one) || !Array.isArray(other)) continue
    const known = new Set(one.map((source) => JSON.stringify(source)))
    joined[field] = [...one, ...other.filter((source: Json) => !known.has(JSON.stringify(source)))]
  }
  return joined
}

/** Without what is empty: a later chunk may have the same object with nothing in it. */
function filled(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => !(typeof member === 'object' && member !== null && isEmpty(member))))
}
