import type { Block } from 'tokligence'

/** A stretch of one text block, in UTF-16 code units. */
export interface Stretch {
  readonly block: number
  /** Absent when it cannot be told which words are meant. */
  readonly start?: number
  readonly end?: number
}

interface Text {
  readonly block: number
  readonly text: string
  /** In UTF-8. */
  readonly bytes: number
  /** For each byte, and the end, the index of the code unit that begins the character. Made when it is first asked for. */
  units?: Uint32Array
}

/**
 * Finds what a reply's citations point to. Segment in @google/genai 3.1.0 counts bytes from the start of a part; in recorded streams the count runs
 * over the text of all parts. So a segment that repeats its words is believed where these stand, and searched for otherwise.
 */
export class CitedText {
  readonly #blocks: readonly Block[]
  readonly #texts: readonly Text[]

  constructor(blocks: readonly Block[]) {
    this.#blocks = blocks
    this.#texts = blocks.flatMap((block, index) =>
      block.type === 'text' && block.text !== '' ? [{ block: index, text: block.text, bytes: Buffer.byteLength(block.text) }] : [],
    )
  }

  get isEmpty(): boolean {
    return this.#texts.length === 0
  }

  /** The last text as a whole. */
  get last(): Stretch {
    return { block: this.#texts.at(-1)?.block ?? 0 }
  }

  locate(start: number, end: number, part: number, words: string | undefined): Stretch {
    const own = this.#texts.find(({ block }) => block === part)
    return (own && stretchIn(own, start, end, words)) ?? this.#across(start, end, words) ?? this.#search(words) ?? this.last
  }

  /** The count runs over all texts. */
  #across(start: number, end: number, words: string | undefined): Stretch | undefined {
    let before = 0
    for (const text of this.#texts) {
      if (start < before + text.bytes) return stretchIn(text, start - before, end - before, words)
      before += text.bytes
    }
    return undefined
  }

  #search(words: string | undefined): Stretch | undefined {
    if (!words) return undefined
    for (const [index, block] of this.#blocks.entries()) {
      const at = block.type === 'text' ? block.text.indexOf(words) : -1
      if (at !== -1) return { block: index, start: at, end: at + words.length }
    }
    return undefined
  }
}

function stretchIn(text: Text, from: number, to: number, words: string | undefined): Stretch | undefined {
  if (from < 0 || to > text.bytes || to <= from) return undefined
  text.units ??= unitsOf(text)
  const start = text.units[from] as number
  const end = text.units[to] as number
  return words === undefined || text.text.slice(start, end) === words ? { block: text.block, start, end } : undefined
}

function unitsOf({ text, bytes }: Text): Uint32Array {
  const units = new Uint32Array(bytes + 1)
  let at = 0
  for (let index = 0; index < text.length; ) {
    const code = text.codePointAt(index) as number
    const next = at + (code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4)
    units.fill(index, at, next)
    at = next
    index += code > 0xffff ? 2 : 1
  }
  units[bytes] = text.length
  return units
}
