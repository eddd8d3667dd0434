import type { JsonObject } from 'tokligence'
import type { OpenItem, OutputStream } from './output-stream.ts'

/** The events between the beginning and the end of an item that a tool of the provider made (openai 6.49.0, ResponseStreamEvent). */
interface HostedEvents {
  readonly before: readonly string[]
  /** A text that comes in pieces, and the event that brings them. */
  readonly text?: { readonly field: string; readonly event: string }
  readonly after: readonly string[]
  /** Members that are not there yet when the item begins. */
  readonly late: JsonObject
}

const hosted: Readonly<Record<string, HostedEvents>> = {
  web_search_call: { before: ['in_progress', 'searching'], after: ['completed'], late: {} },
  file_search_call: { before: ['in_progress', 'searching'], after: ['completed'], late: { results: null } },
  image_generation_call: { before: ['in_progress', 'generating'], after: ['completed'], late: { result: null } },
  code_interpreter_call: {
    before: ['in_progress'],
    text: { field: 'code', event: 'code_interpreter_call_code' },
    after: ['interpreting', 'completed'],
    late: { code: '', outputs: null },
  },
  mcp_call: {
    before: ['in_progress'],
    text: { field: 'arguments', event: 'mcp_call_arguments' },
    after: ['completed'],
    late: { arguments: '', output: null, error: null },
  },
  mcp_list_tools: { before: ['in_progress'], after: ['completed'], late: { tools: [] } },
}

/** The item as it is announced. */
export function announced(item: JsonObject): JsonObject {
  const { late = {} } = hosted[String(item.type)] ?? {}
  return { ...item, ...Object.fromEntries(Object.entries(late).filter(([field]) => item[field] !== undefined && item[field] !== null)) }
}

/** All that is said of the item before it is done. */
export function hostedEvents(item: JsonObject, open: OpenItem, output: OutputStream): string {
  const type = String(item.type)
  const events = hosted[type]
  if (!events) return ''
  const phase = (word: string) =>
    output.inside(open, `${type}.${item.status === 'failed' && word === 'completed' && type.startsWith('mcp_') ? 'failed' : word}`, {})
  const { before, text, after } = events
  const said = text && item[text.field]
  let bytes = before.map(phase).join('')
  if (text && typeof said === 'string') {
    if (said !== '') bytes += output.inside(open, `${text.event}.delta`, { delta: said })
    bytes += output.inside(open, `${text.event}.done`, { [text.field]: said })
  }
  return bytes + after.map(phase).join('')
}
