import type { Conversation, EncodeRequestOptions, JsonObject, LossSink } from 'tokligence'
import { asString } from '../message/encode-block.ts'
import { isOwn, protocolId, reportForeignFields } from '../wire/extensions.ts'
import { asObject } from '../wire/shape.ts'
import { encodeOwnRequest } from './encode-own-request.ts'
import { encodeSampling, reportUnsupported } from './encode-sampling.ts'
import { encodeThinking } from './encode-thinking.ts'
import { allowedTools, encodeToolChoice, encodeTools, reportChanges } from './encode-tools.ts'
import { encodeTurns } from './encode-turns.ts'
import { supportedSchema } from './output-schema.ts'

/** `max_tokens` is required; this stands in when neither the caller nor the model's facts give a figure. */
const defaultMaxTokens = 4096
/** The provider's limit on `metadata.user_id`, in characters. */
const longestUserId = 256

export function encodeRequest(conversation: Conversation, { losses, facts }: EncodeRequestOptions): JsonObject {
  if (isOwn(conversation.ext)) return encodeOwnRequest(conversation, losses)
  reportForeignFields(conversation.ext, '', losses)
  reportUnsupported(conversation, losses)
  const maxTokens = encodeMaxTokens(conversation, facts.maxOutputTokens, losses)
  const { system, messages } = encodeTurns(conversation, losses)
  const { tools, servers } = encodeTools(allowedTools(conversation, losses), { own: false, structured: facts.structuredOutput, losses })
  const toolChoice = offeredChoice(encodeToolChoice(conversation, false, losses), tools, losses)
  const { thinking, effort } = encodeThinking(conversation, { facts, maxTokens, messages, toolChoice }, losses)
  const format = encodeFormat(conversation, facts.structuredOutput !== false, losses)
  const active = thinking !== undefined && thinking.type !== 'disabled'
  return {
    model: conversation.model,
    max_tokens: maxTokens,
    ...encodeSystem(conversation, system),
    messages,
    ...(tools.length > 0 && { tools }),
    ...(servers.length > 0 && { mcp_servers: servers }),
    ...(toolChoice && { tool_choice: toolChoice }),
    ...(thinking && { thinking }),
    ...((effort !== undefined || format) && { output_config: { ...(effort !== undefined && { effort }), ...(format && { format }) } }),
    ...encodeSampling(conversation, active, losses),
    ...encodeUser(conversation.user, losses),
    ...encodeServiceTier(conversation.serviceTier, losses),
    ...(conversation.stream && { stream: true }),
  }
}

function encodeSystem({ output }: Conversation, system: JsonObject[]): JsonObject {
  const whole = output?.type === 'json' ? [...system, { type: 'text', text: 'Answer with one JSON object and nothing around it.' }] : system
  return whole.length > 0 ? { system: asString(whole) } : {}
}

function encodeMaxTokens({ maxOutputTokens }: Conversation, most: number | undefined, losses: LossSink): number {
  if (maxOutputTokens === undefined) {
    const figure = most ?? defaultMaxTokens
    losses.invented('max_tokens', 'max-tokens', 'hint', `The provider demands a limit; it is ${figure} tokens.`)
    return figure
  }
  if (most === undefined || maxOutputTokens <= most) return maxOutputTokens
  losses.approximated('max_tokens', 'max-tokens', 'hint', `${maxOutputTokens} became ${most}, the most that the model writes.`)
  return most
}

/** The provider answers 400 to a `tool_choice` without tools, or for a tool that is not offered. */
function offeredChoice(choice: JsonObject | undefined, tools: readonly JsonObject[], losses: LossSink): JsonObject | undefined {
  if (!choice) return undefined
  const offered = choice.type === 'tool' ? tools.some(({ name }) => name === choice.name) : tools.length > 0
  if (offered) return choice
  if (choice.type === 'any' || choice.type === 'tool') losses.dropped('tool_choice', 'tool-choice', 'semantic', 'The tool is not offered.')
  return undefined
}

/** `output_config.format`: JSONOutputFormat in @anthropic-ai/sdk 1.12.0. It has a schema and nothing else. */
function encodeFormat({ output }: Conversation, structured: boolean, losses: LossSink): JsonObject | undefined {
  const path = 'response_format'
  switch (output?.type) {
    case 'schema': {
      if (!structured) {
        losses.dropped(path, 'output-schema', 'semantic', 'The model has no structured output.')
        return undefined
      }
      if (output.name !== undefined) losses.dropped(`${path}.name`, 'output-schema-name', 'hint')
      if (output.description !== undefined) losses.dropped(`${path}.description`, 'output-schema-description', 'hint')
      if (output.strict === false) losses.approximated(`${path}.strict`, 'output-schema', 'hint', 'The schema is enforced.')
      const supported = supportedSchema(output.schema)
      reportChanges(supported, `${path}.schema`, losses)
      return { type: 'json_schema', schema: supported.schema }
    }
    case 'json':
      losses.approximated(path, 'json-mode', 'semantic', 'Asked for in words: the provider enforces nothing without a schema.')
      return undefined
    case 'foreign':
      if (output.protocol === protocolId) return asObject(output.value)
      losses.dropped(path, 'output-format', 'semantic')
      return undefined
    default:
      return undefined
  }
}

function encodeUser(user: string | undefined, losses: LossSink): JsonObject {
  if (user === undefined) return {}
  if (user.length <= longestUserId) return { metadata: { user_id: user } }
  losses.dropped('user', 'user-id', 'hint', `The provider takes ids of up to ${longestUserId} characters.`)
  return {}
}

/** Words of other protocols: the usual queue, and the faster one where there is room in it. */
const tiers: ReadonlyMap<string, string> = new Map([
  ['auto', 'auto'],
  ['standard_only', 'standard_only'],
  ['default', 'standard_only'],
  ['standard', 'standard_only'],
  ['priority', 'auto'],
])

function encodeServiceTier(tier: string | undefined, losses: LossSink): JsonObject {
  if (tier === undefined) return {}
  const known = tiers.get(tier)
  if (tier === 'priority') losses.approximated('service_tier', 'service-tier', 'hint', 'auto')
  if (known !== undefined) return { service_tier: known }
  losses.dropped('service_tier', 'service-tier', 'hint', tier)
  return {}
}
