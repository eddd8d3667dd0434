import type { Json, JsonObject, LossSink, Tool, ToolChoice } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'
import { allChosen, chosen } from './tool-choice.ts'

/** Undefined when nothing is to be said, or when it cannot be said, which is reported: the vendor refuses the choice of a tool that is not there. */
export function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[], written: readonly JsonObject[], losses: LossSink): Json | undefined {
  const lost = (detail: string): undefined => {
    losses.dropped('tool_choice', 'tool-choice', 'semantic', detail)
  }
  switch (choice.type) {
    case 'auto':
    case 'none':
      return written.length > 0 ? choice.type : undefined
    case 'required':
      return written.length > 0 ? choice.type : lost('There is no tool to choose from.')
    case 'tool':
      return isOffered(choice.name, tools) ? chosen(choice.name, tools) : (hostedChoice(choice.name, tools, written) ?? lost('The tool is not offered.'))
    case 'allowed': {
      const offered = new Set(tools.map((tool) => (tool.type === 'foreign' ? undefined : tool.name)))
      const names = choice.names.filter((name) => offered.has(name))
      if (names.length < choice.names.length) lost('Not all of the tools are offered.')
      return names.length === 0 ? undefined : { type: 'allowed_tools', mode: choice.mode, tools: allChosen(names, tools) }
    }
    case 'foreign':
      return choice.protocol === protocolId ? choice.value : lost('It is not one of this protocol.')
  }
}

function isOffered(name: string, tools: readonly Tool[]): boolean {
  return tools.some((tool) => tool.type !== 'foreign' && tool.name === name)
}

/** The vendor's own tool that stands for a tool of this name; a list of one, because not each of them may be chosen by itself (openai 6.49.0, ToolChoiceTypes). */
function hostedChoice(name: string, tools: readonly Tool[], written: readonly JsonObject[]): JsonObject | undefined {
  const hosted = tools.find((tool) => tool.type === 'foreign' && tool.name === name)
  const service = hosted?.type === 'foreign' ? hosted.hosted : undefined
  const type = service?.service === 'web-search' ? 'web_search' : service?.service === 'code-execution' ? 'code_interpreter' : undefined
  if (type === undefined || !written.some((tool) => tool.type === type)) return undefined
  return { type: 'allowed_tools', mode: 'required', tools: [{ type }] }
}
