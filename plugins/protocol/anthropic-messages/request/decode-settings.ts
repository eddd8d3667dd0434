import { isEmpty, type Json, type JsonObject, type OutputFormat, type ReasoningRequest } from 'tokligence'
import { protocolId } from '../wire/extensions.ts'
import { asObject, expectObject, expectString, optionalInteger, optionalString, take } from '../wire/shape.ts'

export interface DecodedSettings {
  readonly reasoning?: ReasoningRequest
  readonly output?: OutputFormat
  /** What is left of `thinking`, `output_config` and `output_format`. */
  readonly rest: JsonObject
  /** Those of them that are empty, but say where something stood. */
  readonly memo: JsonObject
}

/** `thinking`, `output_config` (effort and format) and its forerunner `output_format`, which share two neutral fields. */
export function decodeSettings(thinking: Json | undefined, config: Json | undefined, legacyFormat: Json | undefined): DecodedSettings {
  const { reasoning: thought, rest: thinkingRest } = decodeThinkingConfig(thinking)
  const { fields, rest: configRest } = take(config === undefined ? {} : expectObject(config, 'output_config'), ['effort', 'format'])
  const effort = optionalString('effort', fields.effort, 'output_config.effort')
  const reasoning = thought ?? (effort.effort !== undefined && thinking === undefined ? { mode: 'effort' as const } : undefined)
  const format = fields.format === undefined ? undefined : decodeFormat(fields.format, 'output_config.format')
  const legacy = legacyFormat === undefined || format ? undefined : decodeFormat(legacyFormat, 'output_format')
  const output = format?.output ?? legacy?.output
  const leftOver: [string, JsonObject | undefined][] = [
    ['thinking', isEmpty(thinkingRest) ? undefined : thinkingRest],
    // Beside an unknown kind of thinking the effort stays where it was.
    [
      'output_config',
      config === undefined ? undefined : { ...configRest, ...(!reasoning && effort), ...(format && !isEmpty(format.rest) && { format: format.rest }) },
    ],
    ['output_format', legacy ? legacy.rest : asObject(legacyFormat)],
  ]
  const named = leftOver.filter((entry): entry is [string, JsonObject] => entry[1] !== undefined)
  return {
    ...(reasoning && { reasoning: { ...reasoning, ...effort } }),
    ...(output && { output }),
    rest: Object.fromEntries(named.filter(([, fields]) => !isEmpty(fields))),
    memo: Object.fromEntries(named.filter(([, fields]) => isEmpty(fields))),
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
