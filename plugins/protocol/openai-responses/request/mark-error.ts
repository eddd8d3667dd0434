import type { JsonObject, LossSink, ToolResultBlock } from 'tokligence'

/** There is no error flag here; the model is told in words, unless the tool's own words begin so. */
export function markError(parts: readonly JsonObject[], block: ToolResultBlock, path: string, losses: LossSink): readonly JsonObject[] {
  if (block.isError !== true) return parts
  losses.approximated(`${path}.is_error`, 'tool-error', 'hint', 'Marked in the text.')
  const [first, ...others] = parts
  if (first?.type !== 'input_text') return [{ type: 'input_text', text: 'Error' }, ...parts]
  const text = String(first.text)
  return /^\W*(\w+_)*error/i.test(text) ? parts : [{ ...first, text: `Error: ${text}` }, ...others]
}
