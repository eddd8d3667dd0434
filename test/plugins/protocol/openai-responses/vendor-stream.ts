import type { JsonObject } from 'tokligence'

const callEvents: Readonly<Record<string, readonly [event: string, field: string]>> = {
  function_call: ['function_call_arguments', 'arguments'],
  custom_tool_call: ['custom_tool_call_input', 'input'],
}

/** A response as the events that the vendor streams it in, as recordings show them; texts come in pieces of `size` characters. */
export function vendorStream(response: JsonObject, size: number): JsonObject[] {
  const running = { ...response, status: 'in_progress', output: [], usage: null, ...(response.service_tier === 'default' && { service_tier: 'auto' }) }
  const events: JsonObject[] = [
    { type: 'response.created', response: running },
    { type: 'response.in_progress', response: running },
  ]
  for (const [index, item] of (response.output as readonly JsonObject[]).entries()) {
    const inside = (type: string, fields: JsonObject) => events.push({ type: `response.${type}`, item_id: item.id ?? null, output_index: index, ...fields })
    events.push({ type: 'response.output_item.added', output_index: index, item: announced(item) })
    for (const list of ['summary', 'content'] as const)
      for (const [place, part] of ((item[list] ?? []) as readonly JsonObject[]).entries()) partEvents(list, place, part, size, inside)
    const [event, field] = callEvents[String(item.type)] ?? []
    if (event !== undefined && field !== undefined) {
      for (const delta of cut(String(item[field]), size)) inside(`${event}.delta`, { delta })
      inside(`${event}.done`, { [field]: item[field] ?? '' })
    }
    events.push({ type: 'response.output_item.done', output_index: index, item })
  }
  events.push({ type: `response.${String(response.status)}`, response })
  return events.map((event, sequence) => ({ ...event, sequence_number: sequence }))
}

function partEvents(list: 'summary' | 'content', place: number, part: JsonObject, size: number, inside: (type: string, fields: JsonObject) => void): void {
  const at = { [`${list}_index`]: place }
  const { added, text, field } = namesOf(list, part)
  inside(`${added}.added`, {
    ...at,
    part: { ...part, ...(field !== undefined && { [field]: '' }), ...(part.annotations !== undefined && { annotations: [] }) },
  })
  if (text !== undefined && field !== undefined) {
    for (const delta of cut(String(part[field]), size)) inside(`${text}.delta`, { ...at, delta, logprobs: [] })
    // The vendor sends them with their words; here it does not matter where.
    if (Array.isArray(part.logprobs) && part.logprobs.length > 0) inside(`${text}.delta`, { ...at, delta: '', logprobs: part.logprobs })
    for (const [number, annotation] of ((part.annotations ?? []) as readonly JsonObject[]).entries())
      inside('output_text.annotation.added', { ...at, annotation_index: number, annotation })
    inside(`${text}.done`, { ...at, [field]: part[field] ?? '' })
  }
  inside(`${added}.done`, { ...at, part })
}

function namesOf(list: 'summary' | 'content', part: JsonObject): { readonly added: string; readonly text?: string; readonly field?: string } {
  if (list === 'summary') return { added: 'reasoning_summary_part', text: 'reasoning_summary_text', field: 'text' }
  if (part.type === 'reasoning_text') return { added: 'content_part', text: 'reasoning_text', field: 'text' }
  if (part.type === 'refusal') return { added: 'content_part', text: 'refusal', field: 'refusal' }
  return part.type === 'output_text' ? { added: 'content_part', text: 'output_text', field: 'text' } : { added: 'content_part' }
}

/** An item as it is when it begins. */
function announced(item: JsonObject): JsonObject {
  const begun = { ...item, ...(item.status !== undefined && { status: 'in_progress' }) }
  const [, field] = callEvents[String(item.type)] ?? []
  if (field !== undefined) return { ...begun, [field]: '' }
  if (item.type === 'reasoning') return { ...begun, summary: [], ...(Array.isArray(item.content) && { content: [] }) }
  return item.type === 'message' ? { ...begun, content: [] } : begun
}

function cut(text: string, size: number): string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size))
}
