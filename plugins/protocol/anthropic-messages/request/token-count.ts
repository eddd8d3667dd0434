import { isJsonObject, type TokenCountCodec } from 'tokligence'

/** What a message is made of; the settings of its generation are refused (MessageCountTokensParams in @anthropic-ai/sdk 1.12.0, and its beta). */
const counted =
  'model messages system tools tool_choice thinking output_config cache_control speed mcp_servers context_management compaction output_format'.split(' ')

export const tokenCount: TokenCountCodec = {
  request: (body) => Object.fromEntries(Object.entries(body).filter(([field]) => counted.includes(field))),
  read: (body) => (isJsonObject(body) && typeof body.input_tokens === 'number' ? body.input_tokens : undefined),
  write: (inputTokens) => ({ input_tokens: inputTokens }),
}
