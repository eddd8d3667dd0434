import { createHash } from 'node:crypto'
import type { Block, Conversation, LossSink, Tool, ToolChoice } from 'tokligence'

/** What chat completions take as the name of a function (openai 6.49.0, FunctionDefinition.name). Messages take up to 128 characters. */
const accepted = /^[a-zA-Z0-9_-]{1,64}$/

/** A name that is accepted, the same for the same name at any time: history and cached prompts must not change between turns. */
export function acceptedName(name: string): string {
  if (accepted.test(name)) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 55)}_${digest}`
}

/** Accepted name → the caller's, for the tools whose names had to change. */
export function changedNames(conversation: Conversation): ReadonlyMap<string, string> {
  const changed = new Map<string, string>()
  for (const { name } of conversation.tools) if (name !== undefined && !accepted.test(name)) changed.set(acceptedName(name), name)
  return changed
}

/** Gives tools, the choice among them, and the calls of earlier turns names that are accepted. */
export function acceptNames(conversation: Conversation, losses: LossSink): Conversation {
  const tools = conversation.tools.map((tool, index): Tool => {
    if (tool.type === 'foreign' || accepted.test(tool.name)) return tool
    const name = acceptedName(tool.name)
    losses.approximated(`tools[${index}].name`, 'tool-name', 'hint', name)
    return { ...tool, name }
  })
  const { toolChoice } = conversation
  return {
    ...conversation,
    tools,
    turns: conversation.turns.map((turn) => ({ ...turn, blocks: turn.blocks.map(acceptBlockName) })),
    ...(toolChoice && { toolChoice: acceptChoiceNames(toolChoice) }),
  }
}

export function restoreName(block: Block, changed: ReadonlyMap<string, string>): Block {
  const name = block.type === 'tool-call' ? changed.get(block.name) : undefined
  return name === undefined ? block : ({ ...block, name } as Block)
}

function acceptBlockName(block: Block): Block {
  if (block.type === 'tool-call') return accepted.test(block.name) ? block : { ...block, name: acceptedName(block.name) }
  if (block.type === 'tool-result' && block.name !== undefined) return { ...block, name: acceptedName(block.name) }
  return block
}

function acceptChoiceNames(choice: ToolChoice): ToolChoice {
  if (choice.type === 'tool') return { ...choice, name: acceptedName(choice.name) }
  return choice.type === 'allowed' ? { ...choice, names: choice.names.map(acceptedName) } : choice
}
