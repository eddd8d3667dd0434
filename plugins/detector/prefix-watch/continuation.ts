import { type Fingerprint, firstDifference, turnHashes } from './fingerprint.ts'

/** The turns of a prompt, and where each of them stands. */
export class Turns {
  readonly hashes: readonly number[]
  readonly #places = new Map<number, number[]>()

  constructor(print: Fingerprint) {
    this.hashes = turnHashes(print)
    for (const [place, hashed] of this.hashes.entries()) {
      const known = this.#places.get(hashed)
      if (known) known.push(place)
      else this.#places.set(hashed, [place])
    }
  }

  /** Where a turn stands for the last time before a place. */
  lastBefore(hashed: number, place: number): number | undefined {
    return this.#places.get(hashed)?.findLast((known) => known < place)
  }
}

/**
 * Tells whether a request goes on from an earlier one of the same caller: it has the turn that the other one ended with, with something behind it, and
 * more than half of the turns before that, in their order. A turn that many conversations may have (`yes`) counts only at the place where it stood, behind
 * the same first turn. What was edited, forked, wound back or summed up does not go on from anything.
 */
export function goesOn(earlier: Fingerprint, later: Turns): boolean {
  const { lastTurn } = earlier
  if (!lastTurn) return false
  const before = turnHashes(earlier).slice(0, lastTurn.place)
  const { hashes } = later
  const end = hashes.length - 1
  const stays = lastTurn.place < end && hashes[lastTurn.place] === lastTurn.hash
  if (!lastTurn.telling && (!stays || before[0] !== (lastTurn.place === 0 ? undefined : hashes[0]))) return false
  let place = stays ? lastTurn.place : later.lastBefore(lastTurn.hash, end)
  if (place === undefined) return false
  let found = 1
  for (const hashed of before.toReversed()) {
    const at: number | undefined = later.lastBefore(hashed, place)
    if (at === undefined) continue
    found++
    place = at
  }
  return found * 2 > before.length + 1
}

/** How many parts two prompts have in common at their beginning. */
export function commonParts(earlier: Fingerprint, later: Fingerprint): number {
  return firstDifference(earlier, later) ?? earlier.hashes.length
}
