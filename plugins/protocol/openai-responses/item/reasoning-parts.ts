import { isJsonObject, type Json, type JsonObject, type ReasoningBlock } from 'tokligence'
import { recall } from '../wire/wire-memo.ts'

type PartList = 'summary' | 'content'

const partTypes: Readonly<Record<PartList, string>> = { summary: 'summary_text', content: 'reasoning_text' }

/** What stands between two parts in the one text of a block. A seal holds one block, so an item is never more than one. */
export const partBreak = '\n\n'

export interface ReasoningParts {
  readonly text: string
  /** How the text is to be cut again; undefined for one plain part of the summary, and for none. */
  readonly cut: Json | undefined
}

/** The one text of an item's parts: the summary, then the thoughts themselves. Undefined when a part is not text. */
export function joinReasoning(summary: readonly Json[], content: readonly Json[]): ReasoningParts | undefined {
  const texts: string[] = []
  const cut: Json[] = []
  for (const [list, parts] of [['summary', summary] as const, ['content', content] as const]) {
    for (const part of parts) {
      if (!isJsonObject(part) || typeof part.text !== 'string') return undefined
      const { text, ...rest } = part
      const usual = rest.type === partTypes[list] && Object.keys(rest).length === 1
      texts.push(text)
      cut.push({ list, length: text.length, ...(!usual && { rest }) })
    }
  }
  const [first] = cut
  const text = texts.join(partBreak)
  const plain = cut.length === 1 && text !== '' && isJsonObject(first) && first.list === 'summary' && first.rest === undefined
  return { text, cut: plain || cut.length === 0 ? undefined : cut }
}

/** The parts of a block. One whose text is another by now is one part. */
export function cutReasoning(block: ReasoningBlock): { readonly [list in PartList]: readonly JsonObject[] } {
  const parts = { summary: [] as JsonObject[], content: [] as JsonObject[] }
  const { cut } = recall(block).memo
  const pieces = Array.isArray(cut) ? (cut as readonly Json[]).filter(isJsonObject) : []
  const whole = pieces.reduce((sum, { length }) => sum + Number(length), 0) + partBreak.length * Math.max(0, pieces.length - 1)
  if (pieces.length === 0 || whole !== block.text.length) {
    if (block.text !== '') parts.summary.push({ type: partTypes.summary, text: block.text })
    return parts
  }
  let at = 0
  for (const piece of pieces) {
    const list = piece.list === 'content' ? 'content' : 'summary'
    const end = at + Number(piece.length)
    parts[list].push({ ...(isJsonObject(piece.rest) ? piece.rest : { type: partTypes[list] }), text: block.text.slice(at, end) })
    at = end + partBreak.length
  }
  return parts
}
