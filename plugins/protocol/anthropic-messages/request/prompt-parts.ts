import { isJsonObject, type Json, type JsonObject, type PromptPart } from 'tokligence'
import { textWithoutMarkers } from '../wire/cache-marker.ts'
import { withoutBillingLine } from './billing-line.ts'

/**
 * Tools, system text, what changes how the turns are written, the turns: platform.claude.com, "Prompt caching" and "Tool use with prompt caching" (what
 * invalidates the cache). Tools that wait to be found stand in no prompt until a turn names them. A schema of the answer is part of what the system text is
 * made into. Each block is a part: the vendor joins turns of one role that follow one another.
 */
export function promptParts(body: JsonObject): readonly PromptPart[] | undefined {
  const { tools, system, messages, tool_choice: toolChoice, thinking, output_config: output } = body
  if (!Array.isArray(messages)) return undefined
  return [
    ...toolParts(tools),
    standing('output_config.format', isJsonObject(output) ? output.format : undefined),
    ...systemParts(system),
    standing('tool_choice', toolChoice),
    standing('thinking', thinking),
    ...messages.flatMap((message: Json, index) => messageParts(message, `messages[${index}]`)),
  ]
}

function standing(path: string, value: Json | undefined): PromptPart {
  return { path, text: value === undefined ? '' : textWithoutMarkers(value), turn: false }
}

function toolParts(tools: Json | undefined): readonly PromptPart[] {
  if (!Array.isArray(tools)) return []
  return tools.flatMap((tool: Json, index) => (isJsonObject(tool) && tool.defer_loading === true ? [] : [standing(`tools[${index}]`, tool)]))
}

function systemParts(system: Json | undefined): readonly PromptPart[] {
  if (typeof system === 'string') return systemText('system', system)
  if (!Array.isArray(system)) return []
  return system.flatMap((block: Json, index) => {
    const text = textOf(block)
    return text === undefined ? [standing(`system[${index}]`, block)] : systemText(`system[${index}]`, text)
  })
}

function systemText(path: string, text: string): readonly PromptPart[] {
  const left = withoutBillingLine(text)
  return left === '' ? [] : [{ path, text: left, turn: false }]
}

/** A text is shorthand for one block of text: MessageParam in @anthropic-ai/sdk 1.12.0. */
function messageParts(message: Json, path: string): readonly PromptPart[] {
  if (!isJsonObject(message)) return [{ path, text: textWithoutMarkers(message), turn: true }]
  const { role, content } = message
  const said = typeof role === 'string' ? role : ''
  if (typeof content === 'string') return [{ path, text: `${said}: ${content}`, turn: true }]
  if (!Array.isArray(content)) return [{ path, text: textWithoutMarkers(message), turn: true }]
  return content.map((block: Json, index) => {
    const text = `${said}: ${textOf(block) ?? textWithoutMarkers(block)}`
    const at = `${path}.content[${index}]`
    return isResult(block) ? { path: at, text, turn: true, unique: true } : { path: at, text, turn: true }
  })
}

/** What a block says that is nothing but text. */
function textOf(block: Json): string | undefined {
  if (!isJsonObject(block) || block.type !== 'text' || typeof block.text !== 'string') return undefined
  return Object.keys(block).every((name) => plain.has(name)) ? block.text : undefined
}

const plain = new Set(['type', 'text', 'cache_control'])

function isResult(block: Json): boolean {
  return isJsonObject(block) && typeof block.tool_use_id === 'string'
}
