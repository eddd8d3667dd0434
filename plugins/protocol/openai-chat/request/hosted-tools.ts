import { type ForeignTool, type HostedService, isJsonObject, type Json, type JsonObject, type LossSink, reportForeignFields } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'

/** `web_search_options` (openai 6.49.0, ChatCompletionCreateParamsBase), the one thing here that stands for a tool of the provider. */
export function searchTool(options: Json, losses: LossSink): ForeignTool {
  const { search_context_size: contextSize, user_location: where, ...others } = isJsonObject(options) ? options : {}
  reportForeignFields({ ext: { [protocolId]: others } }, 'web_search_options', losses, '')
  const approximate = isJsonObject(where) && isJsonObject(where.approximate) ? where.approximate : {}
  const location = Object.fromEntries(
    ['city', 'region', 'country', 'timezone'].flatMap((name) => (typeof approximate[name] === 'string' ? [[name, approximate[name]]] : [])),
  )
  const hosted: HostedService = {
    service: 'web-search',
    ...(typeof contextSize === 'string' && { contextSize }),
    ...(Object.keys(location).length > 0 && { location }),
  }
  return { type: 'foreign', protocol: protocolId, kind: 'web_search_options', value: options, hosted }
}

/**
 * Only models made for it search here, and always; any other answers 400, "Unknown parameter: 'web_search_options'"
 * (github.com/pydantic/pydantic-ai/issues/2822). Undefined, with a loss reported, for what has no place.
 */
export function encodeHostedTool(tool: ForeignTool, model: string, path: string, losses: LossSink): JsonObject | undefined {
  const { hosted } = tool
  if (hosted?.service !== 'web-search' || !/-search(-|$)/.test(model)) {
    losses.dropped(path, 'hosted-tool', 'semantic', tool.name ?? tool.kind)
    return undefined
  }
  const { allowedDomains, blockedDomains, maxUses, contextSize, location } = hosted
  if (allowedDomains || blockedDomains) losses.dropped(`${path}.domains`, 'search-domains', 'semantic')
  if (maxUses !== undefined) losses.dropped(`${path}.max_uses`, 'search-limit', 'hint')
  return {
    ...(contextSize !== undefined && { search_context_size: contextSize }),
    ...(location && { user_location: { type: 'approximate', approximate: location } }),
  }
}
