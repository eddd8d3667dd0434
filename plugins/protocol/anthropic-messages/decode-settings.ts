import { isJsonObject, type Json, type JsonObject, type OutputFormat, type ReasoningRequest } from 'tokligence'
import { protocolId } from './extensions.ts'
import { expectObject, expectString, optionalInteger, optionalString, take } from './shape.ts'

export interface DecodedSettings {
  readonly reasoning?: ReasoningRequest
  readonly output?: OutputFormat
  /** What is left of `thinking`, `output_config` and `output_format`. */
  readonly rest: JsonObject
}

/** `thinking`, `output_config` (effort and format) and its forerunner `output_format`, which share two neutral fields. */
export function decodeSettings(thinking: Json | undefined, config: Json | undefined, legacyFormat: Json | undefined): DecodedSettings {
  const thought = decodeThinkingConfig(thinking)
  const { fields, rest: configRest } = take(config === undefined ? {} : expectObject(config, 'output_config'), ['effort', 'format'])
  const effort = optionalString('effort', fields.effort, 'output_config.effort')
  const reasoning = thought.reasoning ?? (fields.effort !== undefined && thinking === undefined ? { mode: 'effort' as const } : undefined)
  const format = fields.format === undefined ? undefined : decodeFormat(fields.format, 'output_config.format')
  const legacy = legacyFormat === undefined || format ? undefined : decodeFormat(legacyFormat, 'output_format')
  const output = format?.output ?? legacy?.output
  // An unknown kind of thinking stays whole, and the effort beside it too.
  const orphanEffort = reasoning ? {} : effort
  const leftOver = { ...configRest, ...orphanEffort, ...(format && Object.keys(format.rest).length > 0 && { format: format.rest }) }
  return {
    ...(reasoning && { reasoning: { ...reasoning, ...effort } }),
    ...(output && { output }),
    rest: {
      ...(Object.keys(thought.rest).length > 0 && { thinking: thought.rest }),
      ...((Object.keys(leftOver).length > 0 || isEmpty(config)) && { output_config: leftOver }),
      // Present, even empty: the format stood here and not in `output_config`.
      ...(legacy && { output_format: legacy.rest }),
      ...(legacyFormat !== undefined && format && { output_format: legacyFormat }),
    },
  }
}

function decodeThinkingConfig(value: Json | undefined): { readonly reasoning?: ReasoningRequest; readonly rest: JsonObject } {
  if (value === undefined) return { rest: {} }
  const thinking = expectObject(value, 'thinking')
  const type = expectString(thinking.type, 'thinking.type')
  if (type !== 'enabled' && type !== 'adaptive' && type !== 'disabled') return { rest: thinking }
  const { fields, rest } = take(thinking, type === 'enabled' ? ['type', 'budget_tokens', 'display'] : ['type', 'display'])
  const mode = type === 'enabled' ? 'budget' : type === 'adaptive' ? 'adaptive' : 'off'
  return {
    reasoning: {
      mode,
      ...optionalInteger('budgetTokens', fields.budget_tokens, 'thinking.budget_tokens'),
      ...optionalString('display', fields.display, 'thinking.display'),
    },
    rest,
  }
}

function decodeFormat(value: Json, path: string): { readonly output: OutputFormat; readonly rest: JsonObject } {
  const format = expectObject(value, path)
  if (expectString(format.type, `${path}.type`) !== 'json_schema') return { output: { type: 'foreign', protocol: protocolId, value: format }, rest: {} }
  const { fields, rest } = take(format, ['type', 'schema'])
  return { output: { type: 'schema', schema: expectObject(fields.schema, `${path}.schema`) }, rest }
}

function isEmpty(value: Json | undefined): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0
}
