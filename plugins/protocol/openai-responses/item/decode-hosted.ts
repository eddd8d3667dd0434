import { type Block, isJsonObject, type Json, type JsonObject, type ToolCallBlock } from 'tokligence'
import { protocolId, remember } from '../wire/wire-memo.ts'

interface HostedCall {
  /** The word of a HostedService. */
  readonly service: 'web-search' | 'code-execution' | 'mcp'
  readonly argumentsText: string
  readonly result?: { readonly content: readonly Block[]; readonly isError?: boolean }
}

/** The call of a tool that the provider ran, and what it found, where both can be said in other protocols; the item is kept whole beside them. */
export function decodeHosted(item: JsonObject): readonly Block[] | undefined {
  const call = readCall(item)
  if (!call || typeof item.id !== 'string') return undefined
  const block: ToolCallBlock = {
    type: 'tool-call',
    id: item.id,
    name: call.service,
    argumentsText: call.argumentsText,
    form: 'json',
    executedBy: 'provider',
    ...remember({}, { item: {}, whole: item }),
  }
  if (!call.result) return [block]
  const { content, isError } = call.result
  return [
    block,
    {
      type: 'tool-result',
      callId: item.id,
      name: call.service,
      content,
      form: 'blocks',
      ...(isError !== undefined && { isError }),
      ...remember({}, { part: 1 }),
    },
  ]
}

function readCall(item: JsonObject): HostedCall | undefined {
  switch (item.type) {
    case 'web_search_call':
      return searchCall(item)
    case 'code_interpreter_call':
      return codeCall(item)
    case 'mcp_call':
      return mcpCall(item)
    default:
      return undefined
  }
}

/** openai 6.49.0, ResponseFunctionWebSearch: a search, the opening of a page, or a search in it. */
function searchCall({ action, status }: JsonObject): HostedCall {
  const { type: _, sources, ...asked } = isJsonObject(action) ? action : {}
  const found = Array.isArray(sources) ? (sources as readonly Json[]).map((source) => (isJsonObject(source) ? source.url : undefined)) : []
  const urls = found.filter((url) => typeof url === 'string')
  const failed = status === 'failed'
  return {
    service: 'web-search',
    argumentsText: JSON.stringify(asked),
    ...((urls.length > 0 || failed) && { result: { content: urls.map(textBlock), ...(failed && { isError: true }) } }),
  }
}

/** openai 6.49.0, ResponseCodeInterpreterToolCall. */
function codeCall({ code, outputs, status }: JsonObject): HostedCall {
  const content = Array.isArray(outputs) ? (outputs as readonly Json[]).map(outputBlock) : []
  return {
    service: 'code-execution',
    argumentsText: JSON.stringify({ code: typeof code === 'string' ? code : '' }),
    ...(Array.isArray(outputs) && { result: { content, ...(status === 'failed' && { isError: true }) } }),
  }
}

function outputBlock(output: Json): Block {
  if (isJsonObject(output) && output.type === 'logs' && typeof output.logs === 'string') return textBlock(output.logs)
  if (isJsonObject(output) && output.type === 'image' && typeof output.url === 'string')
    return { type: 'media', kind: 'image', source: { type: 'url', url: output.url } }
  return { type: 'foreign', protocol: protocolId, kind: 'code_interpreter_output', value: output }
}

/** openai 6.49.0, ResponseOutputItem.McpCall. */
function mcpCall({ arguments: input, output, error }: JsonObject): HostedCall | undefined {
  if (typeof input !== 'string') return undefined
  if (error !== undefined && error !== null)
    return { service: 'mcp', argumentsText: input, result: { content: [textBlock(typeof error === 'string' ? error : JSON.stringify(error))], isError: true } }
  return { service: 'mcp', argumentsText: input, ...(typeof output === 'string' && { result: { content: [textBlock(output)] } }) }
}

function textBlock(text: string): Block {
  return { type: 'text', text }
}
