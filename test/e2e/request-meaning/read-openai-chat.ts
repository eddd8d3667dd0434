import { type Fields, isObject, objects } from '../../support/json-fields.ts'
import {
  type AskedTool,
  argumentsOf,
  digestOf,
  member,
  memberObject,
  numberOf,
  propertiesOf,
  type RequestMeaning,
  type Speaker,
  stopsOf,
  Transcript,
} from './request-meaning.ts'

/** openai@6.49.0/resources/chat/completions/completions.d.ts, ChatCompletionCreateParamsBase. */
export function readChatRequest(body: Fields): RequestMeaning {
  const transcript = new Transcript()
  for (const message of objects(body.messages)) readMessage(message, transcript)
  const tools = [
    ...objects(body.tools).map((tool) => (tool.type === 'custom' ? readCustomTool(tool) : readTool(tool.function))),
    ...objects(body.functions).map(readTool),
  ]
  return {
    ...transcript.split(),
    tools,
    hosted: body.web_search_options === undefined ? [] : ['web-search'],
    toolChoice: tools.length === 0 ? undefined : readChoice(body.tool_choice ?? body.function_call),
    parallel: body.parallel_tool_calls === false ? false : undefined,
    limit: numberOf(member(body, 'max_completion_tokens', 'max_tokens')),
    temperature: numberOf(body.temperature),
    topP: numberOf(body.top_p),
    topK: numberOf(body.top_k),
    seed: numberOf(body.seed),
    stop: stopsOf(body.stop),
    candidates: numberOf(body.n),
    output: readOutput(body.response_format),
    reasoning: typeof body.reasoning_effort === 'string' ? (body.reasoning_effort === 'none' ? 'off' : 'on') : undefined,
    stream: body.stream === true,
  }
}

function readMessage(message: Fields, transcript: Transcript): void {
  const { role, content } = message
  if (role === 'tool' || role === 'function') {
    const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : objects(content)
    const text = parts.map((part) => member(part, 'text')).join('\n')
    transcript.result(role === 'tool' ? message.tool_call_id : undefined, message.name, text)
    return
  }
  const by: Speaker = role === 'assistant' ? 'assistant' : role === 'user' ? 'user' : 'system'
  if (typeof content === 'string') transcript.text(by, content)
  for (const part of objects(content)) readPart(part, by, transcript)
  transcript.text(by, message.refusal)
  for (const call of objects(message.tool_calls)) {
    if (isObject(call.custom)) transcript.call(call.id, call.custom.name, String(call.custom.input))
    else transcript.call(call.id, memberObject(call, 'function').name, argumentsOf(memberObject(call, 'function').arguments))
  }
  if (isObject(message.function_call)) transcript.call(undefined, message.function_call.name, argumentsOf(message.function_call.arguments))
}

function readPart(part: Fields, by: Speaker, transcript: Transcript): void {
  if (part.type === 'image_url') transcript.media(by, digestOf('image', memberObject(part, 'image_url').url))
  else if (part.type === 'file') transcript.media(by, digestOf('document', member(part.file, 'file_data', 'file_id')))
  else if (part.type === 'input_audio') transcript.media(by, digestOf('audio', memberObject(part, 'input_audio').data))
  else transcript.text(by, member(part, 'text', 'refusal'))
}

function readTool(described: unknown): AskedTool {
  const { name, description, parameters } = isObject(described) ? described : {}
  return { name: String(name), description: typeof description === 'string' ? description : '', properties: propertiesOf(parameters) }
}

function readCustomTool(tool: Fields): AskedTool {
  const { name, description } = memberObject(tool, 'custom')
  return { name: String(name), description: typeof description === 'string' ? description : '', properties: undefined }
}

function readChoice(choice: unknown): string | undefined {
  if (!isObject(choice)) return typeof choice === 'string' ? choice : undefined
  if (choice.type === 'allowed_tools') {
    const allowed = memberObject(choice, 'allowed_tools')
    const names = objects(allowed.tools).map((tool) => member(tool.function, 'name') ?? member(tool.custom, 'name'))
    return `allowed:${allowed.mode}:${names.join()}`
  }
  return `tool:${member(choice.function, 'name') ?? member(choice.custom, 'name') ?? choice.name}`
}

function readOutput(format: unknown): RequestMeaning['output'] {
  if (!isObject(format) || format.type === 'text') return undefined
  return format.type === 'json_object' ? 'json' : propertiesOf(memberObject(format, 'json_schema').schema)
}
