import { isDeepStrictEqual } from 'node:util'
import {
  type ForeignTool,
  type FunctionTool,
  type HostedService,
  isEmpty,
  isJsonObject,
  type JsonObject,
  type LossSink,
  reportForeignFields,
  type Tool,
} from 'tokligence'
import { spell } from '../wire/fields.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { fromGoogleSchema } from './google-schema.ts'
import { parameterSchema } from './json-schema-subset.ts'
import { toGoogleSchema } from './to-google-schema.ts'

export interface ToolContext {
  /** The whole was read from this protocol: schemas are written as they stood. */
  readonly native: boolean
  /** The model takes functions and tools of the vendor's side by side. */
  readonly mixes: boolean
  /** No tool may run. The vendor can be told so of functions alone. */
  readonly noneRuns?: boolean
  readonly losses: LossSink
}

export interface EncodedTools {
  readonly tools: readonly JsonObject[]
  /** Names of the functions, in their order. */
  readonly functions: readonly string[]
  readonly hosted: boolean
}

/** All functions in one entry, as the vendor's clients write them, and each of its own tools in one of its own. */
export function encodeTools(tools: readonly Tool[], context: ToolContext): EncodedTools {
  const declarations = new Map<string, JsonObject>()
  const hosted: JsonObject[] = []
  const functionsWin = !context.native && !context.mixes && tools.some((tool) => tool.type !== 'foreign')
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`
    if (tool.type === 'foreign' && context.noneRuns)
      context.losses.approximated(path, 'hosted-tool', 'hint', `${tool.name ?? tool.kind}: left out, because no tool may run.`)
    else if (tool.type === 'foreign') {
      const entry = functionsWin ? refused(tool, path, context) : encodeHosted(tool, path, context)
      if (entry) hosted.push(entry)
    } else if (tool.type === 'freeform') context.losses.dropped(path, 'freeform-tool', 'semantic')
    else if (declarations.has(tool.name)) context.losses.dropped(path, 'duplicate-tool', 'semantic', tool.name)
    else declarations.set(tool.name, encodeFunction(tool, path, context))
  }
  const functions = [...declarations.keys()]
  return {
    tools: functions.length > 0 ? [{ functionDeclarations: [...declarations.values()] }, ...hosted] : hosted,
    functions,
    hosted: hosted.length > 0,
  }
}

/** Models before the third generation answer 400 to both (ai.google.dev/gemini-api/docs/tool-combination). The caller's own tools come first. */
function refused(tool: ForeignTool, path: string, { losses }: ToolContext): undefined {
  losses.dropped(path, 'hosted-tool', 'semantic', `${tool.name ?? tool.kind}: beside functions the model takes no tools that its vendor runs.`)
}

function encodeFunction(tool: FunctionTool, path: string, context: ToolContext): JsonObject {
  const { losses, native } = context
  reportForeignFields(tool, path, losses, protocolId)
  if (tool.namespace !== undefined) losses.dropped(`${path}.namespace`, 'tool-namespace', 'semantic')
  const { fields, memo } = recall(tool)
  const declaration = {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    ...(native ? ownParameters(tool, memo, `${path}.parameters`, losses) : foreignParameters(tool, `${path}.parameters`, losses)),
  }
  return { ...fields, ...spell(declaration, memo.snake) }
}

/** The caller's own spelling, as long as it still says what is wanted. */
function ownParameters({ parameters }: FunctionTool, memo: JsonObject, path: string, losses: LossSink): JsonObject {
  if (!parameters) return {}
  for (const [field, written] of [['parameters', memo.parameters] as const, ['parametersJsonSchema', memo.jsonSchema] as const])
    if (written !== undefined && isDeepStrictEqual(fromGoogleSchema(written), parameters)) return { [field]: written }
  if (memo.parameters === undefined) return { parametersJsonSchema: parameters }
  const { schema, lost } = toGoogleSchema(parameters)
  if (lost.length > 0) losses.approximated(path, 'schema-keywords', 'semantic', `The vendor’s Schema has not: ${lost.join(', ')}.`)
  return { parameters: schema }
}

/** Without parameters the field is left out (FunctionDeclaration.parameters in @google/genai 3.1.0). */
function foreignParameters({ parameters }: FunctionTool, path: string, losses: LossSink): JsonObject {
  return parameters && !isEmpty(parameters) ? { parametersJsonSchema: parameterSchema(parameters, path, losses) } : {}
}

function encodeHosted(tool: ForeignTool, path: string, { losses }: ToolContext): JsonObject | undefined {
  if (tool.protocol === protocolId && isJsonObject(tool.value)) return tool.value
  if (tool.hosted) return hostedTool(tool.hosted, path, losses)
  losses.dropped(path, 'hosted-tool', 'semantic', tool.name ?? tool.kind)
  return undefined
}

/** Tool in @google/genai 3.1.0. */
function hostedTool(hosted: HostedService, path: string, losses: LossSink): JsonObject {
  switch (hosted.service) {
    case 'web-search':
      reportSearchLimits(hosted, path, losses)
      return { googleSearch: {} }
    case 'web-fetch':
      return { urlContext: {} }
    case 'code-execution':
      return { codeExecution: {} }
    case 'mcp': {
      const { name, url, authorization, allowedTools } = hosted
      if (allowedTools) losses.dropped(`${path}.allowed_tools`, 'mcp-allowed-tools', 'semantic', 'All tools of the server are offered.')
      const headers = authorization === undefined ? {} : { headers: { Authorization: `Bearer ${authorization}` } }
      return { mcpServers: [{ name, streamableHttpTransport: { url, ...headers } }] }
    }
  }
}

/** GoogleSearch.excludeDomains "is not supported in Gemini API". */
function reportSearchLimits(hosted: Extract<HostedService, { service: 'web-search' }>, path: string, losses: LossSink): void {
  if (hosted.allowedDomains) losses.dropped(`${path}.allowed_domains`, 'search-domains', 'semantic')
  if (hosted.blockedDomains) losses.dropped(`${path}.blocked_domains`, 'search-domains', 'semantic')
  if (hosted.maxUses !== undefined) losses.dropped(`${path}.max_uses`, 'search-limit', 'hint')
  if (hosted.contextSize !== undefined) losses.dropped(`${path}.search_context_size`, 'search-context-size', 'hint')
  if (hosted.location) losses.dropped(`${path}.user_location`, 'search-location', 'hint')
}
