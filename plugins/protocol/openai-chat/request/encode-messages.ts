import { type Block, type Conversation, type JsonObject, reportForeignFields, type ToolResultBlock, type Turn } from 'tokligence'
import { assistantFields } from '../message/encode-assistant.ts'
import { type EncodeContext, encodeParts, encodeTextParts, joinParts } from '../message/encode-part.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { MessageWriter } from './message-writer.ts'

type Placed<B extends Block = Block> = readonly [block: B, path: string]

/** Turns as messages. The results of a turn come before its other blocks. */
export function encodeMessages(conversation: Conversation, context: EncodeContext): readonly JsonObject[] {
  const writer = new MessageWriter(context)
  const instructions = conversation.instructions.map((block, index): Placed => [block, `system[${index}]`])
  if (instructions.length > 0) writer.add({ role: 'system', content: textContent(instructions, conversation.instructionsForm, context) ?? '' })
  const turns = conversation.turns.map((turn, index) => splitTurn(turn, `messages[${index}]`))
  for (const { turn, path, results, others } of context.native ? turns : joinCallers(turns)) {
    reportForeignFields(turn, path, context.losses, protocolId)
    for (const [block, blockPath] of results) writer.addResult(block, blockPath)
    if (results.length > 0 && others.length === 0) continue
    const message = encodeTurn(turn, others, path, context)
    if (message && turn.role === 'assistant') writer.addAssistant(message, path)
    else if (message) writer.add(message)
  }
  return writer.finish()
}

interface SplitTurn {
  readonly turn: Turn
  readonly path: string
  readonly results: readonly Placed<ToolResultBlock>[]
  readonly others: Placed[]
}

function splitTurn(turn: Turn, path: string): SplitTurn {
  const results: Placed<ToolResultBlock>[] = []
  const others: Placed[] = []
  for (const [index, block] of turn.blocks.entries()) {
    const blockPath = turn.form === 'text' ? `${path}.content` : `${path}.content[${index}]`
    if (block.type === 'tool-result' && turn.role !== 'assistant') results.push([block, blockPath])
    else others.push([block, blockPath])
  }
  return { turn, path, results, others }
}

/** What the assistant says behind its calls, in a turn of its own, would part them from their results: it joins them. */
function joinCallers(turns: readonly SplitTurn[]): readonly SplitTurn[] {
  const joined: SplitTurn[] = []
  let caller: SplitTurn | undefined
  for (const next of turns) {
    const speaks = next.turn.role === 'assistant'
    if (caller && speaks) {
      for (const other of next.others) caller.others.push(other)
      continue
    }
    joined.push(next)
    caller = speaks && next.others.some(([block]) => block.type === 'tool-call' && block.executedBy === 'client') ? next : undefined
  }
  return joined
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
