import { isJsonObject, type Json, type JsonObject } from 'tokligence'

/** Body members that the API takes only beside a name in `anthropic-beta` (AnthropicBeta in @anthropic-ai/sdk 1.12.0, resources/beta/beta.d.ts). */
const betas: readonly (readonly [needs: (body: JsonObject) => boolean, beta: string])[] = [
  [(body) => body.mcp_servers !== undefined, 'mcp-client-2025-11-20'],
  [(body) => body.context_management !== undefined, 'context-management-2025-06-27'],
  [(body) => holdsFileReference(body.messages), 'files-api-2025-04-14'],
]

/** The header that a translated body needs beside the betas that are `configured`; nothing when it needs none. */
export function betaHeaders(body: JsonObject, configured: string | undefined): Readonly<Record<string, string>> {
  const names = betas.filter(([needs]) => needs(body)).map(([, beta]) => beta)
  if (names.length === 0) return {}
  const known = configured?.split(',').map((name) => name.trim()) ?? []
  return { 'anthropic-beta': [...new Set([...known.filter((name) => name !== ''), ...names])].join(',') }
}

function holdsFileReference(messages: Json | undefined): boolean {
  return Array.isArray(messages) && messages.some((message: Json) => isJsonObject(message) && holdsFile(message.content))
}

function holdsFile(content: Json | undefined): boolean {
  if (!Array.isArray(content)) return false
  return content.some((block: Json) => isJsonObject(block) && ((isJsonObject(block.source) && block.source.type === 'file') || holdsFile(block.content)))
}
