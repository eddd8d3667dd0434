/** So many characters are counted before other requests get their turn. */
const turn = 20_000

/** The most that is counted in one piece: the tokenizer’s time grows with the square of a text without spaces. Characters. */
const longestPiece = 1_000

type Encoding = { countTokens(text: string, options: { readonly allowedSpecial: Set<string>; readonly disallowedSpecial: Set<string> }): number }

/** Words that stand for control tokens are counted as the text that they are in a request. */
const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() }

let loading: Promise<Encoding> | undefined

/**
 * Tokens of texts in the tokenizer `o200k_base`: exact for the current models of one vendor, near for those of others. Its tables are loaded with the
 * first count.
 */
export async function countTokens(texts: readonly string[]): Promise<number> {
  loading ??= import('gpt-tokenizer/encoding/o200k_base')
  const encoding = await loading
  let count = 0
  let sinceTurn = 0
  for (const text of texts) {
    for (let at = 0; at < text.length; ) {
      const end = pieceEnd(text, at)
      count += encoding.countTokens(text.slice(at, end), asText)
      sinceTurn += end - at
      at = end
      if (sinceTurn < turn) continue
      sinceTurn = 0
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return count
}

/** In front of the last space where there is one, because tokens begin with spaces. */
function pieceEnd(text: string, start: number): number {
  const end = start + longestPiece
  if (end >= text.length) return text.length
  const space = text.slice(start, end).lastIndexOf(' ')
  return space > longestPiece / 2 ? start + space : end
}
