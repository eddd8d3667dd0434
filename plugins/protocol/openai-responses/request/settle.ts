import {
  type Block,
  type Conversation,
  featureName,
  GatewayError,
  isEmpty,
  isJsonObject,
  type Json,
  type JsonObject,
  type LossSink,
  requestReader,
  type ToolChoice,
  type Turn,
} from 'tokligence'
import { asksForCompaction, compactionRequest, summaryIn, triggerKind } from '../item/compaction.ts'
import { protocolId, recall, remember } from '../wire/wire-memo.ts'
import { settleChoice, settleTools } from './settle-tools.ts'

/**
 * Prepares what was read from this protocol for the encoder of another one. What the vendor keeps for the caller is not there, so a request that
 * rests on it is refused: throws GatewayError `TKL_REQUEST_INVALID`.
 */
export function settle(conversation: Conversation, losses: LossSink): Conversation {
  const { fields, memo } = recall(conversation)
  refuseStored(fields, typeof memo.unknown === 'string' ? memo.unknown : keepsNothing)
  const asks = asksForCompaction(conversation)
  const turns = conversation.turns.map((turn, index) => settleTurn(turn, index, asks, losses)).filter((turn) => turn !== undefined)
  const tools = settleTools(conversation.tools, losses)
  const toolChoice: ToolChoice | undefined = asks ? { type: 'none' } : settleChoice(conversation.toolChoice, tools)
  return {
    ...conversation,
    turns,
    tools,
    ...(toolChoice && { toolChoice }),
    ...withFields(conversation, settleFields(fields, losses)),
  }
}

const keepsNothing = 'The model is served by another provider, which keeps nothing: send the whole input.'

const onlyWhole =
  'Where another provider serves the model, an item cannot be named by its id, not even one of a reply that is kept: send the item itself, or name its reply as previous_response_id.'

/** The conversation with the reason why the reply that it goes on from is not known, for the caller's eyes. */
export function withUnknownReply(conversation: Conversation, reason: string): Conversation {
  const { fields, memo } = recall(conversation)
  return { ...conversation, ext: { ...conversation.ext, ...remember(fields, { ...memo, unknown: reason }).ext } }
}

/** The vendor's answers to ids that it does not know. */
function refuseStored({ previous_response_id: previous, conversation, prompt }: JsonObject, reason: string): void {
  if (typeof previous === 'string') throw unknownReply(previous, reason)
  if (isGiven(previous)) throw requestReader.fault('previous_response_id', 'a text')
  if (isGiven(conversation)) {
    const id = isJsonObject(conversation) ? conversation.id : conversation
    throw stored('conversation', `Conversation with id '${String(id)}' not found.`, 'conversation_not_found')
  }
  if (isGiven(prompt)) throw stored('prompt', `Prompt with id '${isJsonObject(prompt) ? String(prompt.id) : ''}' not found.`, 'prompt_not_found')
}

export function unknownReply(id: string, reason: string): GatewayError {
  return stored('previous_response_id', `Previous response with id '${id}' not found.`, 'previous_response_not_found', reason)
}

function stored(param: string, message: string, code: string, reason = keepsNothing): GatewayError {
  return new GatewayError('TKL_REQUEST_INVALID', `${message} ${reason}`, { param, details: { code } })
}

function unknownItem({ id }: JsonObject, path: string): GatewayError {
  return typeof id === 'string' ? stored(path, `Item with id '${id}' not found.`, 'item_not_found', onlyWhole) : requestReader.fault(`${path}.id`, 'a string')
}

function isGiven(value: Json | undefined): boolean {
  return value !== undefined && value !== null
}

function settleTurn(turn: Turn, index: number, asks: boolean, losses: LossSink): Turn | undefined {
  // The tools stand with the others; the turn kept their place.
  if (recall(turn).memo.kind === 'additional_tools' && turn.blocks.length === 0) return undefined
  const settled = turn.blocks.map((block, position) => settleBlock(block, `input[${index}].content[${position}]`, asks, losses))
  if (settled.every((block, position) => block === turn.blocks[position])) return turn
  const blocks = settled.filter((block) => block !== undefined)
  return blocks.length === 0 ? undefined : { ...turn, blocks }
}

/** Items that are the vendor's own are said in words or taken out; of what stands in the assistant's turns the encoder says what it loses. */
function settleBlock(block: Block, path: string, asks: boolean, losses: LossSink): Block | undefined {
  if (block.type !== 'foreign' || block.protocol !== protocolId || !isJsonObject(block.value)) return block
  const summary = summaryIn(block)
  if (summary !== undefined) return { type: 'text', text: summary }
  if (asks && block.kind === triggerKind) {
    losses.approximated(path, 'compaction', 'semantic', 'The model is asked for a summary, which comes as the compaction.')
    return { type: 'text', text: compactionRequest }
  }
  switch (block.kind) {
    case 'item_reference':
      throw unknownItem(block.value, path.replace(/\.content.*/, ''))
    case 'compaction':
      losses.dropped(path, 'compaction', 'semantic', 'What was said before is in a form that only the vendor can read.')
      return undefined
    // The vendor lists and finds tools that the request offers anyway.
    case 'mcp_list_tools':
    case 'tool_search_call':
    case 'tool_search_output':
      losses.dropped(path, 'tool-listing', 'hint')
      return undefined
    default:
      // An item in a turn of its own would leave an empty message behind.
      if (recall(block).memo.kind !== 'item') return block
      losses.dropped(path, featureName(block.kind), 'semantic')
      return undefined
  }
}

/** The fields that the neutral form has no name for, without those that ask for nothing here. */
function settleFields(fields: JsonObject, losses: LossSink): JsonObject {
  const { include, stream_options: _, truncation, reasoning, ...rest } = fields
  if (truncation === 'auto') losses.dropped('truncation', 'truncation', 'hint', 'An input that is too long is refused, not cut.')
  const others = isJsonObject(reasoning) ? settleReasoning(reasoning, losses) : {}
  // Opaque thoughts are given back to every caller of this protocol.
  const included = Array.isArray(include) ? include.filter((entry: Json) => entry !== 'reasoning.encrypted_content') : []
  return { ...rest, ...(included.length > 0 && { include: included }), ...(!isEmpty(others) && { reasoning: others }) }
}

/** `context` says which thoughts of earlier turns the model sees, which each protocol holds in its own way. */
function settleReasoning({ context, generate_summary: older, ...rest }: JsonObject, losses: LossSink): JsonObject {
  if (context !== undefined && context !== 'auto') losses.dropped('reasoning.context', 'reasoning-context', 'hint')
  if (older !== undefined) losses.dropped('reasoning.generate_summary', 'reasoning-display', 'hint')
  return rest.mode === 'standard' ? {} : rest
}

function withFields({ ext }: Conversation, fields: JsonObject): Pick<Conversation, 'ext'> {
  const own = ext?.[protocolId]
  return { ext: { ...ext, [protocolId]: { ...fields, ...(own?.$wire !== undefined && { $wire: own.$wire }) } } }
}
