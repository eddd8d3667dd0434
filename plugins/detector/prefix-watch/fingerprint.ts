import { hash } from 'node:crypto'
import type { PromptPart } from 'tokligence'

/** A prompt without its text: what is left of it in memory. */
export interface Fingerprint {
  /** Of the parts that are kept, the first ones: 48 bits of SHA-256 as a number. */
  readonly hashes: Float64Array
  /** Characters of each of them. */
  readonly lengths: Uint32Array
  /** 1 for those that are turns. */
  readonly turns: Uint8Array
  /** Of all parts, kept or not. */
  readonly characters: number
  readonly whole: boolean
  readonly lastTurn: LastTurn | undefined
}

/** The turn that the prompt ends with. */
export interface LastTurn {
  readonly hash: number
  /** Counts the turns before it. */
  readonly place: number
  /** It is long, or holds an id: another conversation hardly has the same. */
  readonly telling: boolean
}

/** Characters from which on a turn is hardly said twice. */
const longTurn = 200

export function fingerprint(parts: readonly PromptPart[]): Fingerprint {
  const hashes = new Float64Array(parts.length)
  const lengths = new Uint32Array(parts.length)
  const turns = new Uint8Array(parts.length)
  let characters = 0
  let place = -1
  let lastTurn: LastTurn | undefined
  for (const [index, { text, turn, unique }] of parts.entries()) {
    const hashed = hash('sha256', text, 'buffer').readUIntBE(0, 6)
    hashes[index] = hashed
    lengths[index] = text.length
    characters += text.length
    if (!turn) continue
    turns[index] = 1
    place++
    lastTurn = { hash: hashed, place, telling: unique === true || text.length >= longTurn }
  }
  return { hashes, lengths, turns, characters, whole: true, lastTurn }
}

/** The same with its first parts alone, when it has more than so many. */
export function shortened(print: Fingerprint, parts: number): Fingerprint {
  if (print.hashes.length <= parts) return print
  return { ...print, hashes: print.hashes.slice(0, parts), lengths: print.lengths.slice(0, parts), turns: print.turns.slice(0, parts), whole: false }
}

/** The first part of an earlier prompt that the later one does not have at its place; undefined when it begins with all of it that is kept. */
export function firstDifference(earlier: Fingerprint, later: Fingerprint): number | undefined {
  const index = earlier.hashes.findIndex((hashed, at) => later.hashes[at] !== hashed)
  return index === -1 ? undefined : index
}

/** The share of a prompt's characters that stands before a part of it. */
export function shareBefore({ lengths, characters }: Fingerprint, part: number): number {
  const before = lengths.subarray(0, part).reduce((sum, length) => sum + length, 0)
  return characters === 0 ? 0 : before / characters
}

/** Its turns that are kept, in order. */
export function turnHashes({ hashes, turns }: Fingerprint): readonly number[] {
  return [...hashes].filter((_, index) => turns[index] === 1)
}
