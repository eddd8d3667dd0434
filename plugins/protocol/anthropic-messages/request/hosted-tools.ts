import { type ForeignTool, type HostedService, isJsonObject, type Json, type JsonObject, type LossSink } from 'tokligence'
import { protocolId } from '../wire/extensions.ts'

/** The members of a request's `mcp_servers` by their names; the first of each name counts. */
export function serversByName(servers: Json | undefined): ReadonlyMap<Json, JsonObject> {
  const named = new Map<Json, JsonObject>()
  for (const server of Array.isArray(servers) ? (servers as readonly Json[]) : [])
    if (isJsonObject(server) && server.name !== undefined && !named.has(server.name)) named.set(server.name, server)
  return named
}

/** What a tool that the provider runs does, in words that other protocols have too. */
export function hostedService(tool: JsonObject, kind: string, servers: ReadonlyMap<Json, JsonObject>): HostedService | undefined {
  if (/^web_search_\d+$/.test(kind)) return webSearch(tool)
  if (/^web_fetch_\d+$/.test(kind)) return { service: 'web-fetch' }
  if (/^code_execution_\d+$/.test(kind)) return { service: 'code-execution' }
  if (kind !== 'mcp_toolset') return undefined
  const server = tool.mcp_server_name === undefined ? undefined : servers.get(tool.mcp_server_name)
  return server && remoteServer(server, enabledTools(tool))
}

/** WebSearchTool20250305 in @anthropic-ai/sdk 1.12.0; later versions have the same fields and more. */
function webSearch(tool: JsonObject): HostedService {
  const { max_uses: maxUses, user_location: where } = tool
  const allowed = texts(tool.allowed_domains)
  const blocked = texts(tool.blocked_domains)
  const location = isJsonObject(where) ? placeOf(where) : {}
  return {
    service: 'web-search',
    ...(allowed && { allowedDomains: allowed }),
    ...(blocked && { blockedDomains: blocked }),
    ...(typeof maxUses === 'number' && { maxUses }),
    ...(Object.keys(location).length > 0 && { location }),
  }
}

type Place = NonNullable<Extract<HostedService, { service: 'web-search' }>['location']>

function placeOf({ city, region, country, timezone }: JsonObject): Place {
  return {
    ...(typeof city === 'string' && { city }),
    ...(typeof region === 'string' && { region }),
    ...(typeof country === 'string' && { country }),
    ...(typeof timezone === 'string' && { timezone }),
  }
}

/** BetaRequestMCPServerURLDefinition; in its first version the server named its tools itself (`tool_configuration`). */
export function remoteServer(server: JsonObject, enabled?: readonly string[]): HostedService | undefined {
  const { name, url, authorization_token: authorization, tool_configuration: configuration } = server
  if (typeof name !== 'string' || typeof url !== 'string') return undefined
  if (isJsonObject(configuration) && configuration.enabled === false) return undefined
  const allowedTools = enabled ?? (isJsonObject(configuration) ? texts(configuration.allowed_tools) : undefined)
  return { service: 'mcp', name, url, ...(typeof authorization === 'string' && { authorization }), ...(allowedTools && { allowedTools }) }
}

/** The only tools that may be used, where the toolset names them: all are switched off, and some on again. */
function enabledTools({ default_config: usual, configs }: JsonObject): string[] | undefined {
  if (!isJsonObject(usual) || usual.enabled !== false) return undefined
  return Object.entries(isJsonObject(configs) ? configs : {}).flatMap(([name, config]) => (isJsonObject(config) && config.enabled === true ? [name] : []))
}

function texts(value: Json | undefined): string[] | undefined {
  return Array.isArray(value) && value.length > 0 && value.every((each: Json) => typeof each === 'string') ? [...(value as string[])] : undefined
}

export interface EncodedHostedTool {
  readonly tool: JsonObject
  /** A member of the request’s `mcp_servers`. */
  readonly server?: JsonObject
}

/** Another protocol's tool of this kind, in the form that every model which has such tools takes. Undefined, with a loss reported, where there is none. */
export function encodeHostedTool(tool: ForeignTool, path: string, losses: LossSink): EncodedHostedTool | undefined {
  const { hosted } = tool
  switch (hosted?.service) {
    case 'web-search':
      return { tool: { type: 'web_search_20250305', name: 'web_search', ...searchFields(hosted, path, losses) } }
    case 'web-fetch':
      return { tool: { type: 'web_fetch_20250910', name: 'web_fetch' } }
    case 'code-execution':
      return { tool: { type: 'code_execution_20250825', name: 'code_execution' } }
    case 'mcp': {
      const { name, url, authorization, allowedTools } = hosted
      const configs = allowedTools && Object.fromEntries(allowedTools.map((each) => [each, { enabled: true }]))
      return {
        tool: { type: 'mcp_toolset', mcp_server_name: name, ...(configs && { default_config: { enabled: false }, configs }) },
        server: { type: 'url', name, url, ...(authorization !== undefined && { authorization_token: authorization }) },
      }
    }
    default:
      losses.dropped(path, 'hosted-tool', 'semantic', tool.kind)
      return undefined
  }
}

/** The provider takes one list of domains, not both ("You can use either `allowed_domains` or `blocked_domains`, but not both"). */
function searchFields(search: Extract<HostedService, { service: 'web-search' }>, path: string, losses: LossSink): JsonObject {
  const { allowedDomains, blockedDomains, maxUses, contextSize, location } = search
  if (allowedDomains && blockedDomains) losses.dropped(`${path}.blocked_domains`, 'search-domains', 'hint', 'Only the allowed ones are searched.')
  if (contextSize !== undefined) losses.dropped(`${path}.search_context_size`, 'search-context-size', 'hint', contextSize)
  return {
    ...(allowedDomains && { allowed_domains: allowedDomains }),
    ...(blockedDomains && !allowedDomains && { blocked_domains: blockedDomains }),
    ...(maxUses !== undefined && { max_uses: maxUses }),
    ...(location && { user_location: { type: 'approximate', ...location } }),
  }
}

/** Servers that no toolset stands for, as tools: that is how the first version of the connector named them. */
export function toolsOfServers(servers: Json | undefined, known: ReadonlySet<string>): ForeignTool[] {
  if (!Array.isArray(servers)) return []
  return servers.flatMap((server: Json): ForeignTool[] => {
    const hosted = isJsonObject(server) ? remoteServer(server) : undefined
    if (hosted?.service !== 'mcp' || known.has(hosted.name)) return []
    return [{ type: 'foreign', protocol: protocolId, kind: 'mcp_server', name: hosted.name, value: server, hosted }]
  })
}
