import { isDeepStrictEqual } from 'node:util'
import { type Conversation, type Json, type JsonObject, LossSink, type Memo, requestReader as read, type Sampling } from 'tokligence'
import { decodeTools } from './decode-tools.ts'
import { decodeReasoningEffort } from './reasoning-effort.ts'
import { decodeResponseFormat, encodeResponseFormat } from './response-format.ts'
import { decodeLegacyChoice, decodeToolChoice, encodeToolChoice } from './tool-choice.ts'

/** What one group of fields was read as, and the fields that are left for the others. */
export interface Taken {
  readonly fields: Partial<Conversation>
  readonly memo?: Memo
  /** Fields that stood there but ask for nothing, such as `stream: false`. */
  readonly unset?: JsonObject
  readonly rest: JsonObject
}

function takeStream(given: JsonObject): Taken {
  const { stream, stream_options: options, ...rest } = given
  const streamed = read.optionalBoolean(stream, 'stream') ?? false
  const streamOptions = read.optionalObject(options, 'stream_options')
  return {
    fields: { stream: streamed, ...(streamed && { includeUsage: streamOptions?.include_usage === true }) },
    memo: { stream_options: streamOptions },
    unset: stream === false ? { stream } : {},
    rest,
  }
}

function takeTools(given: JsonObject): Taken {
  const { tools, functions, tool_choice: choice, function_call: legacyChoice, parallel_tool_calls: parallel, ...rest } = given
  const decoded = decodeTools(tools, functions)
  const parallelToolCalls = read.optionalBoolean(parallel, 'parallel_tool_calls')
  const toolChoice = choice !== undefined ? decodeToolChoice(choice) : legacyChoice !== undefined ? decodeLegacyChoice(legacyChoice) : undefined
  const usual = choice !== undefined && toolChoice && isDeepStrictEqual(encodeToolChoice(toolChoice, decoded, context), choice)
  return {
    fields: { tools: decoded, ...(toolChoice && { toolChoice }), ...(parallelToolCalls !== undefined && { parallelToolCalls }) },
    memo: { tool_choice: usual ? undefined : choice, function_call: choice === undefined ? legacyChoice : undefined },
    rest: choice !== undefined && legacyChoice !== undefined ? { ...rest, function_call: legacyChoice } : rest,
  }
}

/** For encoders that are only asked how a value is usually spelled: natively nothing is lost. */
const context = { native: true, losses: new LossSink() }

function stopSequences(stop: Json | undefined): readonly string[] {
  if (stop === undefined) return []
  if (typeof stop === 'string') return [stop]
  if (!Array.isArray(stop)) throw read.fault('stop', 'a string or an array of strings')
  return stop.map((text: Json, index) => read.string(text, `stop[${index}]`))
}

function takeLimits(given: JsonObject): Taken {
  const { max_completion_tokens: limit, max_tokens: olderLimit, stop, n, ...rest } = given
  const maxOutputTokens = read.optionalInteger(limit, 'max_completion_tokens') ?? read.optionalInteger(olderLimit, 'max_tokens')
  const candidates = read.optionalInteger(n, 'n')
  const sequences = stopSequences(stop)
  return {
    fields: {
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      ...(stop !== undefined && { stop: sequences }),
      ...(candidates !== undefined && { candidates }),
    },
    memo: {
      maxTokens: limit === undefined && olderLimit !== undefined ? 'max_tokens' : undefined,
      stop: typeof stop === 'string' ? 'text' : undefined,
    },
    rest: limit !== undefined && olderLimit !== undefined ? { ...rest, max_tokens: olderLimit } : rest,
  }
}

function takeSampling(given: JsonObject): Taken {
  const { temperature, top_p, top_k, seed, frequency_penalty, presence_penalty, ...rest } = given
  const values: { readonly [Key in keyof Sampling]: Sampling[Key] | undefined } = {
    temperature: read.optionalNumber(temperature, 'temperature'),
    topP: read.optionalNumber(top_p, 'top_p'),
    topK: read.optionalNumber(top_k, 'top_k'),
    seed: read.optionalNumber(seed, 'seed'),
    frequencyPenalty: read.optionalNumber(frequency_penalty, 'frequency_penalty'),
    presencePenalty: read.optionalNumber(presence_penalty, 'presence_penalty'),
  }
  return { fields: { sampling: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) }, rest }
}

function takeOutput(given: JsonObject): Taken {
  const { response_format: format, reasoning_effort: effort, verbosity, ...rest } = given
  const output = format === undefined ? undefined : decodeResponseFormat(read.object(format, 'response_format'))
  const usual = output && isDeepStrictEqual(encodeResponseFormat(output, undefined, context), format)
  const reasoning = read.optionalString(effort, 'reasoning_effort')
  const words = read.optionalString(verbosity, 'verbosity')
  return {
    fields: {
      ...(output && { output }),
      ...(reasoning !== undefined && { reasoning: decodeReasoningEffort(reasoning) }),
      ...(words !== undefined && { verbosity: words }),
    },
    memo: { response_format: usual ? undefined : format },
    rest,
  }
}

function takeLogprobs(given: JsonObject): Taken {
  const { logprobs: asked, top_logprobs: top, ...rest } = given
  const wanted = read.optionalBoolean(asked, 'logprobs') ?? false
  const alternatives = read.optionalInteger(top, 'top_logprobs')
  if (wanted) return { fields: { logprobs: alternatives ?? 0 }, unset: alternatives === 0 ? { top_logprobs: 0 } : {}, rest }
  return { fields: {}, unset: { ...(asked === false && { logprobs: false }), ...(top !== undefined && { top_logprobs: top }) }, rest }
}

function takeBookkeeping(given: JsonObject): Taken {
  const { service_tier: tier, metadata, user, ...rest } = given
  const serviceTier = read.optionalString(tier, 'service_tier')
  const labels = read.optionalObject(metadata, 'metadata')
  const endUser = read.optionalString(user, 'user')
  return {
    fields: {
      ...(serviceTier !== undefined && { serviceTier }),
      ...(labels && { metadata: labels }),
      ...(endUser !== undefined && { user: endUser }),
    },
    rest,
  }
}

export const requestGroups: readonly ((given: JsonObject) => Taken)[] = [
  takeStream,
  takeTools,
  takeLimits,
  takeSampling,
  takeOutput,
  takeLogprobs,
  takeBookkeeping,
]
