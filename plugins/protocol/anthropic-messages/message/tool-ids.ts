import { createHash } from 'node:crypto'

const legal = /^[a-zA-Z0-9_-]+$/

/**
 * The same id, or one that this protocol takes (`^[a-zA-Z0-9_-]+$`, else 400): illegal characters replaced, and a digest of the original
 * so that two ids stay two. The same id always gives the same answer, on every turn of a conversation.
 */
export function legalToolId(id: string): string {
  if (legal.test(id)) return id
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 12)
  return `${id.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 40) || 'toolu'}_${digest}`
}

/** Gives every call of one request an id of its own: some hosts number calls anew in each turn, and this protocol rejects a repeated id. */
export class ToolIds {
  readonly #used = new Set<string>()
  /** The number to try next for an id that was taken before: a search from the start would make long conversations quadratic. */
  readonly #nextCopy = new Map<string, number>()

  assign(id: string): string {
    const base = legalToolId(id)
    let unique = base
    let copy = this.#nextCopy.get(base) ?? 2
    for (; this.#used.has(unique); copy++) unique = `${base}_${copy}`
    if (unique !== base) this.#nextCopy.set(base, copy)
    this.#used.add(unique)
    return unique
  }
}
