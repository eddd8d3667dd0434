import { type Block, type Conversation, type JsonObject, reportForeignFields, type ToolResultBlock, type Turn } from 'tokligence'
import { assistantFields } from '../message/encode-assistant.ts'
import { type EncodeContext, encodeParts, encodeTextParts, joinParts } from '../message/encode-part.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { encodeToolResult } from './encode-tool-result.ts'

type Placed<B extends Block = Block> = readonly [block: B, path: string]

/**
 * Turns as messages. A vendor demands that the results of calls follow the assistant's message at once, so they come before the other
 * blocks of their turn, and media out of results wait until all of them are written.
 */
export function encodeMessages(conversation: Conversation, context: EncodeContext): JsonObject[] {
  const messages: JsonObject[] = []
  const waiting: JsonObject[] = []
  const flush = () => {
    messages.push(...waiting)
    waiting.length = 0
  }
  const instructions = conversation.instructions.map((block, index): Placed => [block, `system[${index}]`])
  if (instructions.length > 0) messages.push({ role: 'system', content: textContent(instructions, conversation.instructionsForm, context) ?? '' })
  for (const [index, turn] of conversation.turns.entries()) {
    const path = `messages[${index}]`
    reportForeignFields(turn, path, context.losses, protocolId)
    const { results, others } = splitTurn(turn, path)
    for (const [block, blockPath] of results) {
      const { message, media } = encodeToolResult(block, blockPath, context)
      messages.push(message)
      if (media) waiting.push(media)
    }
    if (results.length > 0 && others.length === 0) continue
    flush()
    const message = encodeTurn(turn, others, path, context)
    if (message) messages.push(message)
  }
  flush()
  return messages
}

function splitTurn(turn: Turn, path: string): { readonly results: Placed<ToolResultBlock>[]; readonly others: Placed[] } {
  const results: Placed<ToolResultBlock>[] = []
  const others: Placed[] = []
  for (const [index, block] of turn.blocks.entries()) {
    const blockPath = turn.form === 'text' ? `${path}.content` : `${path}.content[${index}]`
    if (block.type === 'tool-result' && turn.role !== 'assistant') results.push([block, blockPath])
    else others.push([block, blockPath])
  }
  return { results, others }
}

function encodeTurn(turn: Turn, blocks: readonly Placed[], path: string, context: EncodeContext): JsonObject | undefined {
  const { fields, memo } = recall(turn)
  const name = turn.name === undefined ? {} : { name: turn.name }
  switch (turn.role) {
    case 'system':
    case 'developer':
      return withContent({ ...fields, role: turn.role, ...name }, textContent(blocks, turn.form, context))
    case 'assistant': {
      const said = assistantFields(blocks, turn.form, { ...context, thoughts: 'drop' })
      // A turn of nothing but thoughts leaves nothing to say, and an empty message is refused.
      if (!context.native && isSilent(said)) return undefined
      return { ...fields, ...(memo.role === undefined && { role: 'assistant' }), ...name, ...said }
    }
    case 'user':
    case 'tool': {
      if (turn.role === 'tool' && blocks.length === 0) return undefined
      const content = joinParts(encodeParts(blocks, context), turn.form, context.native)
      if (turn.role === 'tool') context.losses.approximated(path, 'tool-turn', 'hint', 'What is no tool result stands in a user message.')
      return withContent({ ...fields, role: 'user', ...name }, content)
    }
  }
}

function textContent(blocks: readonly Placed[], form: Turn['form'], context: EncodeContext) {
  return joinParts(encodeTextParts(blocks, context), form, context.native)
}

function withContent(message: JsonObject, content: string | readonly JsonObject[] | undefined): JsonObject {
  return content === undefined ? message : { ...message, content }
}

function isSilent(said: JsonObject): boolean {
  return Object.keys(said).length === 1 && said.content === ''
}
