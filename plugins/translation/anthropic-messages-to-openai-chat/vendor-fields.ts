import { type Block, type Conversation, type Extensions, isJsonObject, type Json, type LossSink, type Turn } from 'tokligence'

const from = 'anthropic-messages'

/** Fields and blocks of the vendor that have a meaning near enough here, or whose loss changes nothing. What is left is the codec's to report. */
export function settleVendorFields(conversation: Conversation, losses: LossSink): Conversation {
  const { serviceTier, ...rest } = conversation
  const tier = serviceTier === 'standard_only' ? 'default' : serviceTier
  return {
    ...withoutField(rest, 'context_management', 'context_management', losses, onlyClearsThoughts),
    ...(tier !== undefined && { serviceTier: tier }),
    instructions: conversation.instructions.map((block, index) => withoutBillingHeader(block, `system[${index}]`, losses)),
    turns: conversation.turns.map((turn, index) => settleTurn(turn, `messages[${index}]`, losses)),
  }
}

/**
 * The line that Claude Code opens its system text with holds a number that changes with every request, and would spoil the provider's prompt
 * cache. The emptied block keeps the numbers of those behind it.
 */
function withoutBillingHeader(block: Block, path: string, losses: LossSink): Block {
  if (block.type !== 'text' || !block.text.startsWith('x-anthropic-billing-header:')) return block
  losses.dropped(path, 'billing-header', 'hint')
  return { ...block, text: '' }
}

function settleTurn(turn: Turn, path: string, losses: LossSink): Turn {
  const settled = withoutField(turn, 'output_config', `${path}.output_config`, losses, isJsonObject)
  return {
    ...settled,
    blocks: settled.blocks.map((block, index): Block => {
      if (block.type !== 'tool-result') return block
      const content = block.content.map((inner, position) => describeReference(inner, `${path}.content[${index}].content[${position}]`, losses))
      return { ...block, content }
    }),
  }
}

/** What the client's own search for tools found: the tools themselves come with the next request. */
function describeReference(block: Block, path: string, losses: LossSink): Block {
  if (block.type !== 'foreign' || block.kind !== 'tool_reference' || !isJsonObject(block.value)) return block
  losses.approximated(path, 'tool-reference', 'hint', 'Told in words.')
  return { type: 'text', text: `The tool ${String(block.value.tool_name)} can be called now.` }
}

/** There are no thoughts in the history of chat completions, so to clear them is to do nothing. */
function onlyClearsThoughts(value: Json): boolean {
  if (!isJsonObject(value) || !Array.isArray(value.edits)) return false
  return value.edits.every((edit: Json) => isJsonObject(edit) && typeof edit.type === 'string' && edit.type.startsWith('clear_thinking_'))
}

/** Takes out a field whose loss is a hint when its value passes the test. */
function withoutField<Node extends { readonly ext?: Extensions }>(
  node: Node,
  field: string,
  path: string,
  losses: LossSink,
  passes: (value: Json) => boolean,
): Node {
  const { [field]: value, ...rest } = node.ext?.[from] ?? {}
  if (value === undefined || !passes(value)) return node
  losses.dropped(path, field.replaceAll('_', '-'), 'hint')
  return { ...node, ext: { ...node.ext, [from]: rest } }
}
