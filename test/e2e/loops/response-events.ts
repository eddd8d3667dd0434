import type { JsonObject } from 'tokligence'
import { type Fields, objects } from '../../support/json-fields.ts'

/** A response as its vendor streams it: openai@6.49.0/resources/responses/responses.d.ts, ResponseStreamEvent. */
export function responseEvents(response: JsonObject): string {
  const begun = { ...response, status: 'in_progress', output: [], usage: null }
  const events: Fields[] = [
    { type: 'response.created', response: begun },
    ...objects(response.output).flatMap(itemEvents),
    { type: 'response.completed', response },
  ]
  return events.map((event, index) => `event: ${String(event.type)}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`).join('')
}

function itemEvents(item: Fields, place: number): readonly Fields[] {
  const at = { output_index: place, item_id: item.id }
  const wrap = (empty: Fields, inner: readonly Fields[]) => [
    { type: 'response.output_item.added', output_index: place, item: { ...item, ...empty } },
    ...inner.map((event) => ({ ...event, ...at })),
    { type: 'response.output_item.done', output_index: place, item },
  ]
  switch (item.type) {
    case 'reasoning':
      return wrap({ summary: [], encrypted_content: `${String(item.encrypted_content).slice(0, 4)}==` }, objects(item.summary).flatMap(summaryEvents))
    case 'function_call':
      return wrap({ arguments: '', status: 'in_progress' }, [
        ...pieces(item.arguments).map((delta) => ({ type: 'response.function_call_arguments.delta', delta })),
        { type: 'response.function_call_arguments.done', name: item.name, arguments: item.arguments },
      ])
    default:
      return wrap({ content: [], status: 'in_progress' }, objects(item.content).flatMap(textEvents))
  }
}

function summaryEvents(part: Fields, index: number): readonly Fields[] {
  const events = [
    { type: 'response.reasoning_summary_part.added', part: { ...part, text: '' } },
    ...pieces(part.text).map((delta) => ({ type: 'response.reasoning_summary_text.delta', delta })),
    { type: 'response.reasoning_summary_text.done', text: part.text },
    { type: 'response.reasoning_summary_part.done', part },
  ]
  return events.map((event) => ({ ...event, summary_index: index }))
}

function textEvents(part: Fields, index: number): readonly Fields[] {
  const events = [
    { type: 'response.content_part.added', part: { ...part, text: '' } },
    ...pieces(part.text).map((delta) => ({ type: 'response.output_text.delta', delta, logprobs: [] })),
    { type: 'response.output_text.done', text: part.text, logprobs: [] },
    { type: 'response.content_part.done', part },
  ]
  return events.map((event) => ({ ...event, content_index: index }))
}

function pieces(text: unknown): readonly string[] {
  return String(text).match(/[\s\S]{1,9}/g) ?? []
}
