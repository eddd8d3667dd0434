import type { JsonMember } from './json-peek.ts'

export interface JsonEdit {
  readonly start: number
  readonly end: number
  /** JSON text that takes the place of the bytes from `start` to `end`. */
  readonly text: string
}

/** Replaces byte ranges and leaves every other byte as it was. Edits must not overlap. */
export function patchBytes(body: Buffer, edits: readonly JsonEdit[]): Buffer {
  if (edits.length === 0) return body
  const ordered = [...edits].sort((a, b) => a.start - b.start)
  const pieces: Buffer[] = []
  let at = 0
  for (const edit of ordered) {
    pieces.push(body.subarray(at, edit.start), Buffer.from(edit.text))
    at = edit.end
  }
  pieces.push(body.subarray(at))
  return Buffer.concat(pieces)
}

/** The edit that sets a member to a new value, when it differs. */
export function replaceMember(member: JsonMember, value: string | boolean | number): JsonEdit | undefined {
  return member.value === value ? undefined : { start: member.start, end: member.end, text: JSON.stringify(value) }
}

/** The edit that adds a member as the first one of the top-level object. The object must have at least one member already. */
export function insertMember(body: Buffer, name: string, jsonText: string): JsonEdit {
  const at = body.indexOf(0x7b) + 1
  return { start: at, end: at, text: `${JSON.stringify(name)}:${jsonText},` }
}
