import { isDeepStrictEqual } from 'node:util'
import { type Conversation, isEmpty, isJsonObject, type Json, type JsonObject, type LossSink, reportForeignFields, type Turn } from 'tokligence'
import { encodeParts } from '../part/encode-part.ts'
import type { PartContext } from '../part/part-context.ts'
import { snakeCase, spell } from '../wire/fields.ts'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { wireRole } from './decode-contents.ts'
import { decodeGenerationConfig, type GenerationSettings, settingFields } from './decode-generation-config.ts'
import { decodeToolConfig } from './decode-tool-config.ts'
import { decodeTools } from './decode-tools.ts'
import { type ContentOptions, signCall } from './encode-contents.ts'
import { logprobFields, samplingFields } from './encode-generation-config.ts'
import { callingConfig } from './encode-tool-config.ts'
import { encodeTools } from './encode-tools.ts'

/**
 * A conversation that this protocol's own decoder made, written as it stood. Nothing is repaired: the caller hears from the provider what it would have
 * heard without the gateway. Settings keep the caller's spelling as long as they still say what is wanted.
 */
export function encodeOwnRequest(conversation: Conversation, { losses, signsCalls }: ContentOptions): JsonObject {
  const { fields, memo } = recall(conversation)
  const context: PartContext = { native: true, losses, place: 'request' }
  // What was left of them is in the remembered whole.
  const rest = without(fields, [...(memo.toolConfig === undefined ? [] : ['toolConfig']), ...(memo.generationConfig === undefined ? [] : ['generationConfig'])])
  const system = encodeSystem(conversation, memo.system, context)
  const tools = ownTools(conversation, memo.tools, losses)
  const toolConfig = ownToolConfig(conversation, memo)
  const generationConfig = ownGenerationConfig(conversation, memo.generationConfig)
  const body = {
    ...(memo.model !== undefined && { model: memo.model }),
    ...ownContents(signsCalls && conversation.lacksThoughts ? withSignedCalls(conversation, losses) : conversation, memo.contents, context),
    ...(system !== undefined && { systemInstruction: system }),
    ...(tools !== undefined && { tools }),
    ...(toolConfig !== undefined && { toolConfig }),
    ...(generationConfig !== undefined && { generationConfig }),
    ...(conversation.serviceTier !== undefined && { serviceTier: conversation.serviceTier }),
  }
  const request = { ...rest, ...spell(body, memo.snake) }
  if (!isJsonObject(memo.counted)) return request
  const { rest: outer, snake } = memo.counted
  return { ...(isJsonObject(outer) && outer), ...spell({ generateContentRequest: request }, snake) }
}

/** Where opaque values were taken out because another provider gave them: the first call of each of the model's turns gets a stand-in. */
function withSignedCalls(conversation: Conversation, losses: LossSink): Conversation {
  // Clients that stream have a content for every chunk of one turn.
  let called = false
  const turns = conversation.turns.map((turn, index): Turn => {
    if (turn.role !== 'assistant') called = false
    const blocks = turn.blocks.map((block, position) => {
      if (called || block.type !== 'tool-call' || block.executedBy === 'provider') return block
      called = true
      return signCall(block, `messages[${index}].content[${position}]`, losses)
    })
    return { ...turn, blocks }
  })
  return { ...conversation, turns }
}

function ownContents(conversation: Conversation, form: Json | undefined, context: PartContext): JsonObject {
  const contents = conversation.turns.map((turn, index) => encodeTurn(turn, `messages[${index}]`, context))
  if (contents.length === 0 && form === 'absent') return {}
  return { contents: form === 'single' && contents.length === 1 ? (contents[0] as JsonObject) : contents }
}

function encodeTurn(turn: Turn, path: string, context: PartContext): JsonObject {
  reportForeignFields(turn, path, context.losses, protocolId)
  if (turn.name !== undefined) context.losses.dropped(`${path}.name`, 'participant-name', 'semantic')
  const { fields, memo } = recall(turn)
  const parts = encodeParts(
    turn.blocks.map((block, index) => [block, `${path}.content[${index}]`] as const),
    context,
  )
  const role = memo.role ?? wireRole(turn.role)
  return { ...fields, ...spell({ ...(role !== false && { role }), ...partsField(parts, turn.form, memo.single) }, memo.snake) }
}

function partsField(parts: readonly JsonObject[], form: Turn['form'], single: Json | undefined): JsonObject {
  if (parts.length === 0 && form === 'none') return {}
  return { parts: single === true && parts.length === 1 ? (parts[0] as JsonObject) : parts }
}

function encodeSystem({ instructions, instructionsForm }: Conversation, memo: Json | undefined, context: PartContext): Json | undefined {
  const parts = encodeParts(
    instructions.map((block, index) => [block, `system[${index}]`] as const),
    context,
  )
  const [first] = parts
  if (memo === 'text' && parts.length === 1 && first && Object.keys(first).length === 1 && typeof first.text === 'string') return first.text
  if (!isJsonObject(memo)) return parts.length === 0 ? undefined : { parts }
  return { ...(isJsonObject(memo.rest) && memo.rest), ...partsField(parts, instructionsForm, memo.single) }
}

function ownTools({ tools }: Conversation, remembered: Json | undefined, losses: LossSink): Json | undefined {
  if (remembered !== undefined && isDeepStrictEqual(decodeTools(remembered), tools)) return remembered
  return tools.length === 0 ? undefined : encodeTools(tools, { native: true, mixes: true, losses }).tools
}

function ownToolConfig({ toolChoice }: Conversation, memo: JsonObject): Json | undefined {
  const decoded = decodeToolConfig(memo.toolConfig)
  if (isDeepStrictEqual(decoded.toolChoice, toolChoice)) return memo.toolConfig
  const calling = callingConfig(toolChoice, memo.validated === true)
  const config = { ...decoded.rest, ...(calling && { functionCallingConfig: calling }) }
  return isEmpty(config) ? undefined : config
}

function ownGenerationConfig(conversation: Conversation, remembered: Json | undefined): Json | undefined {
  const { settings } = decodeGenerationConfig(remembered)
  const names = Object.keys(settingFields) as (keyof GenerationSettings)[]
  const changed = names.filter((name) => !isDeepStrictEqual(settings[name], conversation[name]))
  if (changed.length === 0) return remembered
  const gone = changed.flatMap((name) => settingFields[name].flatMap((field) => [field, snakeCase(field)]))
  const kept = without(isJsonObject(remembered) ? remembered : {}, gone)
  const config: JsonObject = Object.assign({}, kept, ...changed.map((name) => settingOf(name, conversation)))
  return isEmpty(config) && remembered === undefined ? undefined : config
}

function settingOf(name: keyof GenerationSettings, conversation: Conversation): JsonObject {
  const { maxOutputTokens, stop, candidates, output, reasoning } = conversation
  switch (name) {
    case 'sampling':
      return samplingFields(conversation.sampling)
    case 'maxOutputTokens':
      return maxOutputTokens === undefined ? {} : { maxOutputTokens }
    case 'stop':
      return stop === undefined ? {} : { stopSequences: stop }
    case 'candidates':
      return candidates === undefined ? {} : { candidateCount: candidates }
    case 'logprobs':
      return logprobFields(conversation.logprobs)
    case 'reasoning':
      return reasoning === undefined ? {} : { thinkingConfig: thinkingFields(reasoning) }
    case 'output':
      return output === undefined ? {} : outputFields(output)
  }
}

function thinkingFields({ mode, budgetTokens, effort, display }: NonNullable<Conversation['reasoning']>): JsonObject {
  const shown = display === undefined ? {} : { includeThoughts: display !== 'omitted' }
  if (mode === 'off') return { thinkingBudget: 0, ...shown }
  if (mode === 'budget' && budgetTokens !== undefined) return { thinkingBudget: budgetTokens, ...shown }
  return effort === undefined ? { thinkingBudget: -1, ...shown } : { thinkingLevel: effort.toUpperCase(), ...shown }
}

function outputFields(output: NonNullable<Conversation['output']>): JsonObject {
  switch (output.type) {
    case 'text':
      return { responseMimeType: 'text/plain' }
    case 'json':
      return { responseMimeType: 'application/json' }
    case 'schema':
      return { responseMimeType: 'application/json', responseJsonSchema: output.schema }
    case 'foreign':
      return output.protocol === protocolId && isJsonObject(output.value) ? output.value : {}
  }
}

function without(fields: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}
