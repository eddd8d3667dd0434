import type { JsonObject } from 'tokligence'
import { summaryOf } from '../item/compaction.ts'

/** Items that the vendor takes from anywhere, without an id (openai 6.49.0, ResponseInputItem). */
const portable = new Set(['message', 'function_call', 'function_call_output', 'custom_tool_call', 'custom_tool_call_output', 'additional_tools'])

/**
 * The items of a translated conversation for the vendor, who refuses ids that he did not give and thoughts that he did not seal. Answers with the
 * type of an item that he cannot take.
 */
export function nativeInput(items: readonly JsonObject[]): readonly JsonObject[] | string {
  const taken: JsonObject[] = []
  for (const item of items) {
    const type = typeof item.type === 'string' ? item.type : 'message'
    const summary = summaryOf(item)
    if (summary !== undefined) taken.push({ type: 'message', role: 'user', content: [{ type: 'input_text', text: summary }] })
    else if (type === 'reasoning') continue
    else if (!portable.has(type)) return type
    else {
      const { id: _, status: __, ...rest } = item
      taken.push(rest)
    }
  }
  return taken
}
