import type { FreeformTool, FunctionTool } from './conversation.ts'
import { isJsonObject, type Json } from './json.ts'
import type { LossSink } from './loss.ts'

/** The one property of the function that stands for a freeform tool. */
const freeTextProperty = 'input'

/** A function that stands for a tool whose input is free text. */
export function wrapFreeform(tool: FreeformTool, path: string, losses: LossSink): FunctionTool {
  losses.approximated(path, 'freeform-tool', 'hint', `A function whose argument "${freeTextProperty}" is the text.`)
  const { format, description, type: _, ...bare } = tool
  const told = [description, `The whole input goes into the argument "${freeTextProperty}" as it is, without any wrapping.`, grammarOf(format)]
  return {
    ...bare,
    type: 'function',
    description: told.filter((part) => part).join('\n\n'),
    parameters: {
      type: 'object',
      properties: { [freeTextProperty]: { type: 'string', description: 'The whole input of the tool.' } },
      required: [freeTextProperty],
      additionalProperties: false,
    },
  }
}

function grammarOf(format: Json | undefined): string | undefined {
  if (format === undefined) return undefined
  if (isJsonObject(format) && format.type === 'text') return undefined
  if (isJsonObject(format) && typeof format.definition === 'string')
    return `It must follow this ${String(format.syntax ?? 'grammar')} grammar:\n${format.definition}`
  return `It must follow this format: ${JSON.stringify(format)}`
}

/** Free text as the arguments of that function. */
export function wrapText(text: string): string {
  return JSON.stringify({ [freeTextProperty]: text })
}

/** The free text in them. Arguments that do not have the shape that was asked for reach the tool as they are. */
export function unwrapText(argumentsText: string): string {
  let value: Json
  try {
    value = JSON.parse(argumentsText) as Json
  } catch {
    return argumentsText
  }
  const text = isJsonObject(value) && Object.hasOwn(value, freeTextProperty) ? value[freeTextProperty] : undefined
  return typeof text === 'string' ? text : argumentsText
}
