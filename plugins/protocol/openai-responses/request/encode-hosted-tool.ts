import type { HostedService, JsonObject, LossSink } from 'tokligence'

/** The vendor's own tool that does the same (openai 6.49.0, Tool); undefined when there is none. */
export function encodeHostedTool(hosted: HostedService, path: string, losses: LossSink): JsonObject | undefined {
  switch (hosted.service) {
    case 'web-search':
      return webSearch(hosted, path, losses)
    case 'code-execution':
      return { type: 'code_interpreter', container: { type: 'auto' } }
    case 'mcp':
      return mcpServer(hosted)
    case 'web-fetch':
      return undefined
  }
}

function webSearch(hosted: Extract<HostedService, { service: 'web-search' }>, path: string, losses: LossSink): JsonObject {
  const { allowedDomains, blockedDomains, maxUses, contextSize, location } = hosted
  if (blockedDomains) losses.dropped(`${path}.blocked_domains`, 'search-domains', 'semantic', 'The vendor takes allowed domains alone.')
  if (maxUses !== undefined) losses.dropped(`${path}.max_uses`, 'search-limit', 'semantic')
  return {
    type: 'web_search',
    ...(allowedDomains && { filters: { allowed_domains: allowedDomains } }),
    ...(contextSize !== undefined && { search_context_size: contextSize }),
    ...(location && { user_location: { type: 'approximate', ...location } }),
  }
}

/** Other protocols ask nobody before a call. */
function mcpServer({ name, url, authorization, allowedTools }: Extract<HostedService, { service: 'mcp' }>): JsonObject {
  return {
    type: 'mcp',
    server_label: name,
    server_url: url,
    require_approval: 'never',
    ...(authorization !== undefined && { authorization }),
    ...(allowedTools && { allowed_tools: allowedTools }),
  }
}
