import { refuseCacheMarkers } from './anthropic-cache-marker-rules.ts'
import { type Fields, isObject, list, objects } from './json-fields.ts'

/** Source: `@anthropic-ai/sdk@1.12.0/resources/{messages,beta/messages}/messages.d.ts`, MessageCreateParamsBase. */
const knownFields = new Set(
  (
    'max_tokens messages model cache_control container diagnostics inference_geo metadata output_config service_tier speed stop_sequences stream system ' +
    'thinking tool_choice tools user_profile_id workspace_id temperature top_k top_p compaction context_management mcp_servers output_format thread'
  ).split(' '),
)
const identifier = /^[a-zA-Z0-9_-]+$/
const contentTypes = new Set(
  (
    'text image document search_result thinking redacted_thinking tool_use tool_result server_tool_use web_search_tool_result web_fetch_tool_result ' +
    'code_execution_tool_result bash_code_execution_tool_result text_editor_code_execution_tool_result tool_search_tool_result container_upload mcp_tool_use mcp_tool_result compaction'
  ).split(' '),
)

/** Why the vendor would answer 400 to this body, in its own words where they are known; undefined when it would not. */
export function refuseMessagesRequest(body: unknown): string | undefined {
  if (!isObject(body)) return 'The request body is not valid JSON'
  const unknown = Object.keys(body).find((name) => !knownFields.has(name))
  if (unknown !== undefined) return `${unknown}: Extra inputs are not permitted`
  if (typeof body.model !== 'string' || body.model === '') return 'model: Field required'
  if (!Number.isInteger(body.max_tokens) || (body.max_tokens as number) < 1) return 'max_tokens: Field required'
  return (
    refuseSystem(body.system) ??
    refuseMessages(body.messages) ??
    refusePairing(body) ??
    refuseTools(body) ??
    refuseThinking(body) ??
    refuseSettings(body) ??
    refuseCacheMarkers(body)
  )
}

function refuseSystem(system: unknown): string | undefined {
  if (system === undefined || typeof system === 'string') return undefined
  if (!Array.isArray(system)) return 'system: Input should be a valid list'
  const bad = system.findIndex((block) => !isObject(block) || block.type !== 'text' || typeof block.text !== 'string' || block.text.trim() === '')
  return bad === -1 ? undefined : `system.${bad}: text content blocks must be non-empty`
}

function refuseMessages(messages: unknown): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return 'messages: at least one message is required'
  for (const [index, message] of messages.entries()) {
    const at = `messages.${index}`
    if (!isObject(message)) return `${at}: Input should be an object`
    const { role, content } = message
    if (role !== 'user' && role !== 'assistant' && role !== 'system') return `${at}.role: Input should be 'user' or 'assistant'`
    if (index === 0 && role === 'assistant') return 'messages: first message must use the "user" role'
    const extra = Object.keys(message).find((name) => !['role', 'content', 'output_config', 'cache_control'].includes(name))
    if (extra !== undefined) return `${at}.${extra}: Extra inputs are not permitted`
    const isLast = index === messages.length - 1
    if (typeof content === 'string') {
      if (content.trim() === '' && !(isLast && role === 'assistant'))
        return `${at}: all messages must have non-empty content except for the optional final assistant message`
      if (isLast && role === 'assistant' && /\s$/.test(content)) return 'messages: final assistant content cannot end with trailing whitespace'
      continue
    }
    if (!Array.isArray(content)) return `${at}.content: Input should be a valid list`
    if (content.length === 0 && !(isLast && role === 'assistant'))
      return `${at}: all messages must have non-empty content except for the optional final assistant message`
    // github.com/tailcallhq/forgecode/issues/2107
    const last: unknown = content.at(-1)
    if (role === 'assistant' && isObject(last) && (last.type === 'thinking' || last.type === 'redacted_thinking'))
      return `${at}: The final block in an assistant message cannot be \`thinking\`.`
    for (const [number, block] of content.entries()) {
      const refusal = refuseBlock(block, `${at}.content.${number}`, role)
      if (refusal !== undefined) return refusal
    }
  }
  return undefined
}

function refuseBlock(block: unknown, at: string, role: string): string | undefined {
  if (!isObject(block) || typeof block.type !== 'string' || !contentTypes.has(block.type)) return `${at}: Input tag does not match any of the expected tags`
  switch (block.type) {
    case 'text':
      if (typeof block.text !== 'string' || block.text === '') return 'messages: text content blocks must be non-empty'
      return block.text.trim() === '' ? 'messages: text content blocks must contain non-whitespace text' : undefined
    case 'image':
    case 'document':
      if (role === 'assistant') return `${at}: ${block.type} blocks are not permitted in assistant messages`
      return refuseSource(block.source, `${at}.source`)
    case 'tool_use':
      if (role !== 'assistant') return `${at}: tool_use blocks can only be in assistant messages`
      if (typeof block.id !== 'string' || !identifier.test(block.id)) return `${at}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`
      if (typeof block.name !== 'string' || block.name === '') return `${at}.tool_use.name: Field required`
      return isObject(block.input) ? undefined : `${at}.tool_use.input: Input should be a valid dictionary`
    case 'tool_result':
      if (role !== 'user') return `${at}: tool_result blocks can only be in user messages`
      return refuseResult(block, at)
    case 'thinking':
      if (role !== 'assistant') return `${at}: thinking blocks can only be in assistant messages`
      return typeof block.signature === 'string' && block.signature !== '' ? undefined : `${at}.thinking.signature: Field required`
    default:
      return undefined
  }
}

function refuseResult(block: Fields, at: string): string | undefined {
  if (typeof block.tool_use_id !== 'string' || !identifier.test(block.tool_use_id))
    return `${at}.tool_result.tool_use_id: String should match pattern '^[a-zA-Z0-9_-]+$'`
  for (const [number, part] of objects(block.content).entries()) {
    if (part.type === 'text' && part.text === '') return 'messages: text content blocks must be non-empty'
    if (!['text', 'image', 'document', 'search_result', 'tool_reference'].includes(String(part.type)))
      return `${at}.content.${number}: Input tag is not expected`
  }
  return undefined
}

function refuseSource(source: unknown, at: string): string | undefined {
  if (!isObject(source)) return `${at}: Field required`
  if (source.type === 'base64')
    return typeof source.media_type === 'string' && typeof source.data === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(source.data)
      ? undefined
      : `${at}.base64: invalid base64 data`
  if (source.type === 'url') return /^https?:\/\//.test(String(source.url)) ? undefined : `${at}.url: only HTTP and HTTPS URLs are supported`
  return ['text', 'content', 'file'].includes(String(source.type)) ? undefined : `${at}: Input tag does not match any of the expected tags`
}

/** The vendor merges neighbours of one role before it checks that calls and results belong together. */
function refusePairing({ messages }: Fields): string | undefined {
  const turns: { role: unknown; blocks: Fields[] }[] = []
  for (const { role, content } of objects(messages)) {
    if (role === 'system') continue
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : objects(content)
    const last = turns.at(-1)
    if (last && last.role === role) last.blocks.push(...blocks)
    else turns.push({ role, blocks: [...blocks] })
  }
  const seen = new Set<unknown>()
  let open: unknown[] = []
  for (const { role, blocks } of turns) {
    const results = blocks.filter((block) => block.type === 'tool_result').map((block) => block.tool_use_id)
    if (role === 'user') {
      const stray = results.find((id) => !open.includes(id))
      if (stray !== undefined)
        return `messages: unexpected tool_use_id found in tool_result blocks: ${String(stray)}. Each tool_result block must have a corresponding tool_use block in the previous message.`
      if (new Set(results).size < results.length) return 'messages: each tool_use must have a single result. Found multiple tool_result blocks with one id'
      const firstOther = blocks.findIndex((block) => block.type !== 'tool_result')
      if (open.length > 0 && firstOther !== -1 && firstOther < results.length)
        return 'messages: tool_result blocks must come first in the content that answers tool_use blocks'
    }
    const missing = open.filter((id) => !results.includes(id))
    if (missing.length > 0) return `messages: tool_use ids were found without tool_result blocks immediately after: ${missing.join(', ')}`
    open = blocks.filter((block) => block.type === 'tool_use').map((block) => block.id)
    for (const id of open) {
      if (seen.has(id)) return 'messages: `tool_use` ids must be unique'
      seen.add(id)
    }
  }
  return open.length > 0 ? `messages: tool_use ids were found without tool_result blocks immediately after: ${open.join(', ')}` : undefined
}

function refuseTools({ tools, tool_choice: choice }: Fields): string | undefined {
  const names = objects(tools).map((tool) => tool.name)
  for (const [index, tool] of objects(tools).entries()) {
    if (typeof tool.name !== 'string' || !/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name))
      return `tools.${index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`
    const isCustom = tool.type === undefined || tool.type === null || tool.type === 'custom'
    if (isCustom && !(isObject(tool.input_schema) && tool.input_schema.type === 'object')) return `tools.${index}.custom.input_schema.type: Field required`
  }
  if (new Set(names).size < names.length) return 'tools: Tool names must be unique.'
  if (choice === undefined) return undefined
  if (!isObject(choice) || !['auto', 'any', 'tool', 'none'].includes(String(choice.type)))
    return 'tool_choice: Input tag does not match any of the expected tags'
  if (names.length === 0 && choice.type !== 'none') return 'tool_choice: tool_choice may only be specified while providing tools'
  return choice.type === 'tool' && !names.includes(choice.name) ? `tool_choice: Tool '${String(choice.name)}' not found in provided tools` : undefined
}

function refuseThinking({ thinking, max_tokens: limit, temperature, top_k: topK, tool_choice: choice, messages }: Fields): string | undefined {
  if (thinking === undefined) return undefined
  if (!isObject(thinking) || !['enabled', 'disabled', 'adaptive'].includes(String(thinking.type)))
    return 'thinking: Input tag does not match any of the expected tags'
  if (thinking.type === 'disabled') return undefined
  if (temperature !== undefined && temperature !== 1) return '`temperature` may only be set to 1 when thinking is enabled.'
  if (topK !== undefined) return '`top_k` must be unset when thinking is enabled.'
  if (isObject(choice) && (choice.type === 'any' || choice.type === 'tool')) return 'Thinking may not be enabled when tool_choice forces tool use.'
  if (thinking.type !== 'enabled') return undefined
  const budget = thinking.budget_tokens
  if (!Number.isInteger(budget) || (budget as number) < 1024) return 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024'
  if ((budget as number) >= (limit as number)) return '`max_tokens` must be greater than `thinking.budget_tokens`.'
  const lastAssistant = objects(messages).findLast((message) => message.role === 'assistant')
  const blocks = objects(lastAssistant?.content)
  if (!blocks.some((block) => block.type === 'tool_use') || ['thinking', 'redacted_thinking'].includes(String(blocks[0]?.type))) return undefined
  return 'messages: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.'
}

function refuseSettings({ temperature, stop_sequences: stops, metadata }: Fields): string | undefined {
  if (temperature !== undefined && !(typeof temperature === 'number' && temperature >= 0 && temperature <= 1)) return 'temperature: range: 0..1'
  if (list(stops).some((stop) => typeof stop !== 'string' || stop.trim() === '')) return 'stop_sequences: each stop sequence must contain non-whitespace'
  const extra = isObject(metadata) ? Object.keys(metadata).find((name) => name !== 'user_id') : undefined
  return extra === undefined ? undefined : `metadata.${extra}: Extra inputs are not permitted`
}
