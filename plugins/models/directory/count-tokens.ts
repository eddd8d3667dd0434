/** Texts are counted in slices of this many characters, between which other requests get their turn. */
const slice = 20_000

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
  for (const text of texts) {
    for (let at = 0; at < text.length; at += slice) {
      if (at > 0) await new Promise((resolve) => setImmediate(resolve))
      count += encoding.countTokens(text.slice(at, at + slice), asText)
    }
  }
  return count
}
