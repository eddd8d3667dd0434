import { type Block, type Conversation, featureName, isEmpty, isJsonObject, type Json, type JsonObject, type LossSink, type Turn } from 'tokligence'
import { camelCase } from '../wire/fields.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { mergeTurns } from './merge-turns.ts'

/**
 * Prepares a conversation of this protocol for the encoder of another: neighbours of one role become one turn, as others demand it, and what only the
 * vendor means is said in neutral words or reported here, where it is known what its absence changes.
 */
export function settle(conversation: Conversation, losses: LossSink): Conversation {
  const { fields, memo } = recall(conversation)
  const { ext: _, ...bare } = conversation
  const labels = labelsOf(fields)
  for (const [written, value] of Object.entries(fields))
    settleField(camelCase(written), value, labels !== undefined && conversation.metadata === undefined, losses)
  if (memo.validated === true)
    losses.approximated('toolConfig.functionCallingConfig.mode', 'tool-choice', 'hint', 'AUTO: arguments are not held to the schemas.')
  for (const [index, tool] of conversation.tools.entries()) {
    if (tool.type !== 'foreign' || tool.protocol !== protocolId || !tool.hosted) continue
    for (const field of unsaid(tool.value)) losses.dropped(`tools[${index}].${tool.kind}.${field}`, featureName(field.replace(/\..*/, '')), 'semantic')
  }
  const others = Object.fromEntries(Object.entries(conversation.ext ?? {}).filter(([protocol]) => protocol !== protocolId))
  return {
    ...withWords(bare, losses),
    turns: mergeTurns(withDetail(conversation.turns, fields.generationConfig, losses)),
    ...(labels && conversation.metadata === undefined && { metadata: labels }),
    ...(!isEmpty(others) && { ext: others }),
  }
}

/** `text/x.enum` answers with one of the words of a schema, which other vendors can only be asked for. */
function withWords({ output, ...conversation }: Conversation, losses: LossSink): Conversation {
  const format = output?.type === 'foreign' && output.protocol === protocolId && isJsonObject(output.value) ? output.value : undefined
  const words = format?.responseMimeType === 'text/x.enum' && isJsonObject(format.responseSchema) ? format.responseSchema.enum : undefined
  if (!Array.isArray(words)) return output ? { ...conversation, output } : conversation
  losses.approximated('generationConfig.responseMimeType', 'output-format', 'semantic', 'Told in the system text.')
  const text = `Your whole answer must be exactly one of these texts, without quotes and with nothing around it: ${JSON.stringify(words)}`
  return { ...conversation, instructions: [...conversation.instructions, { type: 'text', text }], instructionsForm: 'blocks' }
}

function labelsOf({ labels }: JsonObject): JsonObject | undefined {
  return isJsonObject(labels) && !isEmpty(labels) ? labels : undefined
}

function settleField(field: string, value: Json, labelled: boolean, losses: LossSink): void {
  if (asksForNothing(value)) return
  switch (field) {
    case 'safetySettings':
      reportSafety(value, losses)
      return
    case 'labels':
      if (!labelled) losses.dropped(field, 'metadata', 'hint')
      return
    case 'cachedContent':
      losses.dropped(field, 'cached-content', 'semantic', 'The turns and tools in the vendor’s cache are not in the request.')
      return
    case 'generationConfig':
      for (const [written, inner] of isJsonObject(value) ? Object.entries(value) : []) reportGeneration(camelCase(written), inner, losses)
      return
    case 'toolConfig':
      for (const [written, inner] of isJsonObject(value) ? Object.entries(value) : []) {
        const hint = ['includeServerSideToolInvocations', 'functionCallingConfig'].includes(camelCase(written))
        if (!asksForNothing(inner)) losses.dropped(`toolConfig.${camelCase(written)}`, featureName(camelCase(written)), hint ? 'hint' : 'semantic')
      }
      return
    case 'store':
      losses.dropped(field, 'stored-replies', 'hint')
      return
    default:
      losses.dropped(field, featureName(field), 'semantic')
  }
}

/** A filter that lets everything pass is what other vendors have; a stricter one changes what may be answered. */
function reportSafety(value: Json, losses: LossSink): void {
  for (const [index, setting] of Array.isArray(value) ? (value as readonly Json[]).entries() : []) {
    const threshold = isJsonObject(setting) ? setting.threshold : undefined
    const open = threshold === 'BLOCK_NONE' || threshold === 'OFF'
    losses.dropped(`safetySettings[${index}]`, 'safety-settings', open ? 'hint' : 'semantic')
  }
}

function reportGeneration(field: string, value: Json, losses: LossSink): void {
  if (asksForNothing(value)) return
  const path = `generationConfig.${field}`
  // Text is what every model answers with.
  if (field === 'responseModalities' && Array.isArray(value) && value.every((modality) => modality === 'TEXT')) return
  if (field === 'mediaResolution') {
    if (detailOf(value) === undefined) losses.dropped(path, 'media-resolution', 'hint')
    else losses.approximated(path, 'media-resolution', 'hint', 'The detail of images.')
  } else losses.dropped(path, featureName(field), 'semantic')
}

function asksForNothing(value: Json): boolean {
  return value === null || value === false || (typeof value === 'object' && Object.keys(value).length === 0)
}

/** What is left of a hosted tool's settings beside those that `HostedService` says. */
function unsaid(value: Json): string[] {
  const [entry] = isJsonObject(value) ? Object.entries(value) : []
  if (!entry) return []
  const [server] = camelCase(entry[0]) === 'mcpServers' && Array.isArray(entry[1]) ? (entry[1] as readonly Json[]) : []
  if (server !== undefined) return unsaidOfServer(server)
  return isJsonObject(entry[1]) ? namesOf(entry[1], ['excludeDomains']) : []
}

/** McpServer and StreamableHttpTransport in @google/genai 3.1.0. */
function unsaidOfServer(server: Json): string[] {
  if (!isJsonObject(server)) return []
  const transport = server.streamableHttpTransport ?? server.streamable_http_transport
  if (!isJsonObject(transport)) return []
  const headers = isJsonObject(transport.headers) ? Object.keys(transport.headers).filter((name) => name.toLowerCase() !== 'authorization') : []
  return [...namesOf(server, ['name', 'streamableHttpTransport']), ...namesOf(transport, ['url', 'headers']), ...headers.map((name) => `headers.${name}`)]
}

function namesOf(settings: JsonObject, said: readonly string[]): string[] {
  return Object.entries(settings).flatMap(([name, setting]) => (said.includes(camelCase(name)) || asksForNothing(setting) ? [] : [camelCase(name)]))
}

/** MediaResolution in @google/genai 3.1.0. */
function detailOf(resolution: Json | undefined): string | undefined {
  if (resolution === 'MEDIA_RESOLUTION_LOW') return 'low'
  return resolution === 'MEDIA_RESOLUTION_HIGH' || resolution === 'MEDIA_RESOLUTION_ULTRA_HIGH' ? 'high' : undefined
}

/** Every image with the detail that its own part asks for, else the whole request. */
function withDetail(turns: readonly Turn[], config: Json | undefined, losses: LossSink): readonly Turn[] {
  const usual = isJsonObject(config) ? detailOf(config.mediaResolution ?? config.media_resolution) : undefined
  return turns.map((turn, index) => ({
    ...turn,
    blocks: turn.blocks.map((block, place) => detailed(block, usual, `messages[${index}].content[${place}]`, losses)),
  }))
}

/** Part.mediaResolution in @google/genai 3.1.0: a level by the same words. */
function detailed(block: Block, usual: string | undefined, path: string, losses: LossSink): Block {
  if (block.type !== 'media' || block.detail !== undefined) return block
  const { mediaResolution, media_resolution: snake, ...fields } = recall(block).fields
  const asked = mediaResolution ?? snake
  const own = isJsonObject(asked) ? detailOf(asked.level) : undefined
  if (asked === undefined || asked === null) return usual === undefined || block.kind !== 'image' ? block : { ...block, detail: usual }
  if (block.kind !== 'image' || own === undefined) losses.dropped(`${path}.mediaResolution`, 'media-resolution', 'hint')
  else losses.approximated(`${path}.mediaResolution`, 'media-resolution', 'hint', 'The detail of the image.')
  const { ext: _, ...bare } = block
  return { ...bare, ...(block.kind === 'image' && own !== undefined && { detail: own }), ...(!isEmpty(fields) && { ext: { [protocolId]: fields } }) }
}
