import { randomBytes } from 'node:crypto'
import type { Block, Conversation, FreeformTool, FunctionTool, ToolCallBlock } from 'tokligence'
import type { Behaviour } from './behaviour.ts'
import { sampleValue } from './sample-value.ts'

type CallableTool = FunctionTool | FreeformTool

/**
 * The calls that are asked for, with a line of text before each; undefined when none is, or the caller allows none. A tool that is not offered is not
 * called: the answer says so, as a model would only be confused.
 */
export function callTools(conversation: Conversation, behaviour: Behaviour): readonly Block[] | undefined {
  const { toolChoice } = conversation
  const forced = toolChoice?.type === 'required' || toolChoice?.type === 'tool' || (toolChoice?.type === 'allowed' && toolChoice.mode === 'required')
  const wanted = Math.max(behaviour.calls, forced ? 1 : 0)
  if (wanted === 0 || toolChoice?.type === 'none') return undefined
  const tools = callable(conversation, behaviour)
  if (tools.length === 0) return [{ type: 'text', text: notOffered(conversation, behaviour) }]
  const count = conversation.parallelToolCalls === false ? 1 : wanted
  return Array.from({ length: count }, (_, index) => {
    const tool = tools[index % tools.length] as CallableTool
    const words = `${index === 0 ? 'I call' : 'And I call'} ${tool.name}.`
    return [{ type: 'text', text: words } as const, call(tool, behaviour.toolArguments)]
  }).flat()
}

function callable({ tools, toolChoice }: Conversation, { toolName }: Behaviour): readonly CallableTool[] {
  const offered = tools.filter((tool): tool is CallableTool => tool.type !== 'foreign')
  const names = toolChoice?.type === 'tool' ? [toolChoice.name] : toolChoice?.type === 'allowed' ? toolChoice.names : undefined
  const allowed = names ? offered.filter((tool) => names.includes(tool.name)) : offered
  return toolName === undefined ? allowed : allowed.filter((tool) => tool.name === toolName)
}

function notOffered({ tools }: Conversation, { toolName }: Behaviour): string {
  const names = tools.flatMap((tool) => (tool.name === undefined ? [] : [tool.name]))
  const asked = toolName === undefined ? 'No tool' : `No tool named ${toolName}`
  return `${asked} can be called here. Offered: ${names.join(', ') || 'none'}.`
}

function call(tool: CallableTool, given: string | undefined): ToolCallBlock {
  const common = {
    type: 'tool-call',
    id: `call_${randomBytes(12).toString('hex')}`,
    name: tool.name,
    ...(tool.namespace !== undefined && { namespace: tool.namespace }),
    executedBy: 'client',
  } as const
  if (tool.type === 'freeform') return { ...common, form: 'text', argumentsText: given ?? 'loopback' }
  return { ...common, form: 'json', argumentsText: given ?? JSON.stringify(sampleValue(tool.parameters ?? {})) }
}
