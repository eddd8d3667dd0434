import { type Block, type Conversation, type Json, type JsonObject, type Memo, requestReader as read, splitUnset } from 'tokligence'
import { remember } from '../wire/wire-memo.ts'
import { decodeInput } from './decode-input.ts'
import { decodeTools } from './decode-tools.ts'
import { requestGroups } from './request-groups.ts'
import { decodeToolChoice, spellsChoice } from './tool-choice.ts'

/**
 * A request body in the neutral form. Items that an assistant made, one behind another, are one turn, and so are the results of calls.
 * Throws GatewayError `TKL_REQUEST_INVALID` with the path of the field at fault.
 */
export function decodeRequest(body: JsonObject): Conversation {
  const { model, ...others } = body
  const { given, unset } = splitUnset(others)
  const { input, instructions, tools: listed, tool_choice: choice, parallel_tool_calls: parallel, ...settings } = given
  const name = read.string(model, 'model')
  const told = decodeInstructions(instructions)
  const { turns, tools: inItems } = decodeInput(input)
  const tools = [...decodeTools(listed, 'tools'), ...inItems]
  const toolChoice = choice === undefined ? undefined : decodeToolChoice(choice)
  const parallelToolCalls = read.optionalBoolean(parallel, 'parallel_tool_calls')
  let fields: Partial<Conversation> = {}
  let idle: JsonObject = unset
  let memo: Memo = { native: true, tool_choice: toolChoice && !spellsChoice(choice, toolChoice, tools) ? choice : undefined }
  let rest = settings
  for (const take of requestGroups) {
    const taken = take(rest)
    fields = { ...fields, ...taken.fields }
    idle = { ...idle, ...taken.unset }
    memo = { ...memo, ...taken.memo }
    rest = taken.rest
  }
  return {
    model: name,
    stream: false,
    ...told,
    turns,
    tools,
    ...(toolChoice && { toolChoice }),
    ...(parallelToolCalls !== undefined && { parallelToolCalls }),
    sampling: {},
    ...fields,
    ...remember(rest, { ...memo, unset: idle }),
  }
}

function decodeInstructions(value: Json | undefined): Pick<Conversation, 'instructions' | 'instructionsForm'> {
  const text = read.optionalString(value, 'instructions')
  const blocks: Block[] = text === undefined ? [] : [{ type: 'text', text }]
  return { instructions: blocks, instructionsForm: text === undefined ? 'none' : 'text' }
}
