import { isDeepStrictEqual } from 'node:util'
import { type Conversation, isEmpty, isJsonObject, type Json, type JsonObject, type LossSink, reportForeignFields } from 'tokligence'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { encodeOwnInput } from './encode-own-input.ts'
import { encodeOwnTools } from './encode-own-tools.ts'
import { reportUnsupported } from './encode-sampling.ts'
import { includesLogprobs } from './request-groups.ts'
import { decodeTextFormat, encodeOwnFormat } from './text-format.ts'
import { encodeOwnChoice, rememberedChoice } from './tool-choice.ts'

/** A conversation that was read from this protocol, written as it stood, also where the vendor would refuse it. */
export function encodeOwnRequest(conversation: Conversation, losses: LossSink): JsonObject {
  const { fields, memo } = recall(conversation)
  reportForeignFields(conversation, '', losses, protocolId)
  reportUnsupported(conversation, losses)
  reportOthers(conversation, losses)
  const { model, turns, tools, toolChoice, parallelToolCalls, maxOutputTokens, sampling, serviceTier, metadata, user } = conversation
  const listed = encodeOwnTools(tools)
  const choice = toolChoice && (rememberedChoice(toolChoice, memo.tool_choice) ?? encodeOwnChoice(toolChoice, tools))
  return {
    ...fields,
    model,
    ...optional('instructions', instructionsOf(conversation)),
    ...optional('input', encodeOwnInput(turns, { use: 'history', native: true, conversation, losses })),
    ...(listed.length > 0 && { tools: listed }),
    ...optional('tool_choice', choice),
    ...optional('parallel_tool_calls', parallelToolCalls),
    ...optional('max_output_tokens', maxOutputTokens),
    ...optional('temperature', sampling.temperature),
    ...optional('top_p', sampling.topP),
    ...logprobsFields(conversation, fields, memo),
    ...mergedField('reasoning', fields, memo, reasoningFields(conversation)),
    ...mergedField('text', fields, memo, textFields(conversation, memo)),
    ...optional('service_tier', serviceTier),
    ...optional('metadata', metadata),
    ...optional(memo.user === true ? 'user' : 'safety_identifier', user),
    ...(conversation.stream && { stream: true }),
  }
}

/** What a hook may have put in that the protocol has no words for. */
function reportOthers({ tools, toolChoice, output, reasoning, sampling }: Conversation, losses: LossSink): void {
  const isOthers = (part: { readonly type: string; readonly protocol?: string } | undefined) => part?.type === 'foreign' && part.protocol !== protocolId
  for (const [index, tool] of tools.entries()) if (isOthers(tool)) losses.dropped(`tools[${index}]`, 'hosted-tool', 'semantic')
  if (isOthers(toolChoice)) losses.dropped('tool_choice', 'tool-choice', 'semantic')
  if (isOthers(output)) losses.dropped('text.format', 'output-format', 'semantic')
  if (reasoning?.budgetTokens !== undefined) losses.dropped('reasoning', 'thinking-budget', 'semantic')
  if (sampling.topK !== undefined) losses.dropped('top_k', 'top-k', 'semantic')
}

function instructionsOf({ instructions }: Conversation): string | undefined {
  const texts = instructions.map((block) => (block.type === 'text' ? block.text : '')).filter((text, _, all) => text !== '' || all.length === 1)
  return instructions.length === 0 ? undefined : texts.join('\n\n')
}

/** `include` as it was, as long as it says what is wanted. */
function logprobsFields({ logprobs }: Conversation, fields: JsonObject, memo: JsonObject): JsonObject {
  const { include: original } = memo
  if (logprobs === undefined) return {}
  const others = Array.isArray(fields.include) ? (fields.include as readonly Json[]) : []
  const include = Array.isArray(original) ? original : [...others, includesLogprobs]
  return { include, ...(logprobs !== 0 && { top_logprobs: logprobs }) }
}

function reasoningFields({ reasoning }: Conversation): JsonObject {
  const effort = reasoning?.mode === 'off' ? 'none' : reasoning?.effort
  return { ...optional('effort', effort), ...optional('summary', reasoning?.display) }
}

function textFields({ output, verbosity }: Conversation, memo: JsonObject): JsonObject {
  const { format: original } = memo
  const kept = output && isJsonObject(original) && isDeepStrictEqual(decodeTextFormat(original), output) ? original : undefined
  return { ...optional('format', kept ?? (output && encodeOwnFormat(output))), ...optional('verbosity', verbosity) }
}

/** An object of which the neutral form took some members: those that said nothing, the rest, and what is wanted now. */
function mergedField(name: string, fields: JsonObject, memo: JsonObject, named: JsonObject): JsonObject {
  const { [name]: unset } = memo
  const { [name]: rest } = fields
  if (!isJsonObject(unset) && !isJsonObject(rest) && isEmpty(named)) return {}
  return { [name]: { ...(isJsonObject(unset) && unset), ...(isJsonObject(rest) && rest), ...named } }
}

function optional(name: string, value: Json | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value }
}
