import { geminiRequest } from './gemini-request-fields.ts'
import { refuseGeminiTools, refuseSchema } from './gemini-schema-rules.ts'
import { type Fields, isObject, list, objects } from './json-fields.ts'
import { readProto } from './proto-json.ts'

/**
 * Why the vendor would answer 400 to this body, in its own words where they are known; undefined when it would not. The model stands in the address:
 * with a name the rules of its generation are kept too.
 */
export function refuseGeminiRequest(body: unknown, model = ''): string | undefined {
  if (!isObject(body)) return 'Invalid JSON payload received. Unexpected token.'
  const reading = readProto(body, 'GenerateContentRequest', geminiRequest)
  if ('refusal' in reading) return reading.refusal
  const request = reading.value
  return (
    refuseContents(request.contents) ??
    refuseSystem(request.systemInstruction) ??
    refusePairing(objects(request.contents)) ??
    refuseGeminiTools(request) ??
    refuseGeneration(request.generationConfig) ??
    refuseCached(request) ??
    refuseSafety(request.safetySettings) ??
    refuseForModel(request, model)
  )
}

function refuseContents(contents: unknown): string | undefined {
  if (list(contents).length === 0) return '* GenerateContentRequest.contents: contents is not specified'
  for (const [index, { role, parts }] of objects(contents).entries()) {
    const at = `contents[${index}]`
    if (role !== undefined && role !== 'user' && role !== 'model') return 'Please use a valid role: user, model.'
    if (index === 0 && role === 'model') return 'Please ensure that the first turn is a user turn.'
    if (list(parts).length === 0) return `* GenerateContentRequest.${at}.parts: contents.parts must not be empty.`
    for (const [number, part] of objects(parts).entries()) {
      const refusal = refusePart(part, `${at}.parts[${number}]`, role)
      if (refusal !== undefined) return refusal
    }
  }
  return undefined
}

/** That no more than one kind of data is in a part was seen while it was read. */
function refusePart(part: Fields, at: string, role: unknown): string | undefined {
  const where = `* GenerateContentRequest.${at}`
  const data = geminiRequest.oneofs.Part?.find((name) => part[name] !== undefined)
  if (data === undefined) return `${where}.data: required oneof field 'data' must have one initialized field`
  const value = part[data]
  if (!isObject(value)) return undefined
  switch (data) {
    case 'inlineData':
      return refuseBlob(value, `${where}.inline_data`)
    case 'fileData':
      return isText(value.fileUri) ? undefined : `${where}.file_data.file_uri: must not be empty`
    case 'functionCall':
      if (role !== 'model') return 'Please ensure that function call turns come from the model.'
      return isText(value.name) ? undefined : `${where}.function_call.name: Name cannot be empty.`
    case 'functionResponse': {
      if (role === 'model') return 'Please ensure that function response turns come from the user.'
      if (!isText(value.name)) return `${where}.function_response.name: Name cannot be empty.`
      if (!isObject(value.response)) return `${where}.function_response.response: required field is not set`
      const blobs = objects(value.parts).flatMap(({ inlineData }) => (isObject(inlineData) ? [inlineData] : []))
      return blobs.map((blob) => refuseBlob(blob, `${where}.function_response.parts.inline_data`)).find((refusal) => refusal !== undefined)
    }
    case 'executableCode':
      return isText(value.code) && isText(value.language) ? undefined : `${where}.executable_code: language and code must be set`
    case 'codeExecutionResult':
      return isText(value.outcome) ? undefined : `${where}.code_execution_result.outcome: must be set`
    default:
      return undefined
  }
}

function refuseBlob({ mimeType, data }: Fields, at: string): string | undefined {
  if (!isText(mimeType)) return `${at}.mime_type: must not be empty`
  return isText(data) ? undefined : `${at}.data: must not be empty`
}

function refuseSystem(system: unknown): string | undefined {
  if (!isObject(system)) return undefined
  const parts = objects(system.parts)
  if (parts.length === 0) return '* GenerateContentRequest.system_instruction.parts: contents.parts must not be empty.'
  const bad = parts.findIndex((part) => typeof part.text !== 'string')
  if (bad === -1) return undefined
  const isEmpty = !geminiRequest.oneofs.Part?.some((name) => parts[bad]?.[name] !== undefined)
  return isEmpty
    ? `* GenerateContentRequest.system_instruction.parts[${bad}].data: required oneof field 'data' must have one initialized field`
    : 'Developer instruction supports text only.'
}

/** The vendor merges neighbours of one role: chats of its own client keep every chunk of a stream as a turn. */
function turnsOf(contents: readonly Fields[]): { role: unknown; parts: Fields[] }[] {
  const turns: { role: unknown; parts: Fields[] }[] = []
  for (const { role = 'user', parts } of contents) {
    const last = turns.at(-1)
    if (last && last.role === role) last.parts.push(...objects(parts))
    else turns.push({ role, parts: [...objects(parts)] })
  }
  return turns
}

/** Calls are answered by the very next turn: as many responses, of the same names, and of the same ids where there are any. */
function refusePairing(contents: readonly Fields[]): string | undefined {
  const unequal = 'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.'
  let open: readonly Fields[] = []
  for (const { role, parts } of turnsOf(contents)) {
    const responses = parts.flatMap(({ functionResponse: response }) => (isObject(response) ? [response] : []))
    if (role === 'model') {
      open = parts.flatMap(({ functionCall: call }) => (isObject(call) ? [call] : []))
      continue
    }
    if (open.length === 0 && responses.length > 0) return 'Please ensure that function response turn comes immediately after a function call turn.'
    if (responses.length !== open.length) return unequal
    const named = (calls: readonly Fields[]) =>
      calls
        .map(({ name }) => String(name))
        .sort()
        .join()
    if (named(responses) !== named(open))
      return 'Please ensure that function response parts have the names of the function call parts of the function call turn.'
    const ids = open.map(({ id }) => id)
    if (responses.some(({ id }) => id !== undefined && !ids.includes(id)) && ids.every((id) => id !== undefined))
      return 'Please ensure that function response parts have the ids of the function call parts of the function call turn.'
    open = []
  }
  return open.length > 0 ? unequal : undefined
}

function refuseGeneration(config: unknown): string | undefined {
  if (!isObject(config)) return undefined
  const { temperature, topP, topK, candidateCount, maxOutputTokens, stopSequences, responseSchema, responseJsonSchema, responseMimeType, logprobs } = config
  // Recorded with a temperature of 1000.
  if (!inRange(temperature, 0, 2))
    return `Unable to submit request because it has a temperature value of ${String(temperature)} but the supported range is from 0 (inclusive) to 2.0001 (exclusive). Update the value and try again.`
  if (!inRange(topP, 0, 1)) return 'top_p must be in the range [0.0, 1.0].'
  if (topK !== undefined && !inRange(topK, 1, 1_000)) return 'top_k must be positive.'
  if (candidateCount !== undefined && !inRange(candidateCount, 1, 8)) return 'candidate_count must be in the range [1, 8].'
  if (maxOutputTokens !== undefined && !inRange(maxOutputTokens, 1, Number.MAX_SAFE_INTEGER)) return 'max_output_tokens must be positive.'
  // Source: ai.google.dev, "GenerationConfig": "The set of character sequences (up to 5) that will stop output generation."
  if (list(stopSequences).length > 5) return 'The number of stop sequences must not exceed 5.'
  if (list(stopSequences).includes('')) return 'stop_sequences must not contain an empty string.'
  if (logprobs !== undefined && config.responseLogprobs !== true) return 'logprobs is set but response_logprobs is not.'
  // Source: the same file, GenerateContentConfig.responseJsonSchema: "If set, `response_schema` must be omitted, but `response_mime_type` is required."
  if (responseSchema !== undefined && responseJsonSchema !== undefined) return 'Only one of response_schema and response_json_schema may be set.'
  if (responseMimeType !== undefined && !['text/plain', 'application/json', 'text/x.enum'].includes(String(responseMimeType)))
    return `* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are \`text/plain\`, \`application/json\`, \`text/x.enum\`.`
  if ((responseSchema !== undefined || responseJsonSchema !== undefined) && (responseMimeType === undefined || responseMimeType === 'text/plain'))
    return '* GenerateContentRequest.generation_config.response_mime_type: a response schema needs the mimetype application/json'
  if (responseJsonSchema !== undefined && !isObject(responseJsonSchema)) return 'response_json_schema must be a JSON Schema object.'
  return refuseSchema(responseSchema, 'generation_config.response_schema') ?? refuseThinking(config.thinkingConfig)
}

function refuseThinking(config: unknown): string | undefined {
  if (!isObject(config)) return undefined
  const { thinkingBudget: budget, thinkingLevel: level } = config
  if (budget !== undefined && level !== undefined) return 'You can only set only one of thinking budget and thinking level.'
  return budget !== undefined && (budget as number) < -1 ? 'The thinking budget is invalid. Please choose a value between -1 and 32768.' : undefined
}

function refuseCached({ cachedContent, systemInstruction, tools, toolConfig }: Fields): string | undefined {
  const hasOthers = systemInstruction !== undefined || list(tools).length > 0 || toolConfig !== undefined
  return cachedContent !== undefined && hasOthers
    ? 'CachedContent can not be used with GenerateContent request setting system_instruction, tools or tool_config.'
    : undefined
}

/** Source: ai.google.dev, "GenerateContentRequest.safetySettings": "There should not be more than one setting for each SafetyCategory type." */
function refuseSafety(settings: unknown): string | undefined {
  const categories = objects(settings).map(({ category }) => category)
  if (categories.some((category) => category === undefined)) return 'safety_settings: category must be set.'
  return new Set(categories).size < categories.length ? 'safety_settings: more than one setting for a category.' : undefined
}

function refuseForModel({ contents, generationConfig }: Fields, model: string): string | undefined {
  const generation = Number(/gemini-(\d+)/.exec(model)?.[1] ?? 0)
  const { thinkingConfig } = isObject(generationConfig) ? generationConfig : {}
  const level = isObject(thinkingConfig) ? thinkingConfig.thinkingLevel : undefined
  if (generation > 0 && generation < 3) return level === undefined ? undefined : 'Thinking level is not supported for this model.'
  return generation >= 3 ? refuseUnsigned(objects(contents)) : undefined
}

/**
 * From Gemini 3 on the first call of every step of the current turn carries its signature; a turn begins with what the user says of his own. Source:
 * ai.google.dev, "Thought signatures".
 */
function refuseUnsigned(contents: readonly Fields[]): string | undefined {
  const turns = turnsOf(contents)
  const begin = turns.findLastIndex(({ role, parts }) => role === 'user' && parts.some((part) => part.text !== undefined))
  for (const [index, { parts }] of turns.entries()) {
    const first = index > begin ? parts.find((part) => part.functionCall !== undefined) : undefined
    if (!first || isText(first.thoughtSignature)) continue
    const name = isObject(first.functionCall) ? first.functionCall.name : ''
    return `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${String(name)}\` , position ${index + 1}.`
  }
  return undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function inRange(value: unknown, least: number, most: number): boolean {
  return value === undefined || (typeof value === 'number' && value >= least && value <= most)
}
