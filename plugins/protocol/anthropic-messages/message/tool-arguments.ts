import { isJsonObject, type Json, type JsonObject, type LossSink, type ToolCallBlock } from 'tokligence'
import { scanJson } from './json-scan.ts'

/** The one property that holds what is no JSON object: a freeform tool's text, or arguments that a model wrote wrongly. */
export const wrappedInput = 'input'
/** As deep as a request's body may be; writing a value that is much deeper would exhaust the stack. */
const maximumDepth = 512

/** A call's arguments as the object that `tool_use.input` must be. */
export function argumentsObject(call: ToolCallBlock, path: string, losses: LossSink): JsonObject {
  if (call.form === 'text') {
    losses.approximated(path, 'freeform-tool', 'hint', `The free text stands in the property "${wrappedInput}".`)
    return { [wrappedInput]: call.argumentsText }
  }
  const { argumentsText } = call
  if (argumentsText.trim() === '') return {}
  const { depth, inexactInteger } = scanJson(argumentsText)
  const value = depth > maximumDepth ? argumentsText : parsed(argumentsText)
  if (inexactInteger !== undefined && value !== argumentsText) {
    losses.approximated(path, 'number-precision', 'semantic', `${inexactInteger.slice(0, 40)} has more digits than a number here keeps.`)
  }
  if (isJsonObject(value)) return value
  losses.approximated(path, 'tool-arguments', 'semantic', `The arguments are no JSON object; they stand in the property "${wrappedInput}".`)
  return { [wrappedInput]: value }
}

/** True for what `argumentsObject` would not have to wrap. */
export function isArgumentsObject(text: string): boolean {
  return text.trim() === '' || (scanJson(text).depth <= maximumDepth && isJsonObject(parsed(text)))
}

/** The text itself when it is not JSON. */
function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
