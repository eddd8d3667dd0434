import { isJsonObject, type Json, type JsonObject, type PromptPart } from 'tokligence'

/**
 * Tools, the schema of the answer, instructions, input: the vendor puts tools before instructions and both before the input (openai.com, "Unrolling the
 * Codex agent loop"), and a schema before the text of the system (platform.openai.com, "Prompt caching"). Of functions and groups that wait to be found,
 * the name and the description alone are shown ("Tool search"). Undefined where the vendor keeps the turns before: the body holds only the last ones.
 */
export function promptParts(body: JsonObject): readonly PromptPart[] | undefined {
  const { tools, text: output, instructions, prompt, input } = body
  if ((body.previous_response_id ?? null) !== null || (body.conversation ?? null) !== null) return undefined
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input
  if (!Array.isArray(items)) return undefined
  const first = items.findIndex((item: Json) => !isInstruction(item))
  const turns = first === -1 ? items.length : first
  return [
    ...(Array.isArray(tools) ? tools.map((tool: Json, index) => standing(`tools[${index}]`, shownTool(tool))) : []),
    standing('text.format', isJsonObject(output) ? output.format : undefined),
    standing('prompt', prompt),
    standing('instructions', instructions),
    ...items.map((item: Json, index) => itemPart(item, `input[${index}]`, index >= turns)),
  ]
}

function standing(path: string, value: Json | undefined): PromptPart {
  return { path, text: value === undefined || value === null ? '' : JSON.stringify(value), turn: false }
}

function shownTool(tool: Json): Json {
  if (!isJsonObject(tool)) return tool
  const { type = null, name = null, description = null, tools } = tool
  if (tool.defer_loading === true) return { type, name, description }
  if (!Array.isArray(tools)) return tool
  return { ...tool, tools: tools.filter((member: Json) => !isJsonObject(member) || member.defer_loading !== true) }
}

function isInstruction(item: Json): boolean {
  return isJsonObject(item) && (item.role === 'system' || item.role === 'developer')
}

function itemPart(item: Json, path: string, turn: boolean): PromptPart {
  const part = { path, text: textOf(item) ?? JSON.stringify(item), turn }
  return isJsonObject(item) && typeof item.call_id === 'string' ? { ...part, unique: true } : part
}

/** What a message says that is nothing but text: `type` may be left out, and a text stands for one part of text (EasyInputMessage in openai 6.49.0). */
function textOf(item: Json): string | undefined {
  if (!isJsonObject(item) || typeof item.role !== 'string' || !Object.keys(item).every((name) => plain.has(name))) return undefined
  if ((item.type ?? 'message') !== 'message') return undefined
  const { role, content } = item
  if (typeof content === 'string') return `${role}: ${content}`
  const [only, ...others] = Array.isArray(content) ? (content as readonly Json[]) : []
  if (!isJsonObject(only) || others.length > 0 || only.type !== 'input_text' || typeof only.text !== 'string') return undefined
  return Object.keys(only).length === 2 ? `${role}: ${only.text}` : undefined
}

const plain = new Set(['type', 'role', 'content'])
