import { type Conversation, isJsonObject, type Json, type JsonObject, type LossSink, type Turn } from 'tokligence'
import { type BlockContext, encodeContent } from '../message/encode-block.ts'
import { withoutForeignFinds } from '../message/foreign-finds.ts'
import { HostedCalls } from '../message/hosted-call.ts'
import { ownFields, protocolId, reportForeignFields } from '../wire/extensions.ts'
import { asObject } from '../wire/shape.ts'
import { reportUnsupported } from './encode-sampling.ts'
import { lacksThoughts } from './encode-thinking.ts'
import { allowedTools, encodeToolChoice, encodeTools } from './encode-tools.ts'

/**
 * A conversation that this protocol's own decoder made, written as it stood. Nothing is repaired: the caller hears from the provider what
 * it would have heard without the gateway.
 */
export function encodeOwnRequest(conversation: Conversation, losses: LossSink): JsonObject {
  reportForeignFields(conversation.ext, '', losses)
  reportUnsupported(conversation, losses)
  const own = ownFields(conversation.ext)
  const context: BlockContext = { losses, toolId: (id) => id, hosted: new HostedCalls() }
  const { sampling, stop, serviceTier, maxOutputTokens, instructions, instructionsForm } = conversation
  const { tools, servers } = encodeTools(allowedTools(conversation, losses), { own: true, losses })
  const toolChoice = encodeToolChoice(conversation, true, losses)
  const messages = conversation.turns.map((turn, index) => encodeTurn(turn, `messages[${index}]`, context)).filter((message) => message !== undefined)
  const thinks = !(conversation.lacksThoughts && conversation.reasoning?.mode === 'budget' && calledWithoutThoughts(messages))
  if (!thinks)
    losses.dropped('thinking', 'reasoning', 'semantic', 'The thoughts of the last call are another provider’s, and without any the provider takes no thinking.')
  const written: JsonObject = {
    model: conversation.model,
    ...(maxOutputTokens !== undefined && { max_tokens: maxOutputTokens }),
    ...((instructionsForm !== 'none' || instructions.length > 0) && { system: encodeContent(instructionsForm, instructions, 'system', context) }),
    messages,
    ...(tools.length > 0 && { tools }),
    ...(servers.length > 0 && { mcp_servers: [...(Array.isArray(own.mcp_servers) ? own.mcp_servers : []), ...servers] as Json }),
    ...(toolChoice && { tool_choice: toolChoice }),
    ...(thinks && encodeThinkingConfig(conversation, own.thinking)),
    ...encodeOutput(conversation, own, losses),
    ...(sampling.temperature !== undefined && { temperature: sampling.temperature }),
    ...(sampling.topP !== undefined && { top_p: sampling.topP }),
    ...(sampling.topK !== undefined && { top_k: sampling.topK }),
    ...(stop && { stop_sequences: stop }),
    ...(conversation.user !== undefined && { metadata: { ...asObject(own.metadata), user_id: conversation.user } }),
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    ...(conversation.stream && { stream: true }),
  }
  return { ...withoutRemainders(thinks ? own : withoutClearing(own, losses)), ...written }
}

/** The provider looks at the assistant's last turn, as long as its calls are being answered. */
function calledWithoutThoughts(messages: readonly JsonObject[]): boolean {
  const last = messages.findLast(({ role }) => role === 'assistant')
  return last !== undefined && lacksThoughts([last, ...messages.slice(-1)])
}

/** "`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive" (github.com/anthropics/claude-code/issues/11971). */
function withoutClearing(own: JsonObject, losses: LossSink): JsonObject {
  const { context_management: management, ...rest } = own
  if (!isJsonObject(management) || !Array.isArray(management.edits)) return own
  const clears = (edit: Json) => isJsonObject(edit) && String(edit.type).startsWith('clear_thinking_')
  for (const [index, edit] of (management.edits as readonly Json[]).entries())
    if (clears(edit)) losses.dropped(`context_management.edits[${index}]`, 'context-management', 'hint', 'The provider takes it only with thinking.')
  const edits = management.edits.filter((edit: Json) => !clears(edit))
  return edits.length === 0 ? rest : { ...rest, context_management: { ...management, edits } }
}

/** Undefined for a turn of which nothing is left: the provider refuses an empty one. */
function encodeTurn(turn: Turn, path: string, context: BlockContext): JsonObject | undefined {
  reportForeignFields(turn.ext, path, context.losses)
  if (turn.name !== undefined) context.losses.dropped(`${path}.name`, 'participant-name', 'semantic')
  const role = turn.role === 'tool' ? 'user' : turn.role === 'developer' ? 'system' : turn.role
  const blocks = turn.role === 'assistant' ? withoutForeignFinds(turn.blocks, `${path}.content`, context.losses) : turn.blocks
  if (blocks.length === 0 && turn.blocks.length > 0) return undefined
  return { role, content: encodeContent(turn.form, blocks, `${path}.content`, context), ...ownFields(turn.ext) }
}

/** Fields of `ext` that are only part of a value are merged where the value is written; alone they would be half a field. */
function withoutRemainders(own: JsonObject): JsonObject {
  const { tool_choice, thinking, output_config, output_format, ...rest } = own
  return {
    ...rest,
    ...(tool_choice === null && { tool_choice }),
    ...((thinking === null || asObject(thinking)?.type !== undefined) && { thinking: thinking as Json }),
    ...(output_config !== undefined && { output_config: withoutFormat(output_config) }),
    ...((output_format === null || asObject(output_format)?.type !== undefined) && { output_format: output_format as Json }),
  }
}

function withoutFormat(config: Json): Json {
  if (!isJsonObject(config) || !isJsonObject(config.format)) return config
  const { format: _, ...rest } = config
  return rest
}

function encodeThinkingConfig({ reasoning }: Conversation, remainder: Json | undefined): JsonObject {
  if (!reasoning || reasoning.mode === 'effort') return {}
  const type = reasoning.mode === 'budget' ? 'enabled' : reasoning.mode === 'adaptive' ? 'adaptive' : 'disabled'
  return {
    thinking: {
      ...asObject(remainder),
      type,
      ...(reasoning.budgetTokens !== undefined && { budget_tokens: reasoning.budgetTokens }),
      ...(reasoning.display !== undefined && { display: reasoning.display }),
    },
  }
}

function encodeOutput({ output, reasoning }: Conversation, own: JsonObject, losses: LossSink): JsonObject {
  const legacy = asObject(own.output_format)
  const inLegacyPlace = legacy !== undefined && legacy.type === undefined
  const config = asObject(own.output_config)
  const format = encodeFormat(output, inLegacyPlace ? legacy : asObject(config?.format), losses)
  const effort = reasoning?.effort
  return {
    ...(format && inLegacyPlace && { output_format: format }),
    ...((effort !== undefined || (format && !inLegacyPlace)) && {
      output_config: { ...config, ...(effort !== undefined && { effort }), ...(format && !inLegacyPlace && { format }) },
    }),
  }
}

function encodeFormat(output: Conversation['output'], remainder: JsonObject | undefined, losses: LossSink): JsonObject | undefined {
  if (!output || output.type === 'text') return undefined
  if (output.type === 'schema') return { ...remainder, type: 'json_schema', schema: output.schema }
  if (output.type === 'foreign' && output.protocol === protocolId) return asObject(output.value)
  losses.dropped('output_config.format', output.type === 'json' ? 'json-mode' : 'output-format', 'semantic')
  return undefined
}
