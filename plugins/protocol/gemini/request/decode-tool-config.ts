import { isEmpty, type Json, type JsonObject, requestReader as read, type ToolChoice } from 'tokligence'
import { takeFields } from '../wire/fields.ts'
import { protocolId } from '../wire/wire-memo.ts'

export interface DecodedToolConfig {
  readonly toolChoice?: ToolChoice
  /** The arguments are to be held to the schemas (FunctionCallingConfigMode `VALIDATED`). */
  readonly validated: boolean
  /** What is left of `toolConfig`. */
  readonly rest: JsonObject
}

/** ToolConfig in @google/genai 3.1.0. */
export function decodeToolConfig(value: Json | undefined): DecodedToolConfig {
  if (value === undefined) return { validated: false, rest: {} }
  const { fields, rest } = takeFields(read.object(value, 'toolConfig'), ['functionCallingConfig'])
  if (fields.functionCallingConfig === undefined) return { validated: false, rest }
  const path = 'toolConfig.functionCallingConfig'
  const calling = read.object(fields.functionCallingConfig, path)
  const inner = takeFields(calling, ['mode', 'allowedFunctionNames'])
  const names = read
    .optionalArray(inner.fields.allowedFunctionNames, `${path}.allowedFunctionNames`)
    .map((name, index) => read.string(name, `${path}.allowedFunctionNames[${index}]`))
  const mode = modeOf(inner.fields.mode)
  const toolChoice = choiceOf(mode, names, calling)
  const left = isEmpty(inner.rest) ? rest : { ...rest, functionCallingConfig: inner.rest }
  return { ...(toolChoice && { toolChoice }), validated: mode === 'VALIDATED', rest: left }
}

/**
 * FunctionCallingConfigMode in @google/genai 3.1.0, by its numbers in googleapis/googleapis, google/ai/generativelanguage/v1beta/content.proto, for callers
 * that send enumerations as numbers.
 */
const modes = ['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED']

function modeOf(mode: Json | undefined): Json {
  if (typeof mode === 'number') return modes[mode] ?? mode
  return typeof mode === 'string' ? mode.toUpperCase() : 'MODE_UNSPECIFIED'
}

function choiceOf(mode: Json, names: readonly string[], calling: JsonObject): ToolChoice | undefined {
  switch (mode) {
    case 'MODE_UNSPECIFIED':
      return undefined
    case 'NONE':
      return { type: 'none' }
    case 'ANY':
      if (names.length === 1) return { type: 'tool', name: names[0] as string }
      return names.length === 0 ? { type: 'required' } : { type: 'allowed', mode: 'required', names }
    case 'AUTO':
    case 'VALIDATED':
      return names.length === 0 ? { type: 'auto' } : { type: 'allowed', mode: 'auto', names }
    default:
      return { type: 'foreign', protocol: protocolId, value: calling }
  }
}
