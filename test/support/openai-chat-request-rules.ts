import { type Fields, isObject, list, objects } from './json-fields.ts'
import { lacksItems } from './json-schema-rules.ts'

/** Source: `openai@6.49.0/resources/chat/completions/completions.d.ts`, ChatCompletionCreateParamsBase. */
const knownFields = new Set(
  (
    'messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens metadata modalities moderation n ' +
    'parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options prompt_cache_retention reasoning_effort response_format ' +
    'safety_identifier seed service_tier stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options'
  ).split(' '),
)
const knownMessageFields = new Set('role content name refusal audio annotations parsed function_call tool_calls tool_call_id'.split(' '))
const partTypes: Readonly<Record<string, readonly string[]>> = {
  system: ['text'],
  developer: ['text'],
  tool: ['text'],
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
}

/** Why the vendor would answer 400 to this body, in its own words where they are known; undefined when it would not. */
export function refuseChatRequest(body: unknown): string | undefined {
  if (!isObject(body)) return 'We could not parse the JSON body of your request.'
  return (
    unknownFields(body) ??
    (typeof body.model === 'string' && body.model !== '' ? undefined : 'you must provide a model parameter') ??
    refuseMessages(body.messages) ??
    refusePairing(objects(body.messages)) ??
    refuseTools(body) ??
    refuseSettings(body)
  )
}

function unknownFields(body: Fields): string | undefined {
  const unknown = Object.keys(body).find((name) => !knownFields.has(name))
  return unknown === undefined ? undefined : `Unrecognized request argument supplied: ${unknown}`
}

function refuseMessages(messages: unknown): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return "Invalid 'messages': empty array. Expected an array with minimum length 1."
  for (const [index, message] of messages.entries()) {
    const at = `messages[${index}]`
    if (!isObject(message)) return `Invalid type for '${at}': expected an object.`
    const unknown = Object.keys(message).find((name) => !knownMessageFields.has(name))
    if (unknown !== undefined) return `Unknown parameter: '${at}.${unknown}'.`
    const refusal = refuseContent(message, at) ?? (message.role === 'assistant' ? refuseCalls(message.tool_calls, at) : undefined)
    if (refusal !== undefined) return refusal
    if (message.role !== 'assistant' && message.tool_calls !== undefined) return `Unknown parameter: '${at}.tool_calls'.`
    if (message.role === 'tool' && typeof message.tool_call_id !== 'string') return `Missing required parameter: '${at}.tool_call_id'.`
  }
  return undefined
}

function refuseContent({ role, content, tool_calls: calls, refusal, audio }: Fields, at: string): string | undefined {
  const types = typeof role === 'string' ? partTypes[role] : undefined
  if (!types) return `Invalid value: '${String(role)}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`
  if (typeof content === 'string') return undefined
  if (content === null || content === undefined) {
    const mayBeEmpty = role === 'assistant' && (calls !== undefined || typeof refusal === 'string' || isObject(audio))
    return mayBeEmpty ? undefined : `Invalid value for 'content': expected a string, got null. (${at})`
  }
  if (!Array.isArray(content) || content.length === 0) return `Invalid '${at}.content': empty array. Expected an array with minimum length 1.`
  for (const [number, part] of content.entries()) {
    const type = isObject(part) ? part.type : undefined
    if (typeof type !== 'string' || !types.includes(type))
      return `Invalid value: '${String(type)}' at '${at}.content[${number}].type' for role '${String(role)}'.`
    if (type === 'text' && typeof part.text !== 'string') return `Missing required parameter: '${at}.content[${number}].text'.`
    if (type === 'image_url' && !(isObject(part.image_url) && /^(https?:|data:image\/[\w.+-]+;base64,)/.test(String(part.image_url.url))))
      return `Invalid '${at}.content[${number}].image_url.url'.`
    if (type === 'input_audio' && !isObject(part.input_audio)) return `Missing required parameter: '${at}.content[${number}].input_audio'.`
    if (type === 'file' && !isObject(part.file)) return `Missing required parameter: '${at}.content[${number}].file'.`
  }
  return undefined
}

function refuseCalls(calls: unknown, at: string): string | undefined {
  if (calls === undefined) return undefined
  if (!Array.isArray(calls) || calls.length === 0) return `Invalid '${at}.tool_calls': empty array. Expected an array with minimum length 1.`
  for (const [number, call] of calls.entries()) {
    const where = `${at}.tool_calls[${number}]`
    if (!isObject(call) || typeof call.id !== 'string' || call.id === '') return `Missing required parameter: '${where}.id'.`
    if (call.type !== 'function' && call.type !== 'custom') return `Invalid value: '${String(call.type)}' at '${where}.type'.`
    const made = call[call.type]
    if (!isObject(made) || typeof made.name !== 'string' || made.name === '') return `Missing required parameter: '${where}.${call.type}.name'.`
    const text = call.type === 'function' ? made.arguments : made.input
    if (typeof text !== 'string') return `Invalid type for '${where}': expected a string of arguments.`
  }
  return undefined
}

/** Every call is answered, right behind it, and every answer has its call. */
function refusePairing(messages: readonly Fields[]): string | undefined {
  let open = new Set<unknown>()
  const unanswered = () =>
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`
  for (const message of messages) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id)) return "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
      continue
    }
    if (open.size > 0) return unanswered()
    open = new Set(objects(message.tool_calls).map((call) => call.id))
  }
  return open.size > 0 ? unanswered() : undefined
}

function refuseTools({ tools, tool_choice: choice, parallel_tool_calls: parallel }: Fields): string | undefined {
  if (tools === undefined) {
    if (choice !== undefined && choice !== 'none') return "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
    return parallel === undefined ? undefined : "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified."
  }
  if (!Array.isArray(tools) || tools.length === 0) return "Invalid 'tools': empty array. Expected an array with minimum length 1."
  const names: unknown[] = []
  for (const [index, tool] of tools.entries()) {
    const body = isObject(tool) ? tool[String(tool.type)] : undefined
    if (!isObject(tool) || (tool.type !== 'function' && tool.type !== 'custom') || !isObject(body)) return `Invalid value for 'tools[${index}].type'.`
    if (typeof body.name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(body.name))
      return `Invalid 'tools[${index}].function.name': string does not match pattern.`
    if (body.parameters !== undefined && !(isObject(body.parameters) && body.parameters.type === 'object'))
      return `Invalid schema for function '${body.name}': schema must be a JSON Schema of 'type: "object"'.`
    const onTop = isObject(body.parameters) ? ['oneOf', 'anyOf', 'allOf', 'enum', 'not'].find((word) => word in (body.parameters as Fields)) : undefined
    if (onTop !== undefined)
      return `Invalid schema for function '${body.name}': schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.`
    if (lacksItems(body.parameters)) return `Invalid schema for function '${body.name}': array schema missing items.`
    names.push(body.name)
  }
  if (isObject(choice)) {
    const named = isObject(choice.function) ? choice.function.name : isObject(choice.custom) ? choice.custom.name : undefined
    if (choice.type !== 'allowed_tools' && !names.includes(named))
      return `Invalid value for 'tool_choice': Tool choice '${String(named)}' not found in 'tools' parameter.`
  } else if (choice !== undefined && !['auto', 'none', 'required'].includes(String(choice))) return `Invalid value: '${String(choice)}' for 'tool_choice'.`
  return undefined
}

function refuseSettings(body: Fields): string | undefined {
  const { stream, stream_options: streamOptions, stop, temperature, top_p: topP, max_tokens: old, max_completion_tokens: limit } = body
  if (streamOptions !== undefined && streamOptions !== null && stream !== true)
    return "The 'stream_options' parameter is only allowed when 'stream' is enabled."
  if (stop !== undefined && stop !== null && typeof stop !== 'string' && !(list(stop).length > 0 && list(stop).length <= 4))
    return "Invalid 'stop': array too long."
  if (!inRange(temperature, 0, 2)) return "Invalid 'temperature': decimal above maximum value."
  if (!inRange(topP, 0, 1)) return "Invalid 'top_p': decimal above maximum value."
  if (isSet(old) && isSet(limit)) return "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
  for (const given of [old, limit])
    if (isSet(given) && !(Number.isInteger(given) && (given as number) >= 1)) return "Invalid 'max_tokens': integer below minimum value."
  return undefined
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null
}

function inRange(value: unknown, least: number, most: number): boolean {
  return !isSet(value) || (typeof value === 'number' && value >= least && value <= most)
}
