import { GatewayError, type JsonObject } from 'tokligence'

/** Beginnings of ids by the type of the item, as the vendor gives them (recordings). */
const prefixes: Readonly<Record<string, string>> = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
  reasoning: 'rs',
}

/** One page of what a reply answered. Throws GatewayError `TKL_REQUEST_INVALID` (openai 6.49.0, InputItemListParams and ResponseItemList). */
export function listInputItems(items: readonly JsonObject[], replyId: string, query: URLSearchParams): JsonObject {
  const limit = Number(query.get('limit') ?? 20)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw invalid('limit', 'an integer between 1 and 100')
  const order = query.get('order') ?? 'desc'
  if (order !== 'asc' && order !== 'desc') throw invalid('order', '"asc" or "desc"')
  const named = withIds(items, replyId)
  if (order === 'desc') named.reverse()
  const after = query.get('after')
  const place = after === null ? -1 : named.findIndex(({ id }) => id === after)
  if (after !== null && place === -1) throw invalid('after', 'the id of an item of the list')
  const data = named.slice(place + 1, place + 1 + limit)
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: place + 1 + limit < named.length,
  }
}

/** The same id each time, and none twice, whatever the caller called his items: pages are asked for by it. */
function withIds(items: readonly JsonObject[], replyId: string): JsonObject[] {
  const taken = new Set<string>()
  return items.map((item, index) => {
    const { id: given, type = 'message', ...rest } = item
    const made = `${prefixes[String(type)] ?? 'item'}_${replyId.replace(/[^a-zA-Z0-9]/g, '').slice(-40)}${index.toString(16).padStart(4, '0')}`
    let id = typeof given === 'string' && given !== '' && !taken.has(given) ? given : made
    while (taken.has(id)) id += '0'
    taken.add(id)
    return { id, type, ...rest, ...partsOf(item) }
  })
}

/** A text is a list of one part, as the vendor shows it. */
function partsOf({ content, role }: JsonObject): JsonObject {
  return typeof content === 'string' ? { content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text: content }] } : {}
}

function invalid(param: string, expected: string): GatewayError {
  return new GatewayError('TKL_REQUEST_INVALID', `"${param}" must be ${expected}.`, { param })
}
