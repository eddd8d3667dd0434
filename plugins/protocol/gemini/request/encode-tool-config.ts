import { type Conversation, isJsonObject, type JsonObject, type LossSink, type ToolChoice } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'
import type { EncodedTools } from './encode-tools.ts'

/** `toolConfig` for another protocol's choice; undefined when there is nothing to say. */
export function encodeToolConfig(conversation: Conversation, { functions, hosted }: EncodedTools, losses: LossSink): JsonObject | undefined {
  const { toolChoice, parallelToolCalls, tools } = conversation
  if (parallelToolCalls === false && functions.length > 0) losses.dropped('parallel_tool_calls', 'parallel-tool-calls', 'hint')
  const strict = tools.filter((tool) => tool.type === 'function' && tool.strict === true)
  const choice = toolChoice && offeredChoice(toolChoice, functions, losses)
  const calling = functions.length === 0 ? undefined : callingConfig(choice, strict.length > 0)
  if (strict.length > 0 && strict.length < functions.length && calling?.mode !== 'NONE')
    losses.approximated('tools', 'strict-tool', 'hint', 'The arguments of all functions are held to their schemas.')
  const config = {
    ...(calling && { functionCallingConfig: calling }),
    // Demanded where both are offered (ai.google.dev/gemini-api/docs/tool-combination).
    ...(hosted && functions.length > 0 && { includeServerSideToolInvocations: true }),
  }
  return Object.keys(config).length === 0 ? undefined : config
}

/** The vendor refuses a choice without functions, and one of a function that is not declared. */
function offeredChoice(choice: ToolChoice, functions: readonly string[], losses: LossSink): ToolChoice | undefined {
  const names = choice.type === 'tool' ? [choice.name] : choice.type === 'allowed' ? choice.names : []
  const declared = new Set(functions)
  const offered = declared.size > 0 && names.every((name) => declared.has(name))
  if (choice.type === 'foreign' && choice.protocol !== protocolId) {
    losses.dropped('tool_choice', 'tool-choice', 'semantic')
    return undefined
  }
  if (offered) return choice
  if (choice.type === 'allowed' && functions.length > 0) {
    losses.approximated('tool_choice', 'tool-choice', 'semantic', 'Tools that are not functions cannot be named.')
    const known = choice.names.filter((name) => declared.has(name))
    return known.length === 0 ? { type: 'none' } : { ...choice, names: known }
  }
  if (choice.type !== 'auto' && choice.type !== 'none') losses.dropped('tool_choice', 'tool-choice', 'semantic', 'The tool is not among the functions.')
  return undefined
}

/**
 * FunctionCallingConfigMode in @google/genai 3.1.0. Names are only taken beside ANY and VALIDATED. ANY holds arguments to the schemas by itself;
 * VALIDATED leaves the choice to the model and does so too (ai.google.dev/gemini-api/docs/function-calling, "Function calling modes").
 */
export function callingConfig(choice: ToolChoice | undefined, strict: boolean): JsonObject | undefined {
  switch (choice?.type) {
    case undefined:
      return strict ? { mode: 'VALIDATED' } : undefined
    case 'auto':
      return { mode: strict ? 'VALIDATED' : 'AUTO' }
    case 'none':
      return { mode: 'NONE' }
    case 'required':
      return { mode: 'ANY' }
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] }
    case 'allowed':
      return { mode: choice.mode === 'required' ? 'ANY' : 'VALIDATED', allowedFunctionNames: choice.names }
    case 'foreign':
      return choice.protocol === protocolId && isJsonObject(choice.value) ? choice.value : undefined
  }
}
