import { type Fields, isObject, list, objects } from './json-fields.ts'
import { refuseInput, refuseInputPairing } from './openai-responses-input-rules.ts'
import { refuseResponsesTools, refuseTextFormat } from './openai-responses-tool-rules.ts'

/**
 * Source: `openai@6.49.0/resources/responses/responses.d.ts`, ResponseCreateParamsBase; and beside it what the vendor's own agent sends
 * (`client_metadata`), and what the vendor echoes in every response (`max_tool_calls`, `frequency_penalty`, `presence_penalty`).
 */
const knownFields = new Set(
  (
    'background context_management conversation include input instructions max_output_tokens metadata model moderation parallel_tool_calls previous_response_id ' +
    'prompt prompt_cache_key prompt_cache_options prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options temperature text ' +
    'tool_choice tools top_logprobs top_p truncation user client_metadata max_tool_calls frequency_penalty presence_penalty'
  ).split(' '),
)
/** What a caller of Chat Completions writes, and where the vendor says that it went. */
const movedFields: Readonly<Record<string, string>> = {
  messages: 'input',
  max_tokens: 'max_output_tokens',
  max_completion_tokens: 'max_output_tokens',
  response_format: 'text.format',
  reasoning_effort: 'reasoning.effort',
  verbosity: 'text.verbosity',
}
/** Source: the same file, ResponseIncludable. */
const includables = (
  'file_search_call.results web_search_call.results web_search_call.action.sources message.input_image.image_url computer_call_output.output.image_url ' +
  'code_interpreter_call.outputs reasoning.encrypted_content message.output_text.logprobs'
).split(' ')
/** Source: `openai@6.49.0/resources/shared.d.ts`, ReasoningEffort and Reasoning. */
const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']
const summaries = ['auto', 'concise', 'detailed']

/** Why the vendor would answer 400 to this body, in its own words where they are known; undefined when it would not. */
export function refuseResponsesRequest(body: unknown): string | undefined {
  if (!isObject(body)) return 'We could not parse the JSON body of your request.'
  return (
    refuseUnknownFields(body) ??
    refuseModelAndInput(body) ??
    refuseInput(body.input, body.store === false) ??
    (continuesStored(body) ? undefined : refuseInputPairing(objects(body.input))) ??
    refuseResponsesTools(body) ??
    refuseTextFormat(body) ??
    refuseReasoning(body.reasoning) ??
    refuseStream(body) ??
    refuseSettings(body)
  )
}

function refuseUnknownFields(body: Fields): string | undefined {
  const unknown = Object.keys(body).find((name) => !knownFields.has(name))
  if (unknown === undefined) return undefined
  const moved = movedFields[unknown]
  return moved === undefined
    ? `Unknown parameter: '${unknown}'.`
    : `Unsupported parameter: '${unknown}'. In the Responses API, this parameter has moved to '${moved}'. Try again with the new parameter.`
}

/** What the vendor keeps may hold the calls and the reasoning that an input refers to. */
function continuesStored({ previous_response_id: previous, conversation, prompt }: Fields): boolean {
  return isSet(previous) || isSet(conversation) || isSet(prompt)
}

function refuseModelAndInput(body: Fields): string | undefined {
  const { model, input, instructions } = body
  if (typeof model !== 'string' || model === '') {
    if (model !== undefined || !isSet(body.prompt)) return "Missing required parameter: 'model'."
  }
  if (instructions !== undefined && instructions !== null && typeof instructions !== 'string') return "Invalid type for 'instructions': expected a string."
  if (input === undefined || (Array.isArray(input) && input.length === 0))
    return continuesStored(body) ? undefined : 'One of "input" or "previous_response_id" or \'prompt\' or \'conversation_id\' must be provided.'
  return typeof input === 'string' || Array.isArray(input) ? undefined : "Invalid type for 'input': expected one of a string or array of items."
}

function refuseReasoning(reasoning: unknown): string | undefined {
  if (!isSet(reasoning)) return undefined
  if (!isObject(reasoning)) return "Invalid type for 'reasoning': expected an object."
  const unknown = Object.keys(reasoning).find((name) => !['context', 'effort', 'generate_summary', 'mode', 'summary'].includes(name))
  if (unknown !== undefined) return `Unknown parameter: 'reasoning.${unknown}'.`
  if (isSet(reasoning.effort) && !efforts.includes(String(reasoning.effort)))
    return `Invalid value: '${String(reasoning.effort)}'. Supported values are: ${quoted(efforts)}. (reasoning.effort)`
  if (isSet(reasoning.summary) && !summaries.includes(String(reasoning.summary)))
    return `Invalid value: '${String(reasoning.summary)}'. Supported values are: ${quoted(summaries)}. (reasoning.summary)`
  return undefined
}

function refuseStream({ stream, stream_options: options }: Fields): string | undefined {
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') return "Invalid type for 'stream': expected a boolean."
  if (!isSet(options)) return undefined
  if (!isObject(options)) return "Invalid type for 'stream_options': expected an object."
  const unknown = Object.keys(options).find((name) => name !== 'include_obfuscation')
  if (unknown !== undefined) return `Unknown parameter: 'stream_options.${unknown}'.`
  return stream === true ? undefined : "The 'stream_options' parameter is only allowed when 'stream' is enabled."
}

function refuseSettings(body: Fields): string | undefined {
  const { include, metadata, max_output_tokens: limit, truncation, service_tier: tier, store, background } = body
  const word = list(include).find((each) => !includables.includes(String(each)))
  if (word !== undefined || (isSet(include) && !Array.isArray(include)))
    return `Invalid value: '${String(word ?? include)}'. Supported values are: ${quoted(includables)}. (include)`
  if (!inRange(body.temperature, 0, 2)) return "Invalid 'temperature': decimal above maximum value. Expected a value <= 2."
  if (!inRange(body.top_p, 0, 1)) return "Invalid 'top_p': decimal above maximum value. Expected a value <= 1."
  if (!inRange(body.top_logprobs, 0, 20)) return "Invalid 'top_logprobs': integer above maximum value. Expected a value <= 20."
  // 15 was answered so; the types name no minimum.
  if (isSet(limit) && !(Number.isInteger(limit) && (limit as number) >= 16))
    return `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${String(limit)} instead.`
  for (const name of ['store', 'background', 'parallel_tool_calls'] as const)
    if (isSet(body[name]) && typeof body[name] !== 'boolean') return `Invalid type for '${name}': expected a boolean.`
  if (background === true && store === false) return "Background mode requires 'store' to be true."
  if (isSet(truncation) && truncation !== 'auto' && truncation !== 'disabled') return `Invalid value: '${String(truncation)}' for 'truncation'.`
  if (isSet(tier) && !['auto', 'default', 'flex', 'scale', 'priority'].includes(String(tier))) return `Invalid value: '${String(tier)}' for 'service_tier'.`
  for (const name of ['safety_identifier', 'prompt_cache_key'] as const)
    if (isSet(body[name]) && !(typeof body[name] === 'string' && body[name].length <= 64))
      return `Invalid '${name}': string too long. Expected a string with maximum length 64.`
  return refuseMetadata(metadata)
}

/** Source: the same file, Metadata: 16 pairs, keys of 64 characters, values that are strings of 512. */
function refuseMetadata(metadata: unknown): string | undefined {
  if (!isSet(metadata)) return undefined
  if (!isObject(metadata)) return "Invalid type for 'metadata': expected an object."
  if (Object.keys(metadata).length > 16) return "Invalid 'metadata': too many properties. Expected an object with at most 16 properties."
  for (const [key, value] of Object.entries(metadata)) {
    if (key.length > 64) return `Invalid 'metadata': property name is too long. Expected at most 64 characters.`
    if (typeof value !== 'string') return `Invalid type for 'metadata.${key}': expected a string.`
    if (value.length > 512) return `Invalid 'metadata.${key}': string too long. Expected a string with maximum length 512.`
  }
  return undefined
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ')
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null
}

function inRange(value: unknown, least: number, most: number): boolean {
  return !isSet(value) || (typeof value === 'number' && value >= least && value <= most)
}
