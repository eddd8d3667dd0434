import { type Fields, isObject, objects } from '../../support/json-fields.ts'
import {
  digestOf,
  foundTools,
  member,
  memberObject,
  numberOf,
  propertiesOf,
  type RequestMeaning,
  type Speaker,
  stopsOf,
  Transcript,
} from './request-meaning.ts'

const hosted: readonly (readonly [RegExp, string])[] = [
  [/^web_search/, 'web-search'],
  [/^web_fetch/, 'web-fetch'],
  [/^code_execution/, 'code-execution'],
]

/** @anthropic-ai/sdk@1.12.0/resources/messages/messages.d.ts, MessageCreateParamsBase. */
export function readMessagesRequest(body: Fields): RequestMeaning {
  const transcript = new Transcript()
  if (typeof body.system === 'string') transcript.text('system', body.system)
  for (const block of objects(body.system)) transcript.text('system', block.text)
  for (const { role, content } of objects(body.messages)) {
    const by: Speaker = role === 'assistant' || role === 'system' ? role : 'user'
    if (typeof content === 'string') transcript.text(by, content)
    for (const block of objects(content)) readBlock(block, by, transcript)
  }
  const own = objects(body.tools).filter((tool) => tool.type === undefined || tool.type === null || tool.type === 'custom')
  const run = objects(body.tools).filter((tool) => !own.includes(tool))
  const choice = memberObject(body, 'tool_choice')
  const effort = memberObject(body, 'output_config').effort
  const thinking = memberObject(body, 'thinking').type
  const schema = member(body.output_config, 'format') ?? body.output_format
  return {
    ...transcript.split(),
    tools: own.map((tool) => ({
      name: String(tool.name),
      description: typeof tool.description === 'string' ? tool.description : '',
      properties: propertiesOf(tool.input_schema),
    })),
    hosted: [
      ...run.map((tool) => hosted.find(([pattern]) => pattern.test(String(tool.type)))?.[1] ?? String(tool.type)),
      ...objects(body.mcp_servers).map(() => 'mcp'),
    ].filter((name) => name !== 'mcp_toolset'),
    toolChoice: own.length === 0 ? undefined : readChoice(choice),
    parallel: choice.disable_parallel_tool_use === true ? false : undefined,
    limit: numberOf(body.max_tokens),
    temperature: numberOf(body.temperature),
    topP: numberOf(body.top_p),
    topK: numberOf(body.top_k),
    seed: undefined,
    stop: stopsOf(body.stop_sequences),
    candidates: undefined,
    output: isObject(schema) ? propertiesOf(schema.schema) : undefined,
    reasoning: thinking === 'disabled' ? 'off' : thinking !== undefined || effort !== undefined ? 'on' : undefined,
    stream: body.stream === true,
  }
}

function readBlock(block: Fields, by: Speaker, transcript: Transcript): void {
  switch (block.type) {
    case 'text':
      transcript.text(by, block.text)
      break
    case 'image':
    case 'document':
      if (memberObject(block, 'source').type === 'text') {
        transcript.text(by, block.title)
        transcript.text(by, memberObject(block, 'source').data)
      } else transcript.media(by, mediaOf(block))
      break
    case 'tool_use':
      transcript.call(block.id, block.name, block.input ?? {})
      break
    case 'tool_result': {
      const parts: readonly Fields[] = typeof block.content === 'string' ? [{ type: 'text', text: block.content }] : objects(block.content)
      const media = parts.filter((part) => part.type === 'image' || part.type === 'document').map(mediaOf)
      const texts = parts.flatMap((part) => (part.type === 'text' ? [String(part.text)] : []))
      const found = parts.flatMap((part) => (part.type === 'tool_reference' ? [String(part.tool_name)] : []))
      transcript.result(block.tool_use_id, undefined, found.length > 0 ? foundTools + found.join() : texts.join('\n'), media)
    }
  }
}

function mediaOf(block: Fields): string {
  return digestOf(String(block.type), member(block.source, 'data', 'url', 'file_id'))
}

function readChoice({ type, name }: Fields): string | undefined {
  if (type === undefined) return undefined
  return type === 'any' ? 'required' : type === 'tool' ? `tool:${name}` : String(type)
}
