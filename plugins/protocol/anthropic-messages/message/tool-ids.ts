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

  assign(id: string): string {
    const base = legalToolId(id)
    let unique = base
    for (let copy = 2; this.#used.has(unique); copy++) unique = `${base}_${copy}`
    this.#used.add(unique)
    return unique
  }
}
