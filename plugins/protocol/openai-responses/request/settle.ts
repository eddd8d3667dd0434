import { type Block, type Conversation, GatewayError, isEmpty, isJsonObject, type Json, type JsonObject, type LossSink, type Turn } from 'tokligence'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { settleTools } from './settle-tools.ts'

/**
 * Prepares what was read from this protocol for the encoder of another one. What the vendor keeps for the caller is not there, so a request that
 * rests on it is refused: throws GatewayError `TKL_REQUEST_INVALID`.
 */
export function settle(conversation: Conversation, losses: LossSink): Conversation {
  const { fields } = recall(conversation)
  refuseStored(fields)
  const turns = conversation.turns.map((turn, index) => settleTurn(turn, index, losses)).filter((turn) => turn !== undefined)
  const tools = settleTools(conversation.tools, losses)
  return { ...conversation, turns, tools, ...withFields(conversation, settleFields(fields, losses)) }
}

/** The vendor's answers to ids that it does not know. */
function refuseStored({ previous_response_id: previous, conversation, prompt }: JsonObject): void {
  if (typeof previous === 'string') throw stored('previous_response_id', `Previous response with id '${previous}' not found.`, 'previous_response_not_found')
  if (isGiven(conversation)) {
    const id = isJsonObject(conversation) ? conversation.id : conversation
    throw stored('conversation', `Conversation with id '${String(id)}' not found.`, 'conversation_not_found')
  }
  if (isGiven(prompt)) throw stored('prompt', `Prompt with id '${isJsonObject(prompt) ? String(prompt.id) : ''}' not found.`, 'prompt_not_found')
}

function stored(param: string, message: string, code: string): GatewayError {
  return new GatewayError('TKL_REQUEST_INVALID', `${message} The model is served by another provider, which keeps nothing: send the whole input.`, {
    param,
    details: { code },
  })
}

function isGiven(value: Json | undefined): boolean {
  return value !== undefined && value !== null
}

function settleTurn(turn: Turn, index: number, losses: LossSink): Turn | undefined {
  // The tools stand with the others; the turn kept their place.
  if (recall(turn).memo.kind === 'additional_tools' && turn.blocks.length === 0) return undefined
  const blocks = turn.blocks.filter((block, position) => isKept(block, `input[${index}].content[${position}]`, losses))
  if (blocks.length === turn.blocks.length) return turn
  return blocks.length === 0 ? undefined : { ...turn, blocks }
}

/** Items that are nothing but the vendor's own bookkeeping are taken out; of the others the encoder says what it loses. */
function isKept(block: Block, path: string, losses: LossSink): boolean {
  if (block.type !== 'foreign' || block.protocol !== protocolId || !isJsonObject(block.value)) return true
  switch (block.kind) {
    case 'item_reference':
      throw stored(path.replace(/\.content.*/, ''), `Item with id '${String(block.value.id)}' not found.`, 'item_not_found')
    case 'compaction':
      losses.dropped(path, 'compaction', 'semantic', 'What was said before is in a form that only the vendor can read.')
      return false
    // The vendor lists and finds tools that the request offers anyway.
    case 'mcp_list_tools':
    case 'tool_search_call':
    case 'tool_search_output':
      losses.dropped(path, 'tool-listing', 'hint')
      return false
    default:
      return true
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
