import { type HostedService, isJsonObject, type Json, type JsonObject, requestReader as read, type Tool } from 'tokligence'
import { camelCase, takeFields } from '../wire/fields.ts'
import { protocolId, remember } from '../wire/wire-memo.ts'
import { fromGoogleSchema } from './google-schema.ts'

/** `tools` in one list, in the order in which they stand. One entry on the wire may hold several tools of each kind. */
export function decodeTools(value: Json | undefined): Tool[] {
  if (value === undefined) return []
  return listOf(value, 'tools').flatMap((entry, index) => decodeEntry(read.object(entry, `tools[${index}]`), `tools[${index}]`))
}

/** The vendor's parser takes a single value where a list is expected. */
export function listOf(value: Json | undefined, path: string): readonly Json[] {
  return isJsonObject(value) ? [value] : read.optionalArray(value, path)
}

function decodeEntry(entry: JsonObject, path: string): Tool[] {
  return Object.entries(entry).flatMap(([written, value]): Tool[] => {
    const kind = camelCase(written)
    if (value === null) return []
    if (kind === 'functionDeclarations') {
      const at = `${path}.functionDeclarations`
      return listOf(value, at).map((declaration, index) => decodeFunction(declaration, `${at}[${index}]`))
    }
    if (kind !== 'mcpServers') return [foreign(kind, { [written]: value }, hostedService(kind, value))]
    return listOf(value, `${path}.mcpServers`).map((server) => foreign(kind, { [written]: [server] }, mcpService(server)))
  })
}

function foreign(kind: string, value: JsonObject, hosted: HostedService | undefined): Tool {
  return { type: 'foreign', protocol: protocolId, kind, value, ...(hosted && { hosted }) }
}

/** FunctionDeclaration in @google/genai 3.1.0: the parameters are a Schema of the vendor's, or JSON Schema. */
function decodeFunction(value: Json, path: string): Tool {
  const { fields, rest, snake } = takeFields(read.object(value, path), ['name', 'description', 'parameters', 'parametersJsonSchema'])
  const schema = fields.parameters ?? fields.parametersJsonSchema
  const both = fields.parameters !== undefined && fields.parametersJsonSchema !== undefined
  const description = read.optionalString(fields.description, `${path}.description`)
  const at = fields.parameters === undefined ? 'parametersJsonSchema' : 'parameters'
  return {
    type: 'function',
    name: read.string(fields.name, `${path}.name`),
    ...(description !== undefined && { description }),
    ...(schema !== undefined && { parameters: fromGoogleSchema(read.object(schema, `${path}.${at}`)) as JsonObject }),
    ...remember(both ? { ...rest, parametersJsonSchema: fields.parametersJsonSchema as Json } : rest, {
      snake,
      parameters: fields.parameters,
      jsonSchema: fields.parameters === undefined ? fields.parametersJsonSchema : undefined,
    }),
  }
}

/** Tool in @google/genai 3.1.0: the tools that the vendor runs itself and that other protocols have too. */
function hostedService(kind: string, value: Json): HostedService | undefined {
  switch (kind) {
    case 'googleSearch':
    case 'googleSearchRetrieval':
    case 'enterpriseWebSearch': {
      const excluded = isJsonObject(value) ? (value.excludeDomains ?? value.exclude_domains) : undefined
      const blockedDomains = Array.isArray(excluded) ? excluded.filter((domain) => typeof domain === 'string') : []
      return { service: 'web-search', ...(blockedDomains.length > 0 && { blockedDomains }) }
    }
    case 'urlContext':
      return { service: 'web-fetch' }
    case 'codeExecution':
      return { service: 'code-execution' }
    default:
      return undefined
  }
}

/** McpServer and StreamableHttpTransport in @google/genai 3.1.0. */
function mcpService(server: Json): HostedService | undefined {
  if (!isJsonObject(server)) return undefined
  const transport = server.streamableHttpTransport ?? server.streamable_http_transport
  if (!isJsonObject(transport) || typeof transport.url !== 'string') return undefined
  const headers = isJsonObject(transport.headers) ? Object.entries(transport.headers) : []
  const authorization = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1]
  const token = typeof authorization === 'string' ? authorization.replace(/^Bearer /i, '') : undefined
  return {
    service: 'mcp',
    name: typeof server.name === 'string' ? server.name : 'mcp',
    url: transport.url,
    ...(token !== undefined && { authorization: token }),
  }
}
