/** Names that were looked up lately are remembered; callers choose the names, so there must be an end to it. */
const remembered = 500
const longestRemembered = 256

interface Wildcard<Value> {
  readonly value: Value
  /** Letters that are not wildcards: the more, the more specific. */
  readonly literal: number
  readonly matches: (name: string) => boolean
}

/**
 * Values by name pattern, `*` standing for any run of characters anywhere in it, upper and lower case being alike. Of the patterns that match, the
 * most specific wins: one without wildcards, then the one with the most other characters, then the one declared first.
 */
export class PatternTable<Value> {
  readonly #exact = new Map<string, Value>()
  readonly #wildcards: readonly Wildcard<Value>[]
  readonly #recent = new Map<string, { readonly value: Value | undefined }>()

  constructor(entries: Iterable<readonly [pattern: string, value: Value]>) {
    const wildcards: Wildcard<Value>[] = []
    for (const [pattern, value] of entries) {
      const lower = pattern.toLowerCase()
      if (lower.includes('*')) wildcards.push({ value, literal: lower.replaceAll('*', '').length, matches: compile(lower) })
      else if (!this.#exact.has(lower)) this.#exact.set(lower, value)
    }
    this.#wildcards = wildcards.sort((a, b) => b.literal - a.literal)
  }

  find(name: string): Value | undefined {
    const recent = this.#recent.get(name)
    if (recent) return recent.value
    const value = this.#search(name.toLowerCase())
    if (name.length <= longestRemembered) this.#remember(name, value)
    return value
  }

  #search(name: string): Value | undefined {
    const exact = this.#exact.get(name)
    return exact !== undefined ? exact : this.#wildcards.find(({ matches }) => matches(name))?.value
  }

  #remember(name: string, value: Value | undefined): void {
    const oldest = this.#recent.size >= remembered ? this.#recent.keys().next().value : undefined
    if (oldest !== undefined) this.#recent.delete(oldest)
    this.#recent.set(name, { value })
  }
}

/** Takes one pass over the name whatever the pattern is; a regular expression with many wildcards could take for ever. */
function compile(pattern: string): (name: string) => boolean {
  const pieces = pattern.split('*')
  const first = pieces[0] as string
  const last = pieces.at(-1) as string
  const between = pieces.slice(1, -1)
  return (name) => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false
    let at = first.length
    for (const piece of between) {
      const found = name.indexOf(piece, at)
      if (found === -1) return false
      at = found + piece.length
    }
    return at <= name.length - last.length
  }
}
