import { type Fields, isObject, objects } from '../../support/json-fields.ts'
import {
  type AskedTool,
  argumentsOf,
  digestOf,
  foundTools,
  member,
  memberObject,
  numberOf,
  propertiesOf,
  type RequestMeaning,
  type Speaker,
  Transcript,
} from './request-meaning.ts'

const hosted: readonly (readonly [RegExp, string])[] = [
  [/^web_search/, 'web-search'],
  [/^code_interpreter$/, 'code-execution'],
  [/^mcp$/, 'mcp'],
]

/** openai@6.49.0/resources/responses/responses.d.ts, ResponseCreateParamsBase and ResponseInputItem. */
export function readResponsesRequest(body: Fields): RequestMeaning {
  const transcript = new Transcript()
  transcript.text('system', body.instructions)
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : objects(body.input)
  for (const item of items) readItem(item, transcript)
  // Tools may come in the conversation, too: at its beginning, and as what a search for tools has found.
  const offered = [
    ...objects(body.tools),
    ...items.flatMap((item) => (/^(additional_tools|tool_search_output)$/.test(String(item.type)) ? objects(item.tools) : [])),
  ]
  const flat = offered.flatMap((tool) =>
    tool.type === 'namespace' ? objects(tool.tools).map((inner) => readTool(inner, String(tool.name))) : [readTool(tool)],
  )
  const tools = flat.filter((tool) => typeof tool !== 'string')
  const format = memberObject(body.text, 'format')
  const { effort, summary } = memberObject(body, 'reasoning')
  return {
    ...transcript.split(),
    tools,
    hosted: flat.filter((tool) => typeof tool === 'string'),
    toolChoice: tools.length === 0 ? undefined : readChoice(body.tool_choice),
    parallel: body.parallel_tool_calls === false ? false : undefined,
    limit: numberOf(body.max_output_tokens),
    temperature: numberOf(body.temperature),
    topP: numberOf(body.top_p),
    topK: undefined,
    seed: undefined,
    stop: [],
    candidates: undefined,
    output: format.type === 'json_object' ? 'json' : format.type === 'json_schema' ? propertiesOf(format.schema) : undefined,
    reasoning: effort === 'none' ? 'off' : typeof effort === 'string' || typeof summary === 'string' ? 'on' : undefined,
    stream: body.stream === true,
  }
}

function readItem(item: Fields, transcript: Transcript): void {
  const runsHere = item.execution === 'client'
  switch (item.type ?? 'message') {
    case 'message':
      readMessage(item, transcript)
      break
    case 'function_call':
      transcript.call(item.call_id, nameIn(item.namespace, item.name), argumentsOf(item.arguments))
      break
    case 'custom_tool_call':
      transcript.call(item.call_id, nameIn(item.namespace, item.name), String(item.input))
      break
    case 'tool_search_call':
      if (runsHere) transcript.call(item.call_id, 'tool_search', item.arguments)
      break
    case 'tool_search_output':
      if (runsHere) transcript.result(item.call_id, undefined, foundTools + namesOf(item.tools).join())
      break
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const parts: readonly Fields[] = typeof item.output === 'string' ? [{ type: 'input_text', text: item.output }] : objects(item.output)
      const media = parts.map(mediaOf).filter((digest) => digest !== undefined)
      const texts = parts.flatMap((part) => (mediaOf(part) === undefined ? [String(member(part, 'text'))] : []))
      transcript.result(item.call_id, undefined, texts.join('\n'), media)
    }
  }
}

function readMessage({ role, content }: Fields, transcript: Transcript): void {
  const by: Speaker = role === 'assistant' || role === 'user' ? role : 'system'
  if (typeof content === 'string') transcript.text(by, content)
  for (const part of objects(content)) {
    const media = mediaOf(part)
    if (media === undefined) transcript.text(by, member(part, 'text', 'refusal'))
    else transcript.media(by, media)
  }
}

function mediaOf(part: Fields): string | undefined {
  if (part.type === 'input_image') return digestOf('image', member(part, 'image_url', 'file_id'))
  return part.type === 'input_file' ? digestOf('document', member(part, 'file_data', 'file_url', 'file_id')) : undefined
}

function nameIn(group: unknown, name: unknown): string {
  return typeof group === 'string' ? `${group}__${name}` : String(name)
}

function namesOf(tools: unknown): string[] {
  return objects(tools).flatMap((tool) => (tool.type === 'namespace' ? objects(tool.tools).map(({ name }) => nameIn(tool.name, name)) : [String(tool.name)]))
}

/** A tool of the caller, or the word for one that the vendor runs. */
function readTool(tool: Fields, group?: string): AskedTool | string {
  const { type, name, description, parameters, execution } = tool
  const described = typeof description === 'string' ? description : ''
  if (type === 'function') return { name: nameIn(group, name), description: described, properties: propertiesOf(parameters) }
  if (type === 'custom') return { name: nameIn(group, name), description: described, properties: undefined }
  if (type === 'tool_search' && execution === 'client') return { name: 'tool_search', description: described, properties: propertiesOf(parameters) }
  return hosted.find(([pattern]) => pattern.test(String(type)))?.[1] ?? String(type)
}

function readChoice(choice: unknown): string | undefined {
  if (!isObject(choice)) return typeof choice === 'string' ? choice : undefined
  if (choice.type === 'allowed_tools')
    return `allowed:${choice.mode}:${objects(choice.tools)
      .map(({ name }) => name)
      .join()}`
  return `tool:${choice.name ?? choice.type}`
}
