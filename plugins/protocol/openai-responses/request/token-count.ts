import { isJsonObject, type TokenCountCodec } from 'tokligence'

/** What the endpoint takes; any other setting is refused (openai 6.49.0, InputTokenCountParams). */
const counted = new Set([
  'conversation',
  'input',
  'instructions',
  'model',
  'parallel_tool_calls',
  'personality',
  'previous_response_id',
  'reasoning',
  'text',
  'tool_choice',
  'tools',
  'truncation',
])

export const tokenCount: TokenCountCodec = {
  request: (body, model) => ({ ...Object.fromEntries(Object.entries(body).filter(([field]) => counted.has(field))), model }),
  read: (body) => (isJsonObject(body) && typeof body.input_tokens === 'number' ? body.input_tokens : undefined),
  write: (inputTokens) => ({ object: 'response.input_tokens', input_tokens: inputTokens }),
}
