import { type Block, type Conversation, type JsonObject, type LossSink, reportForeignFields, type ToolResultBlock, type Turn } from 'tokligence'
import { encodeOutputItems } from '../item/encode-output-items.ts'
import type { ItemContext } from '../item/item-context.ts'
import { protocolId } from '../wire/wire-memo.ts'
import { CallPairs, type PairedCall } from './call-pairs.ts'
import { encodeParts, joinParts, type Placed } from './encode-content.ts'
import { markError } from './mark-error.ts'

/** Another protocol's turns as the items that the vendor takes: results before the other blocks of their turn, and one for each call. */
export function encodeInput(conversation: Conversation, losses: LossSink): JsonObject[] {
  const writer = new InputWriter(conversation, losses)
  for (const [index, turn] of conversation.turns.entries()) writer.turn(turn, index)
  if (writer.items.length > 0) return writer.items
  losses.invented('messages', 'first-user-turn', 'semantic', 'The vendor demands an input.')
  return [{ type: 'message', role: 'user', content: 'Begin.' }]
}

class InputWriter {
  readonly items: JsonObject[] = []
  readonly #pairs: CallPairs
  readonly #context: ItemContext

  constructor(conversation: Conversation, losses: LossSink) {
    this.#pairs = new CallPairs(conversation.turns)
    this.#context = { use: 'history', native: false, conversation, losses }
  }

  turn(turn: Turn, index: number): void {
    const path = `messages[${index}]`
    const { losses } = this.#context
    reportForeignFields(turn, path, losses, protocolId)
    if (turn.name !== undefined) losses.dropped(`${path}.name`, 'participant-name', 'semantic')
    const placed = turn.blocks.map((block, position): Placed => [block, turn.form === 'text' ? `${path}.content` : `${path}.content[${position}]`])
    if (turn.role === 'assistant') this.#assistant(placed, index)
    else if (turn.role === 'system' || turn.role === 'developer') this.#message(turn.role, this.#textAlone(placed))
    else this.#message('user', this.#results(placed, index))
  }

  #assistant(placed: readonly Placed[], index: number): void {
    const open: (readonly [PairedCall, string])[] = []
    const named = placed.map(([block, path], position): Placed => {
      const call = this.#pairs.call(index, position)
      if (!call || block.type !== 'tool-call') return [block, path]
      if (!call.answered) open.push([call, path])
      return [{ ...block, id: call.wireId }, path]
    })
    this.items.push(...encodeOutputItems(named, this.#context))
    for (const [call, path] of open) {
      this.#context.losses.invented(path, 'tool-result', 'semantic', 'The call has no result; one was added that says so.')
      this.items.push({ type: outputType(call), call_id: call.wireId, output: 'No result was given for this tool call.' })
    }
  }

  /** Writes the results, and answers with what is left for a message. */
  #results(placed: readonly Placed[], index: number): Placed[] {
    const others: Placed[] = []
    for (const [position, [block, path]] of placed.entries()) {
      if (block.type !== 'tool-result') {
        others.push([block, path])
        continue
      }
      const call = this.#pairs.answered(index, position)
      if (call) this.items.push(this.#output(block, call, path))
      else others.push(...this.#orphan(block, path))
    }
    return others
  }

  #output(block: ToolResultBlock, call: PairedCall, path: string): JsonObject {
    reportForeignFields(block, path, this.#context.losses, protocolId)
    const parts = markError(encodeParts(contentOf(block, path), this.#context), block, path, this.#context.losses)
    return { type: outputType(call), call_id: call.wireId, output: joinParts(parts, block.form, false) ?? '' }
  }

  #orphan(block: ToolResultBlock, path: string): Placed[] {
    this.#context.losses.approximated(path, 'tool-result', 'semantic', 'There is no call that it answers; it stands as text.')
    reportForeignFields(block, path, this.#context.losses, protocolId)
    return [[{ type: 'text', text: `Result of the tool call ${block.callId}:` }, path], ...contentOf(block, path)]
  }

  #textAlone(placed: readonly Placed[]): Placed[] {
    return placed.filter(([block, path]) => {
      if (block.type !== 'media' || block.source.type === 'text') return true
      this.#context.losses.dropped(path, block.kind, 'semantic', 'A message of this role takes text alone.')
      return false
    })
  }

  #message(role: 'user' | 'system' | 'developer', placed: readonly Placed[]): void {
    const parts = encodeParts(placed, this.#context)
    for (const [block, path] of placed) if (isEmptyText(block)) this.#context.losses.dropped(path, 'empty-text', 'hint')
    if (parts.length > 0) this.items.push({ type: 'message', role, content: joinParts(parts, 'blocks', false) ?? '' })
  }
}

function contentOf(block: ToolResultBlock, path: string): Placed[] {
  return block.content.map((inner, index): Placed => [inner, `${path}.content[${index}]`])
}

function outputType({ form }: PairedCall): string {
  return form === 'text' ? 'custom_tool_call_output' : 'function_call_output'
}

function isEmptyText(block: Block): boolean {
  return block.type === 'text' && block.text === ''
}
