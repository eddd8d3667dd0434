import { isJsonObject, type Json, type JsonObject, type LossSink, type ToolCallBlock } from 'tokligence'

/** The one property that holds what is no JSON object: a freeform tool's text, or arguments that a model wrote wrongly. */
export const wrappedInput = 'input'

/** A call's arguments as the object that `tool_use.input` must be. */
export function argumentsObject(call: ToolCallBlock, path: string, losses: LossSink): JsonObject {
  if (call.form === 'text') {
    losses.approximated(path, 'freeform-tool', 'hint', `The free text stands in the property "${wrappedInput}".`)
    return { [wrappedInput]: call.argumentsText }
  }
  if (call.argumentsText.trim() === '') return {}
  let value: Json
  try {
    value = JSON.parse(call.argumentsText) as Json
  } catch {
    value = call.argumentsText
  }
  if (isJsonObject(value)) return value
  losses.approximated(path, 'tool-arguments', 'semantic', `The arguments are no JSON object; they stand in the property "${wrappedInput}".`)
  return { [wrappedInput]: value }
}
