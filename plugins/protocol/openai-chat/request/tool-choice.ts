import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type Json, type JsonObject, type Tool, type ToolChoice } from 'tokligence'
import type { EncodeContext } from '../message/encode-part.ts'
import { protocolId } from '../wire/wire-memo.ts'

export function decodeToolChoice(value: Json): ToolChoice {
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value }
  const foreign: ToolChoice = { type: 'foreign', protocol: protocolId, value }
  if (!isJsonObject(value)) return foreign
  const name = nameOf(value)
  if (name !== undefined) return { type: 'tool', name }
  const { allowed_tools: allowed } = value
  if (value.type !== 'allowed_tools' || !isJsonObject(allowed) || !Array.isArray(allowed.tools)) return foreign
  const names = allowed.tools.map((tool: Json) => (isJsonObject(tool) ? nameOf(tool) : undefined))
  const { mode } = allowed
  if ((mode !== 'auto' && mode !== 'required') || !names.every((each) => each !== undefined)) return foreign
  return { type: 'allowed', mode, names }
}

/** `function_call`, which came before `tool_choice`: `none`, `auto`, or `{ name }`. */
export function decodeLegacyChoice(value: Json): ToolChoice {
  if (value === 'auto' || value === 'none') return { type: value }
  if (isJsonObject(value) && typeof value.name === 'string') return { type: 'tool', name: value.name }
  return { type: 'foreign', protocol: protocolId, value }
}

/** Undefined when it cannot be said; the loss is reported. */
export function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[], context: EncodeContext): Json | undefined {
  switch (choice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.type
    case 'tool':
      if (choice.namespace !== undefined) context.losses.dropped('tool_choice.namespace', 'tool-namespace', 'semantic')
      return allNamed([choice.name], tools)[0]
    case 'allowed':
      return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools: allNamed(choice.names, tools) } }
    case 'foreign':
      if (choice.protocol === protocolId) return choice.value
      context.losses.dropped('tool_choice', 'tool-choice', 'semantic')
      return undefined
  }
}

/** The caller's own spelling, as long as it still says what is wanted. */
export function rememberedChoice(choice: ToolChoice, memo: JsonObject): JsonObject | undefined {
  const { tool_choice: modern, function_call: legacy } = memo
  if (modern !== undefined && isDeepStrictEqual(decodeToolChoice(modern), choice)) return { tool_choice: modern }
  if (legacy !== undefined && isDeepStrictEqual(decodeLegacyChoice(legacy), choice)) return { function_call: legacy }
  return undefined
}

function nameOf(value: JsonObject): string | undefined {
  const body = value.type === 'function' ? value.function : value.type === 'custom' ? value.custom : undefined
  return isJsonObject(body) && typeof body.name === 'string' ? body.name : undefined
}

function allNamed(names: readonly string[], tools: readonly Tool[]): readonly JsonObject[] {
  const freeform = new Set(tools.map((tool) => (tool.type === 'freeform' ? tool.name : undefined)))
  return names.map((name) => (freeform.has(name) ? { type: 'custom', custom: { name } } : { type: 'function', function: { name } }))
}
