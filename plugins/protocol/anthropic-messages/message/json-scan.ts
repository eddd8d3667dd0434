/** What a JSON text holds that a parser would not tell. The text need not be valid. */
export interface JsonScan {
  readonly depth: number
  /** The first whole number that JavaScript cannot hold: read and written again, it is another one. */
  readonly inexactInteger?: string
}

const quote = 34
const backslash = 92

/** Reads without recursion, so that no depth is too deep for it. */
export function scanJson(text: string): JsonScan {
  let depth = 0
  let deepest = 0
  let inexactInteger: string | undefined
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === quote) index = endOfString(text, index)
    else if (code === 123 || code === 91) deepest = Math.max(deepest, ++depth)
    else if (code === 125 || code === 93) depth--
    else if (isDigit(code)) {
      const end = endOfNumber(text, index)
      inexactInteger ??= inexact(text.slice(index, end))
      index = end - 1
    }
  }
  return { depth: deepest, ...(inexactInteger !== undefined && { inexactInteger }) }
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === backslash) index++
    else if (code === quote) return index
  }
  return text.length
}

function endOfNumber(text: string, start: number): number {
  let end = start
  while (end < text.length && isNumberPart(text.charCodeAt(end))) end++
  return end
}

function inexact(literal: string): string | undefined {
  // Every whole number of 15 digits is exact.
  return literal.length > 15 && /^\d+$/.test(literal) && String(Number(literal)) !== literal ? literal : undefined
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** Digits, `.`, `e`, `E`, `+` and `-`. */
function isNumberPart(code: number): boolean {
  return isDigit(code) || code === 46 || code === 101 || code === 69 || code === 43 || code === 45
}
