import { isJsonObject, type Json, type JsonObject, type PromptPart } from 'tokligence'
import { textWithoutMarkers } from '../../anthropic-messages/wire/cache-marker.ts'

/**
 * Tools, the schema of the answer, messages: platform.openai.com, "Prompt caching": tools and messages are cached, and "the structured output schema
 * serves as a prefix to the system message". Which of the first two stands first the vendor does not say. Messages of the system at the beginning stand for
 * all requests. Hosts take markers of the cache in messages and tools, as Anthropic does.
 */
export function promptParts(body: JsonObject): readonly PromptPart[] | undefined {
  const { tools, functions, response_format: format, messages } = body
  if (!Array.isArray(messages)) return undefined
  const first = messages.findIndex((message: Json) => !isInstruction(message))
  const turns = first === -1 ? messages.length : first
  return [
    ...standing(tools, 'tools'),
    ...standing(functions, 'functions'),
    { path: 'response_format', text: format === undefined ? '' : textWithoutMarkers(format), turn: false },
    ...messages.map((message: Json, index) => messagePart(message, `messages[${index}]`, index >= turns)),
  ]
}

function standing(tools: Json | undefined, name: string): readonly PromptPart[] {
  if (!Array.isArray(tools)) return []
  return tools.map((tool: Json, index) => ({ path: `${name}[${index}]`, text: textWithoutMarkers(tool), turn: false }))
}

function isInstruction(message: Json): boolean {
  return isJsonObject(message) && (message.role === 'system' || message.role === 'developer')
}

function messagePart(message: Json, path: string, turn: boolean): PromptPart {
  const part = { path, text: textOf(message) ?? textWithoutMarkers(message), turn }
  return isJsonObject(message) && typeof message.tool_call_id === 'string' ? { ...part, unique: true } : part
}

/** What a message says that is nothing but text. One part of text is the same as the text: clients write it so to mark it. */
function textOf(message: Json): string | undefined {
  if (!isJsonObject(message) || typeof message.role !== 'string' || Object.keys(message).length !== 2) return undefined
  const { role, content } = message
  if (typeof content === 'string') return `${role}: ${content}`
  const [only, ...others] = Array.isArray(content) ? (content as readonly Json[]) : []
  if (!isJsonObject(only) || others.length > 0 || only.type !== 'text' || typeof only.text !== 'string') return undefined
  return Object.keys(only).every((name) => plain.has(name)) ? `${role}: ${only.text}` : undefined
}

const plain = new Set(['type', 'text', 'cache_control'])
