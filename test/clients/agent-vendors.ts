import type { JsonObject } from 'tokligence'
import { StrictVendors } from '../e2e/loops/strict-vendors.ts'
import { finalTurn, turnOf, type VendorCall } from '../e2e/loops/vendor-turns.ts'
import { turnsIn } from '../e2e/sent-turns.ts'
import { type Fields, objects } from '../support/json-fields.ts'
import type { RecordedProtocol } from '../support/recordings.ts'

/** What the commands print, which stands in none of them. */
export const printed = ['TOKL-42', 'TOKL-43']

const commands = [`printf 'TOKL-%d\\n' 0x2a`, `printf 'TOKL-%d\\n' 0x2b`]

/** Models that think, run two commands at once in the shell that an agent offers, and then tell what the commands printed. */
export class AgentVendors extends StrictVendors {
  protected override reply(protocol: RecordedProtocol, number: number, owner: string, asked: Fields): JsonObject {
    const shell = toolsIn(protocol, asked).find(({ name }) => /^(bash|shell|exec_command|shell_command|run_shell_command)$/i.test(name))
    const results = resultsIn(protocol, asked)
    if (results === undefined && shell) {
      const calls = commands.map((command): VendorCall => ({ name: shell.name, input: inputOf(shell, command) }))
      return turnOf(protocol, number, owner, calls)
    }
    const found = JSON.stringify(results ?? []).match(/TOKL-\d+/g) ?? []
    return finalTurn(protocol, number, owner, {}, `FINAL ${found.join(' ') || 'nothing was run'}`)
  }
}

interface OfferedTool {
  readonly name: string
  readonly properties: Fields
}

function toolsIn(protocol: RecordedProtocol, { tools }: Fields): readonly OfferedTool[] {
  const offered = objects(tools).flatMap((tool) => (protocol === 'gemini' ? objects(tool.functionDeclarations) : [tool]))
  return offered.map((tool) => {
    const { name, parameters, input_schema: input, parametersJsonSchema } = (protocol === 'openai-chat' ? tool.function : tool) as Fields
    const schema = (parameters ?? input ?? parametersJsonSchema ?? {}) as Fields
    return { name: String(name), properties: (schema.properties ?? {}) as Fields }
  })
}

function inputOf({ properties }: OfferedTool, command: string): JsonObject {
  const name = ['command', 'cmd'].find((each) => each in properties) ?? 'command'
  const { type } = (properties[name] ?? {}) as Fields
  return { [name]: String(type).toLowerCase() === 'array' ? ['bash', '-lc', command] : command, ...('description' in properties && { description: 'Prints' }) }
}

/** The results with which a request ends; undefined when it ends with something else. */
function resultsIn(protocol: RecordedProtocol, asked: Fields): readonly Fields[] | undefined {
  const turns = objects(asked[turnsIn[protocol]])
  // An agent may tell of its surroundings behind the results.
  const said = turns.filter(({ role }) => role !== 'system' && role !== 'developer')
  const isCall = ({ role, type }: Fields) => role === 'assistant' || role === 'model' || type === 'function_call' || type === 'reasoning'
  const last = said.slice(said.findLastIndex(isCall) + 1)
  return /tool_result|function_call_output|functionResponse|"role":"tool"/.test(JSON.stringify(last)) ? last : undefined
}
