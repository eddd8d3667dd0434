import { type Conversation, type EncodeRequestOptions, type JsonObject, type LossSink, reportForeignFields } from 'tokligence'
import { isNative, protocolId } from '../wire/wire-memo.ts'
import { encodeContents } from './encode-contents.ts'
import { encodeGenerationConfig, encodeOutput } from './encode-generation-config.ts'
import { encodeOwnRequest } from './encode-own-request.ts'
import { encodeToolConfig } from './encode-tool-config.ts'
import { encodeTools } from './encode-tools.ts'

/**
 * A conversation as a request body; model and stream go into the path, which is the provider's to make. One that was read from this protocol is
 * written back as it was; any other is brought into the shape that the vendor accepts, and what has no place is reported.
 */
export function encodeRequest(conversation: Conversation, { losses, facts }: EncodeRequestOptions): JsonObject {
  reportForeignFields(conversation, '', losses, protocolId)
  // Models that are told how much to think by levels are those of the third generation and later.
  const thirdGeneration = facts.thinking === 'effort'
  if (isNative(conversation)) return encodeOwnRequest(conversation, { losses, signsCalls: thirdGeneration })
  reportUnsupported(conversation, losses)
  const { system, contents } = encodeContents(conversation, { losses, signsCalls: thirdGeneration })
  const tools = encodeTools(conversation.tools, { native: false, mixes: thirdGeneration, noneRuns: conversation.toolChoice?.type === 'none', losses })
  const toolConfig = encodeToolConfig(conversation, tools, losses)
  const output = encodeOutput(conversation.output, tools.tools.length > 0 && !thirdGeneration, losses)
  const generationConfig = { ...encodeGenerationConfig(conversation, facts, losses), ...output.fields }
  const instruction = output.note === undefined ? system : [...system, { text: output.note }]
  return {
    ...(instruction.length > 0 && { systemInstruction: { parts: instruction } }),
    contents,
    ...(tools.tools.length > 0 && { tools: tools.tools }),
    ...(toolConfig && { toolConfig }),
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
    ...encodeServiceTier(conversation.serviceTier, losses),
  }
}

/** What the protocol has no field for at all; `labels` are Vertex AI's alone (GenerateContentConfig in @google/genai 3.1.0). */
function reportUnsupported({ verbosity, user, metadata }: Conversation, losses: LossSink): void {
  if (verbosity !== undefined) losses.dropped('verbosity', 'verbosity', 'semantic')
  if (user !== undefined) losses.dropped('user', 'user-id', 'hint')
  for (const name of Object.keys(metadata ?? {})) losses.dropped(`metadata.${name}`, 'metadata', 'hint')
}

/** ServiceTier in @google/genai 3.1.0, by the words of other protocols. */
const tiers: ReadonlyMap<string, string> = new Map([
  ['standard', 'standard'],
  ['default', 'standard'],
  ['standard_only', 'standard'],
  ['flex', 'flex'],
  ['priority', 'priority'],
])

function encodeServiceTier(tier: string | undefined, losses: LossSink): JsonObject {
  const known = tier === undefined ? undefined : tiers.get(tier)
  if (known !== undefined) return { serviceTier: known }
  // `auto` asks for what there is by default.
  if (tier !== undefined && tier !== 'auto') losses.dropped('service_tier', 'service-tier', 'hint', tier)
  return {}
}
