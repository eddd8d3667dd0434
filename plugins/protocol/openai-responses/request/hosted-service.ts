import { type HostedService, isJsonObject, type Json, type JsonObject } from 'tokligence'

/**
 * What a tool that the vendor runs does, in words that other protocols have too (openai 6.49.0, Tool). Undefined for those that no other
 * vendor has, and for an MCP server that only the vendor can reach.
 */
export function hostedService(tool: JsonObject, kind: string): HostedService | undefined {
  if (/^web_search(_preview)?(_\d|$)/.test(kind)) return webSearch(tool)
  if (kind === 'code_interpreter') return { service: 'code-execution' }
  return kind === 'mcp' ? mcpServer(tool) : undefined
}

function webSearch({ filters, search_context_size: size, user_location: place }: JsonObject): HostedService {
  const allowed = isJsonObject(filters) ? texts(filters.allowed_domains) : undefined
  const blocked = isJsonObject(filters) ? texts(filters.blocked_domains) : undefined
  const location = isJsonObject(place) ? somewhere(place) : undefined
  return {
    service: 'web-search',
    ...(allowed && { allowedDomains: allowed }),
    ...(blocked && { blockedDomains: blocked }),
    ...(typeof size === 'string' && { contextSize: size }),
    ...(location && { location }),
  }
}

type Place = NonNullable<Extract<HostedService, { service: 'web-search' }>['location']>

function somewhere(place: JsonObject): Place | undefined {
  const told = (['city', 'region', 'country', 'timezone'] as const).filter((name) => typeof place[name] === 'string')
  return told.length === 0 ? undefined : Object.fromEntries(told.map((name) => [name, place[name]]))
}

function mcpServer({ server_label: name, server_url: url, authorization, allowed_tools: allowed }: JsonObject): HostedService | undefined {
  if (typeof name !== 'string' || typeof url !== 'string') return undefined
  const allowedTools = texts(isJsonObject(allowed) ? allowed.tool_names : allowed)
  return { service: 'mcp', name, url, ...(typeof authorization === 'string' && { authorization }), ...(allowedTools && { allowedTools }) }
}

function texts(value: Json | undefined): readonly string[] | undefined {
  return Array.isArray(value) && value.length > 0 && value.every((each: Json) => typeof each === 'string') ? (value as readonly string[]) : undefined
}
