import { isJsonObject, type Json, type JsonObject, reportForeignFields, type ToolCallBlock } from 'tokligence'
import { offersToolSearch, toolSearchName } from '../wire/tool-search.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { legalCallId } from './call-id.ts'
import type { ItemHead } from './encode-message.ts'
import { type ItemContext, newItemId } from './item-context.ts'

export type CallKind = 'function_call' | 'custom_tool_call' | 'tool_search_call'

/** How ids of the vendor's items begin (recordings, and openai/codex). No source tells it for searches, which callers take with any. */
export const callPrefixes: Readonly<Record<CallKind, string>> = { function_call: 'fc', custom_tool_call: 'ctc', tool_search_call: 'tsc' }

/** A caller that offered its own search waits for the call in its own form. */
export function callKind(block: ToolCallBlock, { conversation }: ItemContext): CallKind {
  if (block.form === 'text') return 'custom_tool_call'
  if (recall(block).memo.search === true) return 'tool_search_call'
  return block.name === toolSearchName && block.namespace === undefined && !isJsonObject(recall(block).memo.item) && offersToolSearch(conversation)
    ? 'tool_search_call'
    : 'function_call'
}

/** The item of a call that the caller's program runs. */
export function encodeCall(block: ToolCallBlock, { id, status }: ItemHead, path: string, context: ItemContext): JsonObject {
  reportForeignFields(block, path, context.losses, protocolId)
  const kind = callKind(block, context)
  const { fields, memo } = recall(block)
  const own = isJsonObject(memo.item)
  const callId = context.native || context.use === 'reply' ? block.id : legalCallId(block.id)
  const around = {
    ...fields,
    ...(own
      ? (memo.item as JsonObject)
      : context.use === 'reply' && { id: id ?? newItemId(callPrefixes[kind], context), ...(kind !== 'custom_tool_call' && { status: status ?? 'completed' }) }),
    type: kind,
    call_id: callId,
  }
  if (kind === 'tool_search_call') return { ...around, execution: 'client', arguments: parsed(block.argumentsText) }
  const named = { ...around, name: block.name, ...(block.namespace !== undefined && { namespace: block.namespace }) }
  return kind === 'function_call' ? { ...named, arguments: callInput(block, context) } : { ...named, input: block.argumentsText }
}

/** Other protocols stream nothing for a tool without parameters; here callers parse the text as JSON. */
export function callInput(block: ToolCallBlock, { native }: ItemContext): string {
  return block.argumentsText === '' && !native ? '{}' : block.argumentsText
}

/** A search is asked for with an object; what is none is passed on as it is. */
function parsed(text: string): Json {
  if (text === '') return {}
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
