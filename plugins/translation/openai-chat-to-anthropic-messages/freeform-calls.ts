import { type Block, type Conversation, isJsonObject, type Json, type ReplyEvent, type ToolCallBlock } from 'tokligence'

/** The only argument of the function that stands for a freeform tool; see `tool-arguments.ts` of the protocol `anthropic-messages`. */
const wrappedInput = 'input'

export function freeformNames(conversation: Conversation): ReadonlySet<string> {
  return new Set(conversation.tools.filter((tool) => tool.type === 'freeform').map((tool) => tool.name as string))
}

/** A call of a freeform tool as the free text that the caller waits for. */
export function restoreCall(block: Block, names: ReadonlySet<string>): Block {
  if (!isFreeform(block, names)) return block
  return { ...block, form: 'text', argumentsText: freeText(block.argumentsText) }
}

/** The same in a stream: the arguments are kept back until they are whole, because the text stands in them as a JSON string. */
export function restoreCallEvents(names: ReadonlySet<string>): (event: ReplyEvent) => readonly ReplyEvent[] {
  const held = new Map<number, string>()
  return (event) => {
    if (event.type === 'block-start' && isFreeform(event.block, names)) {
      held.set(event.index, event.block.argumentsText)
      return [{ ...event, block: { ...event.block, form: 'text', argumentsText: '' } }]
    }
    if (event.type !== 'block-delta' && event.type !== 'block-end') return [event]
    const text = held.get(event.index)
    if (text === undefined) return [event]
    if (event.type === 'block-end') {
      held.delete(event.index)
      return [{ type: 'block-delta', index: event.index, delta: { type: 'text', text: freeText(text) } }, event]
    }
    if (event.delta.type !== 'text') return [event]
    held.set(event.index, text + event.delta.text)
    return []
  }
}

function isFreeform(block: Block, names: ReadonlySet<string>): block is ToolCallBlock {
  return block.type === 'tool-call' && block.form === 'json' && names.has(block.name)
}

/** Arguments that do not have the shape that was asked for reach the tool as they are. */
function freeText(argumentsText: string): string {
  let value: Json
  try {
    value = JSON.parse(argumentsText) as Json
  } catch {
    return argumentsText
  }
  return isJsonObject(value) && typeof value[wrappedInput] === 'string' ? value[wrappedInput] : argumentsText
}
