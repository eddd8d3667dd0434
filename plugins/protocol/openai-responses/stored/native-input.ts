import { type JsonObject, type Loss, noOpaqueValue } from 'tokligence'
import { legalCallId } from '../item/call-id.ts'
import { summaryOf } from '../item/compaction.ts'

/** Items that the vendor takes from anywhere, without an id (openai 6.49.0, ResponseInputItem). */
const portable = new Set(['message', 'function_call', 'function_call_output', 'custom_tool_call', 'custom_tool_call_output', 'additional_tools'])

export interface NativeInput {
  readonly items: readonly JsonObject[]
  readonly losses: readonly Loss[]
}

/**
 * The items of a conversation that another vendor or account served for the vendor, who refuses ids that he did not give and thoughts that he did not
 * seal. Answers with the type of an item that he cannot take.
 */
export function nativeInput(given: readonly JsonObject[]): NativeInput | string {
  const items: JsonObject[] = []
  const losses: Loss[] = []
  for (const [index, item] of given.entries()) {
    const type = typeof item.type === 'string' ? item.type : 'message'
    const summary = summaryOf(item)
    if (summary !== undefined) items.push({ type: 'message', role: 'user', content: [{ type: 'input_text', text: summary }] })
    else if (type === 'reasoning') losses.push(...lossOf(item, `previous_response_id.input[${index}]`))
    else if (!portable.has(type)) return type
    else {
      const { id: _, status: __, ...rest } = item
      items.push(withLegalCallId(rest))
    }
  }
  return { items, losses }
}

/** An item with an id of its call that the vendor takes; the same for the call and for its output. */
export function withLegalCallId(item: JsonObject): JsonObject {
  return typeof item.call_id === 'string' ? { ...item, call_id: legalCallId(item.call_id) } : item
}

/** What goes with thoughts that are left out; nothing with those that say nothing. */
function lossOf({ encrypted_content: seal, summary, content }: JsonObject, path: string): readonly Loss[] {
  const lost = { path, action: 'dropped', severity: 'hint' } as const
  if (typeof seal === 'string' && seal !== '' && seal !== noOpaqueValue)
    return [{ ...lost, feature: 'reasoning-seal', detail: 'Another provider or account issued it.' }]
  const said = [summary, content].some((parts) => Array.isArray(parts) && parts.length > 0)
  return said ? [{ ...lost, feature: 'thinking', detail: 'Thoughts of another vendor have no slot.' }] : []
}
