import { type Fields, isObject, objects } from '../../support/json-fields.ts'
import {
  type AskedTool,
  canonical,
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

const hosted: Readonly<Record<string, string>> = {
  googleSearch: 'web-search',
  google_search: 'web-search',
  googleSearchRetrieval: 'web-search',
  google_search_retrieval: 'web-search',
  urlContext: 'web-fetch',
  url_context: 'web-fetch',
  codeExecution: 'code-execution',
  code_execution: 'code-execution',
  mcpServers: 'mcp',
  mcp_servers: 'mcp',
}
const kinds: readonly (readonly [RegExp, string])[] = [
  [/^image\//, 'image'],
  [/^audio\//, 'audio'],
  [/^video\//, 'video'],
]

/** @google/genai@3.1.0/dist/genai.d.ts, GenerateContentParameters; the API takes every name in camel case and in snake case. */
export function readGeminiRequest(body: Fields): RequestMeaning {
  const transcript = new Transcript()
  const system = member(body, 'systemInstruction', 'system_instruction')
  for (const part of typeof system === 'string' ? [{ text: system }] : objects(memberObject({ system }, 'system').parts)) transcript.text('system', part.text)
  for (const { role, parts } of objects(body.contents)) for (const part of objects(parts)) readPart(part, role === 'model' ? 'assistant' : 'user', transcript)
  const declared = objects(body.tools).flatMap((tool) => objects(member(tool, 'functionDeclarations', 'function_declarations')))
  const run = objects(body.tools).flatMap((tool) => Object.keys(tool).filter((name) => !/^function_?declarations$/i.test(name)))
  const config = memberObject(body, 'generationConfig', 'generation_config')
  const thinking = memberObject(config, 'thinkingConfig', 'thinking_config')
  const budget = member(thinking, 'thinkingBudget', 'thinking_budget')
  const shown = member(thinking, 'includeThoughts', 'include_thoughts')
  const level = member(thinking, 'thinkingLevel', 'thinking_level')
  return {
    ...transcript.split(),
    tools: declared.map(readTool),
    hosted: run.map((name) => hosted[name] ?? name),
    toolChoice:
      declared.length === 0
        ? undefined
        : readChoice(memberObject(memberObject(body, 'toolConfig', 'tool_config'), 'functionCallingConfig', 'function_calling_config')),
    parallel: undefined,
    limit: numberOf(member(config, 'maxOutputTokens', 'max_output_tokens')),
    temperature: numberOf(config.temperature),
    topP: numberOf(member(config, 'topP', 'top_p')),
    topK: numberOf(member(config, 'topK', 'top_k')),
    seed: numberOf(config.seed),
    stop: stopsOf(member(config, 'stopSequences', 'stop_sequences')),
    candidates: numberOf(member(config, 'candidateCount', 'candidate_count')),
    output: readOutput(config),
    reasoning: budget === 0 ? 'off' : budget !== undefined || level !== undefined || shown === true ? 'on' : undefined,
    stream: body.stream === true,
  }
}

function readPart(part: Fields, by: Speaker, transcript: Transcript): void {
  if (part.thought === true) return
  const call = member(part, 'functionCall', 'function_call')
  const response = member(part, 'functionResponse', 'function_response')
  const media = mediaOf(part)
  if (isObject(call)) transcript.call(call.id ?? undefined, call.name, call.args ?? {})
  else if (isObject(response)) {
    const inside = objects(response.parts).flatMap((inner) => mediaOf(inner) ?? [])
    transcript.result(response.id ?? undefined, response.name, canonical(response.response ?? {}), inside)
  } else if (media === undefined) transcript.text(by, part.text)
  else transcript.media(by, media)
}

function mediaOf(part: Fields): string | undefined {
  const inline = member(part, 'inlineData', 'inline_data')
  const file = member(part, 'fileData', 'file_data')
  if (inline === undefined && file === undefined) return undefined
  const type = String(member(inline ?? file, 'mimeType', 'mime_type') ?? '')
  const kind = kinds.find(([pattern]) => pattern.test(type))?.[1] ?? 'document'
  return digestOf(kind, inline === undefined ? member(file, 'fileUri', 'file_uri') : member(inline, 'data'))
}

function readTool(tool: Fields): AskedTool {
  const schema = member(tool, 'parametersJsonSchema', 'parameters_json_schema', 'parameters')
  return { name: String(tool.name), description: typeof tool.description === 'string' ? tool.description : '', properties: propertiesOf(schema) }
}

/** FunctionCallingConfigMode. */
function readChoice(config: Fields): string | undefined {
  const names = member(config, 'allowedFunctionNames', 'allowed_function_names')
  const allowed = Array.isArray(names) ? names.map(String) : []
  const mode = typeof config.mode === 'string' ? config.mode.toLowerCase() : undefined
  if (mode === 'any') return allowed.length === 0 ? 'required' : allowed.length === 1 ? `tool:${allowed[0]}` : `allowed:required:${allowed.join()}`
  if (mode === 'validated') return allowed.length === 0 ? 'auto' : `allowed:auto:${allowed.join()}`
  return mode
}

function readOutput(config: Fields): RequestMeaning['output'] {
  const schema = member(config, 'responseJsonSchema', 'response_json_schema', 'responseSchema', 'response_schema')
  if (isObject(schema)) return propertiesOf(schema)
  return member(config, 'responseMimeType', 'response_mime_type') === 'application/json' ? 'json' : undefined
}
