import type { Conversation, Tool } from 'tokligence'
import { recall } from './wire-memo.ts'

/** The name of the function that stands for a `tool_search` which the caller runs. */
export const toolSearchName = 'tool_search'

/** What the decoder of a tool remembers as its `kind` for such a function. */
export const toolSearchKind = 'tool_search'

export function isToolSearch(tool: Tool): boolean {
  return tool.type === 'function' && tool.name === toolSearchName && recall(tool).memo.kind === toolSearchKind
}

/** True for a caller that waits for `tool_search_call`: as a `function_call` it would not find its way to the search. */
export function offersToolSearch({ tools }: Pick<Conversation, 'tools'>): boolean {
  return tools.some(isToolSearch)
}
