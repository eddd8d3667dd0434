import { type ForeignTool, type HostedService, isJsonObject, type Json, type JsonObject, type LossSink } from 'tokligence'
import { protocolId, reportAllFields } from '../wire/extensions.ts'

/** What the members of a tool are that `hostedService` takes up. */
const saidMembers: { readonly [Service in HostedService['service']]: readonly string[] } = {
  'web-search': ['type', 'name', 'allowed_domains', 'blocked_domains', 'max_uses', 'user_location'],
  'web-fetch': ['type', 'name'],
  'code-execution': ['type', 'name'],
  mcp: ['type', 'name', 'mcp_server_name', 'default_config', 'configs', 'url', 'authorization_token', 'tool_configuration'],
}

/** Of a tool that other providers run too, the settings that they do not have. */
export function reportUnsaid({ protocol, value, hosted }: ForeignTool, path: string, losses: LossSink): void {
  if (!hosted || protocol !== protocolId || !isJsonObject(value)) return
  reportAllFields(Object.fromEntries(Object.entries(value).filter(([name]) => !saidMembers[hosted.service].includes(name))), path, losses)
  if (hosted.service === 'mcp' && !hosted.allowedTools) reportToolset(value, path, losses)
}

/** A list of tools that may be called can be told elsewhere, one of those that may not be cannot (BetaMCPToolset in @anthropic-ai/sdk 1.12.0). */
function reportToolset({ default_config: usual, configs }: JsonObject, path: string, losses: LossSink): void {
  const named = isJsonObject(configs) ? Object.entries(configs) : []
  const deferred = [usual, ...named.map(([, config]) => config)].some((config: Json | undefined) => isJsonObject(config) && config.defer_loading === true)
  if (deferred) losses.dropped(`${path}.default_config.defer_loading`, 'deferred-tool', 'hint')
  for (const [name, config] of named)
    if (isJsonObject(config) && config.enabled === false) losses.dropped(`${path}.configs.${name}`, 'mcp-allowed-tools', 'semantic', 'The tool can be called.')
}
