import { type Block, formatDataUrl, isJsonObject, type Json, type JsonObject, type MediaBlock, type ToolCallBlock, type ToolResultBlock } from 'tokligence'
import { recall } from '../wire/wire-memo.ts'
import { itemIdFrom } from './call-id.ts'
import { type ItemContext, newItemId } from './item-context.ts'

/** The item of a call that the provider ran, with its result; undefined when there is none, which is reported. */
export function encodeHosted(call: ToolCallBlock, result: ToolResultBlock | undefined, path: string, context: ItemContext): JsonObject | undefined {
  const { whole } = recall(call).memo
  if (isJsonObject(whole)) return whole
  const asked = parsed(call.argumentsText)
  if (call.name === 'web-search' && asked) return searchItem(call, asked, result, path, context)
  // The vendor looks the container of a call in a history up, and finds none.
  if (call.name === 'code-execution' && asked && context.use === 'reply') return codeItem(call, asked, result, path, context)
  context.losses.dropped(path, 'hosted-tool-call', 'semantic', call.name)
  return undefined
}

/** openai 6.49.0, ResponseFunctionWebSearch. What was found stands in the citations of the text behind it. */
function searchItem(call: ToolCallBlock, asked: JsonObject, result: ToolResultBlock | undefined, path: string, context: ItemContext): JsonObject {
  const { query, queries, url, pattern } = asked
  const sources = (result?.content ?? []).map((block) => (block.type === 'text' && /^https?:\/\/\S+$/.test(block.text) ? block.text : undefined))
  const listed = sources.length > 0 && sources.every((source) => source !== undefined)
  if (result && !listed && result.content.length > 0)
    context.losses.dropped(`${path}.result`, 'hosted-tool-result', context.use === 'reply' ? 'hint' : 'semantic')
  const action =
    typeof url === 'string'
      ? { type: typeof pattern === 'string' ? 'find_in_page' : 'open_page', url, ...(typeof pattern === 'string' && { pattern }) }
      : {
          type: 'search',
          query: typeof query === 'string' ? query : '',
          ...(Array.isArray(queries) && { queries }),
          ...(listed && { sources: sources.map((source) => ({ type: 'url', url: source as string })) }),
        }
  return { id: callItemId('ws', call, context), type: 'web_search_call', status: result?.isError ? 'failed' : 'completed', action }
}

/** openai 6.49.0, ResponseCodeInterpreterToolCall. */
function codeItem(call: ToolCallBlock, asked: JsonObject, result: ToolResultBlock | undefined, path: string, context: ItemContext): JsonObject {
  const outputs = (result?.content ?? []).map((block, index) => outputOf(block, `${path}.result[${index}]`, context)).filter((output) => output !== undefined)
  context.losses.invented(`${path}.container_id`, 'container', 'hint', 'The provider named none.')
  return {
    id: callItemId('ci', call, context),
    type: 'code_interpreter_call',
    status: result?.isError ? 'failed' : 'completed',
    // What other vendors run may be a line for a shell.
    code: [asked.code, asked.command].find((code) => typeof code === 'string') ?? call.argumentsText,
    container_id: callItemId('cntr', call, context),
    outputs: result ? outputs : null,
  }
}

function outputOf(block: Block, path: string, context: ItemContext): JsonObject | undefined {
  if (block.type === 'text') return { type: 'logs', logs: block.text }
  const url = block.type === 'media' && block.kind === 'image' ? urlOf(block) : undefined
  if (url !== undefined) return { type: 'image', url }
  context.losses.dropped(path, 'hosted-tool-result', 'semantic')
  return undefined
}

function urlOf({ source, mediaType }: MediaBlock): string | undefined {
  if (source.type === 'url') return source.url
  return source.type === 'base64' ? formatDataUrl(mediaType ?? 'image/png', source.data) : undefined
}

/** A picture that the model made (openai 6.49.0, ResponseOutputItem.ImageGenerationCall); other media have no item. */
export function encodePicture(block: MediaBlock, path: string, context: ItemContext): JsonObject | undefined {
  if (block.kind === 'image' && block.source.type === 'base64' && context.use === 'reply')
    return { id: newItemId('ig', context), type: 'image_generation_call', status: 'completed', result: block.source.data }
  context.losses.dropped(path, block.kind, 'semantic')
  return undefined
}

function callItemId(prefix: string, call: ToolCallBlock, context: ItemContext): string {
  return context.use === 'reply' ? newItemId(prefix, context) : itemIdFrom(prefix, call.id)
}

function parsed(text: string): JsonObject | undefined {
  if (text === '') return {}
  try {
    const value = JSON.parse(text) as Json
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
