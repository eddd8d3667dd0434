import { type HostedService, isJsonObject, type Json, type JsonObject } from 'tokligence'

/**
 * What a tool that the vendor runs does, in words that other protocols have too (openai 6.49.0, Tool). Undefined for those that no other
 * vendor has, and for an MCP server that only the vendor can reach, or whose calls the caller wants to approve, which no other vendor asks for.
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

function mcpServer({ server_label: name, server_url: url, authorization, allowed_tools: allowed, require_approval }: JsonObject): HostedService | undefined {
  // Without a word the vendor asks before every call.
  if (typeof name !== 'string' || typeof url !== 'string' || require_approval !== 'never') return undefined
  const allowedTools = texts(isJsonObject(allowed) ? allowed.tool_names : allowed)
  return { service: 'mcp', name, url, ...(typeof authorization === 'string' && { authorization }), ...(allowedTools && { allowedTools }) }
}

/** What the members of a tool are that `hostedService` takes up, or that ask for nothing. */
const saidMembers: Readonly<Record<HostedService['service'], readonly string[]>> = {
  'web-search': ['type', 'filters', 'search_context_size', 'user_location', 'external_web_access'],
  'web-fetch': ['type'],
  'code-execution': ['type', 'container'],
  mcp: ['type', 'server_label', 'server_url', 'authorization', 'allowed_tools', 'require_approval', 'server_description', 'defer_loading'],
}

/** The members of a tool of the vendor's that are lost when only what it does is told. */
export function unsaidMembers(tool: JsonObject, { service }: HostedService): string[] {
  const unsaid = Object.keys(tool).filter((name) => tool[name] !== null && !saidMembers[service].includes(name))
  if (service === 'web-search' && tool.external_web_access === false) unsaid.push('external_web_access')
  const { container, allowed_tools: allowed } = tool
  if (service === 'code-execution' && !(isJsonObject(container) && Object.keys(container).length === 1 && container.type === 'auto')) unsaid.push('container')
  if (service === 'mcp' && isJsonObject(allowed) && allowed.read_only !== undefined) unsaid.push('allowed_tools')
  return unsaid
}

function texts(value: Json | undefined): readonly string[] | undefined {
  return Array.isArray(value) && value.length > 0 && value.every((each: Json) => typeof each === 'string') ? (value as readonly string[]) : undefined
}
