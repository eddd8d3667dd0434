import { type Conversation, isJsonObject, type JsonObject, type LossSink, type ModelFacts, type OutputFormat, type Sampling } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'
import { encodeThinking } from './encode-thinking.ts'
import { supportedSchema } from './json-schema-subset.ts'

/** ai.google.dev/api/generate-content, GenerationConfig.stopSequences: "up to 5", and .logprobs: "must be in the range of [0, 20]". */
const mostStops = 5
const mostLogprobs = 20
/** cloud.google.com, "Gemini 2.5 Flash-Lite", parameter defaults: "candidateCount: 1–8". */
const mostCandidates = 8
/** The bound differs from model to model and is told for few. Nothing of weight is left to cut off here. */
const greatestTopK = 1_000

/** `generationConfig` for another protocol's settings, within the bounds of the model. Without `output`, which may have to be told in words. */
export function encodeGenerationConfig(conversation: Conversation, facts: ModelFacts, losses: LossSink): JsonObject {
  const thinkingConfig = encodeThinking(conversation.reasoning, facts, losses)
  return {
    ...samplingFields(accepted(conversation.sampling, losses)),
    ...limitFields(conversation, facts, losses),
    ...logprobFields(conversation.logprobs === undefined ? undefined : clamped(conversation.logprobs, mostLogprobs, 'top_logprobs', 'logprobs', losses)),
    ...(thinkingConfig && { thinkingConfig }),
  }
}

function limitFields({ maxOutputTokens, stop, candidates }: Conversation, { maxOutputTokens: most }: ModelFacts, losses: LossSink): JsonObject {
  const limit = maxOutputTokens === undefined || most === undefined ? maxOutputTokens : clamped(maxOutputTokens, most, 'max_tokens', 'max-tokens', losses)
  const count = candidates === undefined ? undefined : clamped(candidates, mostCandidates, 'n', 'candidates', losses)
  const stops = acceptedStops(stop, losses)
  return {
    ...(limit !== undefined && { maxOutputTokens: limit }),
    ...(stops.length > 0 && { stopSequences: stops }),
    ...(count !== undefined && count !== 1 && { candidateCount: count }),
  }
}

function clamped(wanted: number, most: number, path: string, feature: string, losses: LossSink): number {
  if (wanted <= most) return wanted
  losses.approximated(path, feature, path === 'max_tokens' || path === 'top_k' ? 'hint' : 'semantic', `${wanted} became ${most}, the most that there is.`)
  return most
}

function acceptedStops(stop: readonly string[] | undefined, losses: LossSink): readonly string[] {
  const said = (stop ?? []).filter((sequence) => sequence !== '')
  for (let index = mostStops; index < said.length; index++) losses.dropped(`stop[${index}]`, 'stop-sequences', 'semantic', 'Five are the most.')
  return said.slice(0, mostStops)
}

/** Seeds are 32 bits wide, and temperatures go up to 2 (GenerationConfig in @google/genai 3.1.0). */
function accepted(sampling: Sampling, losses: LossSink): Sampling {
  const { seed, temperature, topK, ...rest } = sampling
  const fits = seed === undefined || (seed | 0) === seed
  if (!fits) losses.dropped('seed', 'seed', 'hint', 'It is wider than 32 bits.')
  return {
    ...rest,
    ...(seed !== undefined && fits && { seed }),
    ...(temperature !== undefined && { temperature: clamped(temperature, 2, 'temperature', 'temperature', losses) }),
    // 0 is how others say that nothing is cut off.
    ...(topK !== undefined && topK > 0 && { topK: clamped(topK, greatestTopK, 'top_k', 'top-k', losses) }),
  }
}

export function samplingFields({ temperature, topP, topK, seed, presencePenalty, frequencyPenalty }: Sampling): JsonObject {
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== undefined && { presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
  }
}

export function logprobFields(logprobs: number | undefined): JsonObject {
  return logprobs === undefined ? {} : { responseLogprobs: true, ...(logprobs > 0 && { logprobs }) }
}

export interface EncodedOutput {
  readonly fields: JsonObject
  /** What the model is told in words, because beside tools it takes no format. */
  readonly note?: string
}

/**
 * The format of the answer. Beside tools, models before the third generation answer 400: "Function calling with a response mime type:
 * 'application/json' is unsupported" (github.com/googleapis/python-genai/issues/867).
 */
export function encodeOutput(output: OutputFormat | undefined, inWords: boolean, losses: LossSink): EncodedOutput {
  const path = 'response_format'
  switch (output?.type) {
    case 'schema':
      reportLabels(output, losses)
      if (!inWords) return { fields: { responseMimeType: 'application/json', responseJsonSchema: supportedSchema(output.schema, `${path}.schema`, losses) } }
      losses.approximated(path, 'output-schema', 'semantic', 'Told in the system instruction: beside tools the model takes no schema.')
      return {
        fields: {},
        note: `Your final answer must be JSON, without any text around it, that satisfies this JSON Schema: ${JSON.stringify(output.schema)}`,
      }
    case 'json':
      if (!inWords) return { fields: { responseMimeType: 'application/json' } }
      losses.approximated(path, 'json-mode', 'semantic', 'Told in the system instruction: beside tools the model has no JSON mode.')
      return { fields: {}, note: 'Your final answer must be JSON, without any text around it.' }
    case 'foreign':
      if (output.protocol === protocolId && isJsonObject(output.value)) return { fields: output.value }
      losses.dropped(path, 'output-format', 'semantic')
      return { fields: {} }
    default:
      return { fields: {} }
  }
}

function reportLabels({ name, description, strict }: Extract<OutputFormat, { type: 'schema' }>, losses: LossSink): void {
  if (name !== undefined) losses.dropped('response_format.name', 'output-schema-name', 'hint')
  if (description !== undefined) losses.dropped('response_format.description', 'output-schema-description', 'hint')
  if (strict === false) losses.approximated('response_format.strict', 'output-schema', 'hint', 'The schema is enforced.')
}
