import { type Conversation, GatewayError, isEmpty, isJsonObject, type Json, type JsonObject, type Turn } from 'tokligence'
import { decodeContent } from '../message/decode-block.ts'
import { keep, keepAlways } from '../wire/extensions.ts'
import {
  expectArray,
  expectObject,
  expectString,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalString,
  reading,
  ShapeError,
  take,
} from '../wire/shape.ts'
import { decodeSettings } from './decode-settings.ts'
import { decodeToolChoice, decodeTools } from './decode-tools.ts'

const named = [
  'model',
  'stream',
  'system',
  'messages',
  'tools',
  'tool_choice',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
  'service_tier',
] as const

/** Throws GatewayError `TKL_REQUEST_INVALID`. */
export function decodeRequest(body: JsonObject): Conversation {
  refuseThread(body)
  return reading('TKL_REQUEST_INVALID', () => decode(body))
}

/**
 * A server-side thread holds turns that the request does not repeat, so it cannot be translated. The official client sends the whole
 * conversation again when it is told so in these words (`ThreadUnsupportedRequestErrorDetails` in @anthropic-ai/sdk 1.12.0).
 */
function refuseThread(body: JsonObject): void {
  if (!isJsonObject(body.thread)) return
  throw new GatewayError('TKL_REQUEST_INVALID', '`thread` is not supported here: send the full conversation without it.', {
    param: 'thread',
    details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
  })
}

function decode(body: JsonObject): Conversation {
  const { fields, rest } = take(body, named)
  const { stream = false } = optionalBoolean('stream', fields.stream, 'stream')
  const system = fields.system === undefined ? { blocks: [], form: 'none' as const } : decodeContent(fields.system, 'system')
  const { toolChoice, parallelToolCalls, rest: choiceRest } = decodeToolChoice(fields.tool_choice)
  const tools = decodeTools(fields.tools, body.mcp_servers)
  const settings = decodeSettings(fields.thinking, fields.output_config, fields.output_format)
  const { user, rest: metadata } = decodeMetadata(fields.metadata)
  return {
    model: expectString(fields.model, 'model'),
    stream,
    instructions: system.blocks,
    instructionsForm: system.form,
    turns: expectArray(fields.messages, 'messages').map((message, index) => decodeTurn(message, `messages[${index}]`)),
    tools,
    ...(toolChoice && { toolChoice }),
    ...(parallelToolCalls !== undefined && { parallelToolCalls }),
    ...optionalInteger('maxOutputTokens', fields.max_tokens, 'max_tokens'),
    ...(fields.stop_sequences !== undefined && { stop: decodeStop(fields.stop_sequences) }),
    sampling: {
      ...optionalNumber('temperature', fields.temperature, 'temperature'),
      ...optionalNumber('topP', fields.top_p, 'top_p'),
      ...optionalInteger('topK', fields.top_k, 'top_k'),
    },
    ...(settings.reasoning && { reasoning: settings.reasoning }),
    ...(settings.output && { output: settings.output }),
    ...(user !== undefined && { user }),
    ...optionalString('serviceTier', fields.service_tier, 'service_tier'),
    ...keepAlways(
      { ...rest, ...(choiceRest && { tool_choice: choiceRest }), ...settings.rest, ...(metadata && !isEmpty(metadata) && { metadata }) },
      {
        ...(fields.stream === false && { stream: false }),
        ...(fields.tools !== undefined && tools.length === 0 && { tools: [] }),
        ...settings.memo,
        ...(metadata && isEmpty(metadata) && user === undefined && { metadata }),
      },
    ),
  }
}

function decodeTurn(value: Json, path: string): Turn {
  const { fields, rest } = take(expectObject(value, path), ['role', 'content'])
  const role = expectString(fields.role, `${path}.role`)
  if (role !== 'user' && role !== 'assistant' && role !== 'system') throw new ShapeError(`${path}.role`, '"user", "assistant" or "system"')
  const { blocks, form } = decodeContent(fields.content, `${path}.content`)
  return { role, blocks, form, ...keep(rest) }
}

function decodeStop(value: Json): string[] {
  return expectArray(value, 'stop_sequences').map((sequence, index) => expectString(sequence, `stop_sequences[${index}]`))
}

function decodeMetadata(value: Json | undefined): { readonly user?: string; readonly rest?: JsonObject } {
  if (value === undefined) return {}
  const { fields, rest } = take(expectObject(value, 'metadata'), ['user_id'])
  return { ...optionalString('user', fields.user_id, 'metadata.user_id'), rest }
}
