import { isJsonObject, type Json, type JsonObject, type PromptPart } from 'tokligence'
import { takeFields } from '../wire/fields.ts'

const names = ['cachedContent', 'systemInstruction', 'tools', 'toolConfig', 'contents'] as const

/**
 * A cache that is referred to, system text, tools and how they are called, contents: implicit caching goes by a "common prefix" (ai.google.dev, "Context
 * caching"), and a cache of the vendor's own, which stands before the prompt, holds the system text and the tools. Which of those two stands first the vendor
 * does not say. Each part of a content is one: neighbours of one role are one turn.
 */
export function promptParts(body: JsonObject): readonly PromptPart[] | undefined {
  const { cachedContent, systemInstruction, tools, toolConfig, contents } = takeFields(body, names).fields
  const turns = isJsonObject(contents) ? [contents] : contents
  if (!Array.isArray(turns)) return undefined
  return [
    standing('cachedContent', cachedContent),
    standing('systemInstruction', systemInstruction),
    ...(Array.isArray(tools) ? tools.flatMap((tool: Json, index) => toolParts(tool, `tools[${index}]`)) : [standing('tools', tools)]),
    standing('toolConfig', toolConfig),
    ...turns.flatMap((content: Json, index) => contentParts(content, `contents[${index}]`)),
  ]
}

function standing(path: string, value: Json | undefined): PromptPart {
  return { path, text: value === undefined ? '' : JSON.stringify(value), turn: false }
}

/** Functions are declared in lists within the list. */
function toolParts(tool: Json, path: string): readonly PromptPart[] {
  const { fields, rest } = isJsonObject(tool) ? takeFields(tool, ['functionDeclarations']) : { fields: {}, rest: undefined }
  const { functionDeclarations: declared } = fields as { readonly functionDeclarations?: Json }
  if (!Array.isArray(declared) || Object.keys(rest ?? {}).length > 0) return [standing(path, tool)]
  return declared.map((declaration: Json, index) => standing(`${path}.functionDeclarations[${index}]`, declaration))
}

function contentParts(content: Json, path: string): readonly PromptPart[] {
  if (!isJsonObject(content)) return [{ path, text: JSON.stringify(content), turn: true }]
  const { role, parts } = content
  const said = typeof role === 'string' ? role : 'user'
  if (!Array.isArray(parts)) return [{ path, text: `${said}: ${JSON.stringify(parts ?? null)}`, turn: true }]
  return parts.map((part: Json, index) => {
    const text = `${said}: ${textOf(part) ?? JSON.stringify(part)}`
    const at = `${path}.parts[${index}]`
    return isNumbered(part) ? { path: at, text, turn: true, unique: true } : { path: at, text, turn: true }
  })
}

/** What a part says that is nothing but text. */
function textOf(part: Json): string | undefined {
  return isJsonObject(part) && typeof part.text === 'string' && Object.keys(part).length === 1 ? part.text : undefined
}

/** A result with the id of its call, which the vendor gives out since its third generation. */
function isNumbered(part: Json): boolean {
  if (!isJsonObject(part)) return false
  const { functionResponse: result } = takeFields(part, ['functionResponse']).fields
  return isJsonObject(result) && typeof result.id === 'string'
}
