import {
  type Conversation,
  type EncodeRequestOptions,
  isJsonObject,
  type Json,
  type JsonObject,
  type ModelFacts,
  reportForeignFields,
  type Tool,
  type ToolChoice,
} from 'tokligence'
import type { EncodeContext } from '../message/encode-part.ts'
import { isNative, protocolId, recall } from '../wire/wire-memo.ts'
import { encodeMessages } from './encode-messages.ts'
import { encodeSampling } from './encode-sampling.ts'
import { encodeTools } from './encode-tools.ts'
import { encodeReasoningEffort } from './reasoning-effort.ts'
import { withoutRefusedSignatures } from './refused-signatures.ts'
import { encodeResponseFormat } from './response-format.ts'
import { encodeToolChoice, rememberedChoice } from './tool-choice.ts'
import { promptCacheKey, shortUser, splitSession } from './user-session.ts'

/**
 * A conversation as a request body. One that was read from this protocol is written back as it was; any other is brought into the shape
 * that the vendor accepts, and what has no place is reported.
 */
export function encodeRequest(given: Conversation, options: EncodeRequestOptions): JsonObject {
  const { losses, facts } = options
  const conversation = isNative(given) ? withoutRefusedSignatures(given, options) : given
  const { fields, memo } = recall(conversation)
  const context: EncodeContext = { native: memo.native === true, losses }
  reportForeignFields(conversation, '', losses, protocolId)
  const effort = encodeReasoningEffort(conversation, facts, context)
  return {
    ...fields,
    model: conversation.model,
    messages: encodeMessages(conversation, context),
    ...toolFields(conversation, memo, context),
    ...limitFields(conversation, memo, facts, context),
    ...encodeSampling(conversation, effort, facts, context),
    ...outputFields(conversation, memo, context),
    ...optional('reasoning_effort', effort),
    ...bookkeepingFields(conversation, fields, context),
    ...streamFields(conversation, memo, context),
  }
}

/** A choice and the parallel flag are refused when there is no tool to choose from, and so is the choice of a tool that is not there. */
function toolFields(conversation: Conversation, memo: JsonObject, context: EncodeContext): JsonObject {
  const { tools, functions, search } = encodeTools(conversation.tools, conversation.model, context)
  const { toolChoice, parallelToolCalls } = conversation
  const choosable = context.native || tools !== undefined || functions !== undefined
  const choice = toolChoice && (context.native || isPossible(toolChoice, choosable, conversation.tools)) ? toolChoice : undefined
  if (toolChoice && !choice && toolChoice.type !== 'none' && toolChoice.type !== 'auto')
    context.losses.dropped('tool_choice', 'tool-choice', 'semantic', 'What is to be chosen is not among the tools.')
  return {
    ...(tools && { tools }),
    ...(functions && { functions }),
    ...(search && { web_search_options: search }),
    ...(choice && (rememberedChoice(choice, memo) ?? optional('tool_choice', encodeToolChoice(choice, conversation.tools, context)))),
    ...(choosable && parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
  }
}

function isPossible(choice: ToolChoice, choosable: boolean, tools: readonly Tool[]): boolean {
  const names = choice.type === 'tool' ? [choice.name] : choice.type === 'allowed' ? choice.names : []
  const offered = new Set(tools.map((tool) => (tool.type === 'foreign' ? undefined : tool.name)))
  return choosable && names.every((name) => offered.has(name))
}

/** At most four sequences (openai 6.49.0, ChatCompletionCreateParamsBase.stop). */
const mostStops = 4

function limitFields(conversation: Conversation, memo: JsonObject, facts: ModelFacts, context: EncodeContext): JsonObject {
  const { candidates } = conversation
  const maxOutputTokens = context.native ? conversation.maxOutputTokens : outputLimit(conversation.maxOutputTokens, facts, context)
  const stop = context.native ? conversation.stop : acceptedStops(conversation.stop, facts, context)
  return {
    ...(maxOutputTokens !== undefined && { [memo.maxTokens === 'max_tokens' ? 'max_tokens' : 'max_completion_tokens']: maxOutputTokens }),
    ...(stop !== undefined && { stop: memo.stop === 'text' && stop.length === 1 ? (stop[0] as string) : stop }),
    ...(candidates !== undefined && { n: candidates }),
  }
}

/** A higher limit than the model's own is refused: "max_tokens is too large". */
function outputLimit(wanted: number | undefined, { maxOutputTokens: most }: ModelFacts, context: EncodeContext): number | undefined {
  if (wanted === undefined || most === undefined || wanted <= most) return wanted
  context.losses.approximated('max_tokens', 'max-tokens', 'hint', `${wanted} became ${most}, the most that the model writes.`)
  return most
}

/** Reasoning models take no stop sequences (openai 6.49.0, ChatCompletionCreateParamsBase.stop: "Not supported with latest reasoning models"). */
function acceptedStops(stop: readonly string[] | undefined, facts: ModelFacts, context: EncodeContext): readonly string[] | undefined {
  if (stop === undefined || stop.length === 0) return undefined
  if (facts.fixedSampling !== undefined) {
    context.losses.dropped('stop', 'stop-sequences', 'semantic', 'The model takes none.')
    return undefined
  }
  if (stop.length <= mostStops) return stop
  for (let index = mostStops; index < stop.length; index++) context.losses.dropped(`stop[${index}]`, 'stop-sequences', 'semantic', 'Four are the most.')
  return stop.slice(0, mostStops)
}

function outputFields(conversation: Conversation, memo: JsonObject, context: EncodeContext): JsonObject {
  const { output, logprobs } = conversation
  return {
    ...(output && optional('response_format', encodeResponseFormat(output, memo.response_format, context))),
    ...optional('verbosity', conversation.verbosity),
    ...(logprobs !== undefined && { logprobs: true, ...(logprobs !== 0 && { top_logprobs: logprobs }) }),
  }
}

/** openai 6.49.0, ChatCompletionCreateParamsBase.service_tier. */
const serviceTiers = new Set(['auto', 'default', 'flex', 'scale', 'priority'])

function bookkeepingFields({ metadata, serviceTier, user }: Conversation, own: JsonObject, context: EncodeContext): JsonObject {
  if (context.native) return { ...optional('service_tier', serviceTier), ...optional('metadata', metadata), ...optional('user', user) }
  // Refused unless the reply is stored as well, which the caller did not ask for: "The 'metadata' parameter is only allowed when 'store' is enabled."
  for (const name of Object.keys(metadata ?? {})) context.losses.dropped(`metadata.${name}`, 'metadata', 'hint')
  const knownTier = serviceTier !== undefined && serviceTiers.has(serviceTier)
  if (serviceTier !== undefined && !knownTier) context.losses.dropped('service_tier', 'service-tier', 'hint', serviceTier)
  const { person, session } = user === undefined ? {} : splitSession(user)
  return {
    ...(knownTier && { service_tier: serviceTier }),
    ...(person !== undefined && { user: shortUser(person, context.losses) }),
    ...(session !== undefined && own.prompt_cache_key === undefined && { prompt_cache_key: promptCacheKey(session) }),
  }
}

/** Where the caller's protocol always tells the usage of a stream, it is asked for. */
function streamFields(conversation: Conversation, memo: JsonObject, context: EncodeContext): JsonObject {
  if (!context.native) return conversation.stream ? { stream: true, stream_options: { include_usage: true } } : {}
  const { stream_options: original } = memo
  const asked = isJsonObject(original) && original.include_usage === true
  const wanted = conversation.includeUsage ?? asked
  const options = wanted === asked ? original : { ...(isJsonObject(original) && original), include_usage: wanted }
  return { ...(conversation.stream && { stream: true }), ...optional('stream_options', options) }
}

function optional(name: string, value: Json | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value }
}
