import { isDeepStrictEqual } from 'node:util'
import { type ForeignTool, type FreeformTool, type FunctionTool, featureName, isJsonObject, type LossSink, type Tool, type ToolChoice } from 'tokligence'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { groupHead } from './decode-tools.ts'
import { hostedService, unsaidMembers } from './hosted-service.ts'

/**
 * One tool of each name, because a search may find a tool again; what is told of a group stands with its first tool; and the vendor's own search
 * for tools is left out, because all of them are offered.
 */
export function settleTools(tools: readonly Tool[], losses: LossSink): Tool[] {
  const settled = new Map<string, Tool>()
  const described = new Set<string>()
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`
    if (tool.type === 'foreign') {
      if (tool.protocol === protocolId && tool.kind === 'tool_search') losses.dropped(path, 'tool-search', 'hint', 'All tools are offered at once.')
      else settled.set(path, tool)
      reportUnsaid(tool, path, losses)
      continue
    }
    const key = `${tool.namespace ?? ''}\n${tool.name}`
    const known = settled.get(key)
    if (known) {
      if (!sameTool(known, tool)) losses.dropped(path, 'repeated-tool', 'semantic', 'The first tool of the name counts.')
      continue
    }
    settled.set(key, withGroup(tool, path, described, losses))
  }
  return [...settled.values()]
}

/** The choice of a tool that the vendor runs, as protocols say it that give such tools names. */
export function settleChoice(choice: ToolChoice | undefined, tools: readonly Tool[]): ToolChoice | undefined {
  if (choice?.type !== 'foreign' || choice.protocol !== protocolId || !isJsonObject(choice.value)) return choice
  const service = hostedService(choice.value, String(choice.value.type))?.service
  if (!service || !tools.some((tool) => tool.type === 'foreign' && tool.hosted?.service === service)) return choice
  const name = service.replaceAll('-', '_')
  return tools.some((tool) => tool.type !== 'foreign' && tool.name === name) ? choice : { type: 'tool', name }
}

/** Of a tool that other vendors run too, the settings that they do not have. */
function reportUnsaid({ protocol, value, hosted }: ForeignTool, path: string, losses: LossSink): void {
  if (!hosted || protocol !== protocolId || !isJsonObject(value)) return
  for (const name of unsaidMembers(value, hosted)) losses.dropped(`${path}.${name}`, featureName(name), name === 'search_content_types' ? 'hint' : 'semantic')
}

function withGroup(tool: FunctionTool | FreeformTool, path: string, described: Set<string>, losses: LossSink): Tool {
  const { namespace, description } = tool
  const head = groupHead(recall(tool).memo)
  if (namespace === undefined || described.has(namespace) || typeof head?.description !== 'string' || head.description.trim() === '') return tool
  described.add(namespace)
  losses.approximated(path, 'tool-group', 'hint', 'What the group is for is told with its first tool.')
  const told = `${namespace}: ${head.description}`
  return { ...tool, description: description === undefined ? told : `${told}\n\n${description}` }
}

function sameTool(known: Tool, again: FunctionTool | FreeformTool): boolean {
  if (known.type !== again.type) return false
  if (known.type === 'function' && again.type === 'function') return isDeepStrictEqual(known.parameters, again.parameters)
  return known.type === 'freeform' && again.type === 'freeform' && isDeepStrictEqual(known.format, again.format)
}
