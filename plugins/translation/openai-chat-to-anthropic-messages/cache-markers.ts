import type { Block, Conversation, Extensions, JsonObject, Tool, Turn } from 'tokligence'

const from = 'openai-chat'
const to = 'anthropic-messages'

/**
 * Callers who know that a Claude answers mark content parts and tools with `cache_control`, a field that chat completions do not have
 * (openrouter.ai/docs, "Prompt Caching"). It goes on to where it means something.
 */
export function carryCacheMarkers(conversation: Conversation): Conversation {
  return {
    ...conversation,
    turns: conversation.turns.map((turn): Turn => ({ ...turn, blocks: turn.blocks.map(carry) })),
    tools: conversation.tools.map((tool): Tool => (tool.type === 'foreign' ? tool : carry(tool))),
  }
}

function carry<Node extends Block | Exclude<Tool, { type: 'foreign' }>>(node: Node): Node {
  const fields = 'ext' in node ? node.ext?.[from] : undefined
  if (fields?.cache_control === undefined || fields.cache_control === null) return node
  const { cache_control, ...rest } = fields
  const own: JsonObject = { ...node.ext?.[to], cache_control }
  const ext: Extensions = { ...node.ext, [from]: rest, [to]: own }
  return { ...node, ext }
}
