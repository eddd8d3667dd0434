import {
  type Conversation,
  isEmpty,
  type Json,
  type JsonObject,
  type OutputFormat,
  type ReasoningRequest,
  requestReader as read,
  type Sampling,
} from 'tokligence'
import { takeFields } from '../wire/fields.ts'
import { protocolId } from '../wire/wire-memo.ts'
import { fromGoogleSchema } from './google-schema.ts'

/** The fields of the neutral form that `generationConfig` fills. */
export type GenerationSettings = Pick<Conversation, 'sampling'> &
  Partial<Pick<Conversation, 'maxOutputTokens' | 'stop' | 'candidates' | 'logprobs' | 'reasoning' | 'output'>>

export interface DecodedGenerationConfig {
  readonly settings: GenerationSettings
  /** Fields that the neutral form has no name for: `responseModalities`, `speechConfig`, `mediaResolution` … */
  readonly rest: JsonObject
}

const path = 'generationConfig'

/** The fields that each setting stands in, by their names in camelCase. */
export const settingFields = {
  sampling: ['temperature', 'topP', 'topK', 'seed', 'presencePenalty', 'frequencyPenalty'],
  maxOutputTokens: ['maxOutputTokens'],
  stop: ['stopSequences'],
  candidates: ['candidateCount'],
  logprobs: ['responseLogprobs', 'logprobs'],
  reasoning: ['thinkingConfig'],
  output: ['responseMimeType', 'responseSchema', 'responseJsonSchema', 'responseFormat'],
} as const satisfies { readonly [Setting in keyof GenerationSettings]: readonly string[] }

type FieldName = (typeof settingFields)[keyof typeof settingFields][number]
type Fields = { readonly [Name in FieldName]?: Exclude<Json, null> }

const fieldNames: readonly FieldName[] = Object.values(settingFields).flat()

/** GenerationConfig in @google/genai 3.1.0. */
export function decodeGenerationConfig(value: Json | undefined): DecodedGenerationConfig {
  if (value === undefined) return { settings: { sampling: {} }, rest: {} }
  const { fields, rest } = takeFields(read.object(value, path), fieldNames)
  const maxOutputTokens = integer(fields.maxOutputTokens, 'maxOutputTokens')
  const candidates = integer(fields.candidateCount, 'candidateCount')
  const logprobs = decodeLogprobs(fields)
  const { reasoning, left } = decodeThinking(fields.thinkingConfig)
  const output = decodeOutput(fields)
  return {
    settings: {
      sampling: decodeSampling(fields),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      ...(fields.stopSequences !== undefined && { stop: decodeStop(fields.stopSequences) }),
      ...(candidates !== undefined && { candidates }),
      ...(logprobs !== undefined && { logprobs }),
      ...(reasoning && { reasoning }),
      ...(output && { output }),
    },
    rest: { ...rest, ...left },
  }
}

/** Proto JSON takes numbers as texts too. */
function number(value: Json | undefined, name: string): number | undefined {
  const figure = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof figure === 'number' && !Number.isFinite(figure)) throw read.fault(`${path}.${name}`, 'a number')
  return read.optionalNumber(figure, `${path}.${name}`)
}

function integer(value: Json | undefined, name: string): number | undefined {
  return read.optionalInteger(number(value, name), `${path}.${name}`)
}

function decodeSampling(fields: Fields): Sampling {
  const values: { readonly [Key in keyof Sampling]: Sampling[Key] | undefined } = {
    temperature: number(fields.temperature, 'temperature'),
    topP: number(fields.topP, 'topP'),
    topK: number(fields.topK, 'topK'),
    seed: integer(fields.seed, 'seed'),
    presencePenalty: number(fields.presencePenalty, 'presencePenalty'),
    frequencyPenalty: number(fields.frequencyPenalty, 'frequencyPenalty'),
  }
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function decodeStop(value: Json): string[] {
  return read.array(value, `${path}.stopSequences`).map((sequence, index) => read.string(sequence, `${path}.stopSequences[${index}]`))
}

/** `logprobs` counts only where `responseLogprobs` asks for them. */
function decodeLogprobs(fields: Fields): number | undefined {
  const top = integer(fields.logprobs, 'logprobs')
  return read.optionalBoolean(fields.responseLogprobs, `${path}.responseLogprobs`) === true ? (top ?? 0) : undefined
}

interface DecodedThinking {
  readonly reasoning?: ReasoningRequest
  /** `thinkingConfig` without what was read from it, when that is not all. */
  readonly left?: JsonObject
}

/** ThinkingConfig in @google/genai 3.1.0: of the budgets 0 is off, and -1 leaves it to the model. */
function decodeThinking(value: Json | undefined): DecodedThinking {
  if (value === undefined) return {}
  const at = `${path}.thinkingConfig`
  const { fields, rest } = takeFields(read.object(value, at), ['thinkingBudget', 'thinkingLevel', 'includeThoughts'])
  const budget = integer(fields.thinkingBudget, 'thinkingConfig.thinkingBudget')
  const level = read.optionalString(fields.thinkingLevel, `${at}.thinkingLevel`)?.toLowerCase()
  const shown = read.optionalBoolean(fields.includeThoughts, `${at}.includeThoughts`)
  const effort = level === 'thinking_level_unspecified' ? undefined : level
  const reasoning = thinkingMode(effort, budget, shown)
  const both: JsonObject = effort !== undefined && budget !== undefined ? { ...rest, thinkingBudget: budget } : rest
  return { ...(reasoning && { reasoning }), ...(!isEmpty(both) && { left: { thinkingConfig: both } }) }
}

function thinkingMode(effort: string | undefined, budget: number | undefined, shown: boolean | undefined): ReasoningRequest | undefined {
  const display = shown === undefined ? {} : { display: shown ? 'auto' : 'omitted' }
  if (effort !== undefined) return { mode: 'effort', effort, ...display }
  if (budget === 0) return { mode: 'off', ...display }
  if (budget !== undefined && budget > 0) return { mode: 'budget', budgetTokens: budget, ...display }
  return budget !== undefined || shown ? { mode: 'adaptive', ...display } : undefined
}

function decodeOutput(fields: Fields): OutputFormat | undefined {
  const { responseFormat, responseSchema, responseJsonSchema } = fields
  const mimeType = read.optionalString(fields.responseMimeType, `${path}.responseMimeType`)
  if (responseFormat !== undefined) return decodeResponseFormat(responseFormat)
  const schema = responseJsonSchema ?? responseSchema
  if (mimeType !== undefined && mimeType !== 'application/json' && mimeType !== 'text/plain') {
    // `text/x.enum` answers with one of the words of a schema.
    return { type: 'foreign', protocol: protocolId, value: { responseMimeType: mimeType, ...(schema !== undefined && { responseSchema: schema }) } }
  }
  if (schema !== undefined) {
    const name = responseJsonSchema === undefined ? 'responseSchema' : 'responseJsonSchema'
    return { type: 'schema', schema: fromGoogleSchema(read.object(schema, `${path}.${name}`)) as JsonObject }
  }
  return mimeType === undefined ? undefined : { type: mimeType === 'application/json' ? 'json' : 'text' }
}

/** ResponseFormat and TextResponseFormat in @google/genai 3.1.0: only a single text can be said in other protocols. */
function decodeResponseFormat(value: Json): OutputFormat {
  const foreign: OutputFormat = { type: 'foreign', protocol: protocolId, value: { responseFormat: value } }
  const [only, ...others] = Array.isArray(value) ? (value as readonly Json[]) : [value]
  const format = takeFields(read.object(only, `${path}.responseFormat[0]`), ['text'])
  if (others.length > 0 || format.fields.text === undefined || Object.keys(format.rest).length > 0) return foreign
  const { fields } = takeFields(read.object(format.fields.text, `${path}.responseFormat[0].text`), ['mimeType', 'schema'])
  if (fields.schema !== undefined)
    return { type: 'schema', schema: fromGoogleSchema(read.object(fields.schema, `${path}.responseFormat[0].text.schema`)) as JsonObject }
  return { type: /json$/i.test(String(fields.mimeType)) ? 'json' : 'text' }
}
