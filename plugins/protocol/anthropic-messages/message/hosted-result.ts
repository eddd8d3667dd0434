import { isDeepStrictEqual } from 'node:util'
import { type Block, isJsonObject, type Json, type JsonObject, type LossSink, noOpaqueValue, type TextBlock, type ToolResultBlock } from 'tokligence'
import { keep, ownFields, protocolId } from '../wire/extensions.ts'
import { take } from '../wire/shape.ts'
import { foreignHostedId, type HostedCalls, inputText, isOwnHosted } from './hosted-call.ts'

/** What a tool of the provider found: `web_search_tool_result`, `code_execution_tool_result`, … Undefined for what is not of that shape. */
export function decodeHostedResult(block: JsonObject, type: string): ToolResultBlock | undefined {
  const { fields, rest } = take(block, ['type', 'tool_use_id', 'content'])
  const { tool_use_id: callId, content } = fields
  if (typeof callId !== 'string' || content === undefined) return undefined
  const failed = rest.is_error === true || (isJsonObject(content) && String(content.type).endsWith('_error'))
  return {
    type: 'tool-result',
    callId,
    content: readable(content),
    form: 'blocks',
    ...(failed && { isError: true }),
    // The content stands beside its readable form, because it holds opaque values that the provider wants back.
    ...keep(rest, { type, content }),
  }
}

/** Content in blocks that other protocols have: their texts, addresses and files. */
function readable(content: Json): Block[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (Array.isArray(content)) return content.flatMap((item: Json) => readableItem(item))
  return readableItem(content)
}

function readableItem(item: Json): Block[] {
  if (!isJsonObject(item)) return []
  const { type, text, url, title } = item
  if (type === 'text' && typeof text === 'string') return [{ type: 'text', text }]
  if (type === 'web_search_result' && typeof url === 'string') {
    const citation = { url, ...(typeof title === 'string' && { title }) }
    return [{ type: 'text', text: url, annotations: [{ protocol: protocolId, value: item, citation }] }]
  }
  if (type === 'web_fetch_result' && isJsonObject(item.content)) return [...textBlock(url), ...readableDocument(item.content)]
  if (typeof item.error_code === 'string') return [{ type: 'text', text: item.error_code }]
  // A program's output and a file that was shown have their text in these; a program's files stand behind it.
  const texts = [item.stdout, item.stderr, item.content].flatMap(textBlock)
  return [...texts, ...(Array.isArray(item.content) ? item.content.flatMap((file: Json) => readableFile(file)) : [])]
}

function readableDocument({ source }: JsonObject): Block[] {
  if (!isJsonObject(source) || typeof source.data !== 'string') return []
  if (source.type === 'text') return textBlock(source.data)
  const mediaType = typeof source.media_type === 'string' ? { mediaType: source.media_type } : {}
  return [{ type: 'media', kind: 'document', source: { type: 'base64', data: source.data }, ...mediaType }]
}

function readableFile(file: Json): Block[] {
  if (!isJsonObject(file) || typeof file.file_id !== 'string') return []
  return [{ type: 'media', kind: 'file', source: { type: 'file', fileId: file.file_id, issuer: protocolId } }]
}

function textBlock(value: Json | undefined): Block[] {
  return typeof value === 'string' && value !== '' ? [{ type: 'text', text: value }] : []
}

export interface ResultContext {
  readonly losses: LossSink
  readonly hosted: HostedCalls
}

/** The result of a call that a provider ran. Undefined, with a loss reported, where there is no such block here. */
export function encodeHostedResult(block: ToolResultBlock, path: string, { losses, hosted }: ResultContext): JsonObject | undefined {
  const { content: original, ...fields } = ownFields(block.ext)
  // As it stood, as long as nobody changed what it says.
  if (original !== undefined && isDeepStrictEqual(readable(original), block.content)) return { tool_use_id: block.callId, content: original, ...fields }
  const call = hosted.of(block.callId)
  const id = call && isOwnHosted(call) ? block.callId : foreignHostedId(block.callId)
  const caller = { type: 'direct' }
  switch (call?.name ?? block.name) {
    case 'web-search':
      return { type: 'web_search_tool_result', tool_use_id: id, content: searched(block, path, losses), caller }
    case 'web-fetch':
      return { type: 'web_fetch_tool_result', tool_use_id: id, content: fetched(block, inputText(call, 'url') ?? ''), caller }
    case 'code-execution':
      return { type: 'code_execution_tool_result', tool_use_id: id, content: printed(block) }
    default:
      losses.dropped(path, 'hosted-tool-result', 'semantic')
      return undefined
  }
}

/** Another vendor tells that a search failed, and not why. */
function searched(block: ToolResultBlock, path: string, losses: LossSink): Json {
  if (block.isError === true && block.content.length === 0) return { type: 'web_search_tool_result_error', error_code: 'unavailable' }
  return found(block, path, losses)
}

function found(block: ToolResultBlock, path: string, losses: LossSink): JsonObject[] {
  return block.content.flatMap((inner, index) => {
    const pages = inner.type === 'text' ? pagesOf(inner) : []
    if (pages.length === 0) losses.dropped(`${path}.content[${index}]`, 'hosted-tool-result', 'semantic', 'What was found has no address.')
    return pages.map(({ url, title }): JsonObject => ({ type: 'web_search_result', url, title, encrypted_content: noOpaqueValue, page_age: null }))
  })
}

/** The pages that a text names: as citations, or by being nothing but an address. */
function pagesOf({ text, annotations = [] }: TextBlock): { readonly url: string; readonly title: string }[] {
  const cited = annotations.flatMap(({ citation }) => (citation?.url === undefined ? [] : [{ url: citation.url, title: citation.title ?? citation.url }]))
  return cited.length === 0 && /^https?:\/\/\S+$/.test(text) ? [{ url: text, title: text }] : cited
}

function fetched(block: ToolResultBlock, url: string): JsonObject {
  const source = { type: 'text', media_type: 'text/plain', data: texts(block).join('\n') }
  return { type: 'web_fetch_result', url, retrieved_at: null, content: { type: 'document', title: null, citations: null, source } }
}

function printed(block: ToolResultBlock): JsonObject {
  const failed = block.isError === true
  const output = texts(block).join('\n')
  return { type: 'code_execution_result', stdout: failed ? '' : output, stderr: failed ? output : '', return_code: failed ? 1 : 0, content: [] }
}

function texts({ content }: ToolResultBlock): string[] {
  return content.flatMap((inner) => (inner.type === 'text' ? [inner.text] : []))
}
