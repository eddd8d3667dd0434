import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type Json, type JsonObject, type Tool, type ToolChoice } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'

/** `tool_choice`: a word, a tool, several tools, or a tool that the vendor runs (openai 6.49.0, ResponseCreateParamsBase.tool_choice). */
export function decodeToolChoice(value: Json): ToolChoice {
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value }
  const foreign: ToolChoice = { type: 'foreign', protocol: protocolId, value }
  if (!isJsonObject(value)) return foreign
  const name = nameOf(value)
  if (name !== undefined) return { type: 'tool', name, ...(typeof value.namespace === 'string' && { namespace: value.namespace }) }
  const { type, mode, tools } = value
  if (type !== 'allowed_tools' || (mode !== 'auto' && mode !== 'required') || !Array.isArray(tools)) return foreign
  const names = tools.map((tool: Json) => (isJsonObject(tool) ? nameOf(tool) : undefined))
  return names.every((each) => each !== undefined) ? { type: 'allowed', mode, names } : foreign
}

/** Undefined when the choice is another protocol's. */
export function encodeOwnChoice(choice: ToolChoice, tools: readonly Tool[]): Json | undefined {
  switch (choice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.type
    case 'tool':
      return { ...chosen(choice.name, tools), ...(choice.namespace !== undefined && { namespace: choice.namespace }) }
    case 'allowed':
      return { type: 'allowed_tools', mode: choice.mode, tools: allChosen(choice.names, tools) }
    case 'foreign':
      return choice.protocol === protocolId ? choice.value : undefined
  }
}

/** True when the choice would be written as it was. */
export function spellsChoice(value: Json | undefined, choice: ToolChoice, tools: readonly Tool[]): boolean {
  return isDeepStrictEqual(encodeOwnChoice(choice, tools), value)
}

/** The caller's own spelling, as long as it still says what is wanted. */
export function rememberedChoice(choice: ToolChoice, remembered: Json | undefined): Json | undefined {
  return remembered !== undefined && isDeepStrictEqual(decodeToolChoice(remembered), choice) ? remembered : undefined
}

export function chosen(name: string, tools: readonly Tool[]): JsonObject {
  return allChosen([name], tools)[0] as JsonObject
}

export function allChosen(names: readonly string[], tools: readonly Tool[]): readonly JsonObject[] {
  const freeform = new Set(tools.map((tool) => (tool.type === 'freeform' ? tool.name : undefined)))
  return names.map((name) => ({ type: freeform.has(name) ? 'custom' : 'function', name }))
}

function nameOf({ type, name }: JsonObject): string | undefined {
  return (type === 'function' || type === 'custom') && typeof name === 'string' ? name : undefined
}
