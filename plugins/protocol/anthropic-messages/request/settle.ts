import {
  type Block,
  type Conversation,
  type Extensions,
  type ForeignTool,
  isJsonObject,
  type Json,
  type LossSink,
  type ReasoningRequest,
  type Tool,
  type Turn,
} from 'tokligence'
import { protocolId } from '../wire/extensions.ts'
import { withoutBillingLine } from './billing-line.ts'
import { toolsOfServers } from './hosted-tools.ts'
import { settleBlocks } from './settle-blocks.ts'
import { reportUnsaid } from './unsaid-members.ts'

/** Fields of this vendor and its clients that mean something near enough elsewhere, or whose loss changes nothing. What is left is the encoder's to report. */
export function settle(conversation: Conversation, losses: LossSink): Conversation {
  const { serviceTier, reasoning } = conversation
  const tier = serviceTier === 'standard_only' ? 'default' : serviceTier
  const settled = withoutFields(settleReasoning(conversation, losses), '', losses)
  return {
    ...settled,
    ...(tier !== undefined && { serviceTier: tier }),
    ...(reasoning?.display === 'summarized' && { reasoning: { ...reasoning, display: 'auto' } }),
    instructions: conversation.instructions.map((block, index) => withoutBillingHeader(block, `system[${index}]`, losses)),
    turns: conversation.turns.map((turn, index) => settleTurn(turn, `messages[${index}]`, losses)),
    tools: settleTools([...conversation.tools, ...serversAsTools(conversation)], losses),
    ...withoutServers(settled),
  }
}

/** A block that is nothing but the line stays, emptied, and keeps the numbers of those behind it. */
function withoutBillingHeader(block: Block, path: string, losses: LossSink): Block {
  const text = block.type === 'text' ? withoutBillingLine(block.text) : undefined
  if (block.type !== 'text' || text === undefined || text === block.text) return block
  losses.dropped(path, 'billing-header', 'hint')
  return { ...block, text }
}

function settleTurn(turn: Turn, path: string, losses: LossSink): Turn {
  const settled = withoutField(turn, 'output_config', `${path}.output_config`, losses)
  return { ...settled, blocks: settleBlocks(turn.blocks, `${path}.content`, losses) }
}

/** `between_tools` (ThinkingConfigBetweenTools in @anthropic-ai/sdk 1.12.0) is thinking turned off, with short reports between the calls of tools. */
function settleReasoning(conversation: Conversation, losses: LossSink): Conversation {
  const thinking = fieldsOf(conversation).thinking
  if (conversation.reasoning || !isJsonObject(thinking) || thinking.type !== 'between_tools') return conversation
  losses.approximated('thinking', 'thinking', 'hint', 'No thinking, and no reports between the calls of tools.')
  const off: ReasoningRequest = { mode: 'off' }
  const { thinking: _, ...rest } = fieldsOf(conversation)
  return { ...conversation, reasoning: off, ext: { ...conversation.ext, [protocolId]: rest } }
}

/** Every tool is offered, so nothing is left for the provider's own search among them; of the tools that it runs, what cannot be told elsewhere is named. */
function settleTools(tools: readonly Tool[], losses: LossSink): Tool[] {
  return tools.filter((tool, index) => {
    if (tool.type !== 'foreign') return true
    const path = `tools[${index}]`
    const searches = tool.kind.startsWith('tool_search_tool_')
    if (searches) losses.dropped(path, 'tool-search', 'hint', 'All tools are offered.')
    reportUnsaid(tool, path, losses)
    return !searches
  })
}

function serversAsTools(conversation: Conversation): ForeignTool[] {
  return toolsOfServers(fieldsOf(conversation).mcp_servers, namedServers(conversation.tools))
}

function namedServers(tools: readonly Tool[]): Set<string> {
  return new Set(tools.flatMap((tool) => (tool.type === 'foreign' && tool.hosted?.service === 'mcp' ? [tool.hosted.name] : [])))
}

/** Each server stands among the tools now. One that cannot, because it has no name or no address, is the encoder's to report. */
function withoutServers(conversation: Conversation): { readonly ext?: Extensions } {
  const { mcp_servers: servers, ...rest } = fieldsOf(conversation)
  if (!Array.isArray(servers)) return {}
  const left = servers.filter((server: Json) => !isJsonObject(server) || typeof server.name !== 'string' || typeof server.url !== 'string')
  return { ext: { ...conversation.ext, [protocolId]: left.length === 0 ? rest : { ...rest, mcp_servers: left } } }
}

/** There are no thoughts of this vendor in a history that goes elsewhere, so to clear them is to do nothing. */
function onlyClearsThoughts(value: Json): boolean {
  if (!isJsonObject(value) || !Array.isArray(value.edits)) return false
  return value.edits.every((edit: Json) => isJsonObject(edit) && typeof edit.type === 'string' && edit.type.startsWith('clear_thinking_'))
}

/** MessageCreateParams in @anthropic-ai/sdk 1.12.0: who pays, and what is told of the cache. Nothing of it is in the answer. */
const bookkeeping = ['diagnostics', 'user_profile_id', 'workspace_id', 'billing_policy']

function withoutFields(conversation: Conversation, path: string, losses: LossSink): Conversation {
  let settled = conversation
  const edits = fieldsOf(conversation).context_management
  if (edits !== undefined && onlyClearsThoughts(edits)) settled = withoutField(settled, 'context_management', `${path}context_management`, losses)
  for (const field of bookkeeping) settled = withoutField(settled, field, `${path}${field}`, losses)
  return settled
}

/** Takes out a field whose loss is a hint. */
function withoutField<Node extends { readonly ext?: Extensions }>(node: Node, field: string, path: string, losses: LossSink): Node {
  const { [field]: value, ...rest } = fieldsOf(node)
  if (value === undefined) return node
  if (value !== null) losses.dropped(path, field.replaceAll('_', '-'), 'hint')
  return { ...node, ext: { ...node.ext, [protocolId]: rest } }
}

function fieldsOf(node: { readonly ext?: Extensions }): { readonly [field: string]: Json } {
  return node.ext?.[protocolId] ?? {}
}
