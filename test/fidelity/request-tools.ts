import type { Fields } from '../support/json-fields.ts'
import { at, holds, type RequestFeature } from './feature.ts'

const schema = { type: 'object', properties: { city: { type: 'string', description: 'WHERE' } }, required: ['city'], additionalProperties: false }
const other = { type: 'object', properties: {} }

/** Two tools, `weather` and `files`, in each protocol; with more members on the first. */
function tools(extra: Fields = {}): Readonly<Record<'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini', Fields>> {
  return {
    'openai-chat': {
      tools: [
        { type: 'function', function: { name: 'weather', description: 'TOLD', parameters: schema, ...extra } },
        { type: 'function', function: { name: 'files', parameters: other } },
      ],
    },
    'openai-responses': {
      tools: [
        { type: 'function', name: 'weather', description: 'TOLD', parameters: schema, strict: false, ...extra },
        { type: 'function', name: 'files', parameters: other, strict: false },
      ],
    },
    'anthropic-messages': {
      tools: [
        { name: 'weather', description: 'TOLD', input_schema: schema, ...extra },
        { name: 'files', input_schema: other },
      ],
    },
    gemini: { tools: [{ functionDeclarations: [{ name: 'weather', description: 'TOLD', parametersJsonSchema: schema }, { name: 'files' }] }] },
  }
}

const plain = tools()
const strict = tools({ strict: true })

function choice(said: RequestFeature['said'], heard: RequestFeature['heard'], name: string): RequestFeature {
  return {
    name: `tool choice: ${name}`,
    said: Object.fromEntries(Object.entries(said).map(([protocol, fields]) => [protocol, { ...plain[protocol as keyof typeof plain], ...fields }])),
    heard,
  }
}

const mode = (body: Fields) => at(body, 'toolConfig.functionCallingConfig.mode')
const allowed = (body: Fields) => JSON.stringify(at(body, 'toolConfig.functionCallingConfig.allowedFunctionNames'))

export const toolFeatures: readonly RequestFeature[] = [
  {
    name: 'function tool with its schema',
    said: plain,
    heard: Object.fromEntries(
      (['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const).map((protocol) => [
        protocol,
        (body: Fields) => holds(body.tools, 'WHERE') && holds(body.tools, 'TOLD'),
      ]),
    ),
  },
  {
    name: 'strict schema',
    said: { 'openai-chat': strict['openai-chat'], 'openai-responses': strict['openai-responses'], 'anthropic-messages': strict['anthropic-messages'] },
    heard: {
      'openai-chat': (body) => at(body, 'tools.0.function.strict') === true,
      'openai-responses': (body) => at(body, 'tools.0.strict') === true,
      'anthropic-messages': (body) => at(body, 'tools.0.strict') === true,
      gemini: (body) => mode(body) === 'VALIDATED' || mode(body) === 'ANY',
    },
    facts: { structuredOutput: true },
  },
  choice(
    {
      'openai-chat': { tool_choice: 'none' },
      'openai-responses': { tool_choice: 'none' },
      'anthropic-messages': { tool_choice: { type: 'none' } },
      gemini: { toolConfig: { functionCallingConfig: { mode: 'NONE' } } },
    },
    {
      'openai-chat': (body) => body.tool_choice === 'none',
      'openai-responses': (body) => body.tool_choice === 'none',
      'anthropic-messages': (body) => at(body, 'tool_choice.type') === 'none',
      gemini: (body) => mode(body) === 'NONE',
    },
    'none',
  ),
  choice(
    {
      'openai-chat': { tool_choice: 'required' },
      'openai-responses': { tool_choice: 'required' },
      'anthropic-messages': { tool_choice: { type: 'any' } },
      gemini: { toolConfig: { functionCallingConfig: { mode: 'ANY' } } },
    },
    {
      'openai-chat': (body) => body.tool_choice === 'required',
      'openai-responses': (body) => body.tool_choice === 'required',
      'anthropic-messages': (body) => at(body, 'tool_choice.type') === 'any',
      gemini: (body) => mode(body) === 'ANY',
    },
    'any of them',
  ),
  choice(
    {
      'openai-chat': { tool_choice: { type: 'function', function: { name: 'weather' } } },
      'openai-responses': { tool_choice: { type: 'function', name: 'weather' } },
      'anthropic-messages': { tool_choice: { type: 'tool', name: 'weather' } },
      gemini: { toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['weather'] } } },
    },
    {
      'openai-chat': (body) =>
        at(body, 'tool_choice.function.name') === 'weather' || (at(body, 'tool_choice.allowed_tools.mode') === 'required' && !holds(body.tool_choice, 'files')),
      'openai-responses': (body) =>
        at(body, 'tool_choice.name') === 'weather' || (at(body, 'tool_choice.mode') === 'required' && !holds(body.tool_choice, 'files')),
      'anthropic-messages': (body) => at(body, 'tool_choice.name') === 'weather' || (at(body, 'tool_choice.type') === 'any' && !holds(body.tools, 'files')),
      gemini: (body) => mode(body) === 'ANY' && allowed(body) === '["weather"]',
    },
    'this one',
  ),
  choice(
    {
      'openai-chat': { tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'weather' } }] } } },
      'openai-responses': { tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'weather' }] } },
      gemini: { toolConfig: { functionCallingConfig: { mode: 'VALIDATED', allowedFunctionNames: ['weather'] } } },
    },
    {
      'openai-chat': (body) => holds(body.tool_choice, 'weather') && !holds(body.tool_choice, 'files'),
      'openai-responses': (body) => holds(body.tool_choice, 'weather') && !holds(body.tool_choice, 'files'),
      'anthropic-messages': (body) => holds(body.tools, 'weather') && !holds(body.tools, 'files'),
      gemini: (body) => holds(body, 'weather') && (allowed(body) === '["weather"]' || !holds(body.tools, 'files')),
    },
    'some of them',
  ),
  {
    name: 'one call at a time',
    said: {
      'openai-chat': { ...plain['openai-chat'], parallel_tool_calls: false },
      'openai-responses': { ...plain['openai-responses'], parallel_tool_calls: false },
      'anthropic-messages': { ...plain['anthropic-messages'], tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    },
    heard: {
      'openai-chat': (body) => body.parallel_tool_calls === false,
      'openai-responses': (body) => body.parallel_tool_calls === false,
      'anthropic-messages': (body) => at(body, 'tool_choice.disable_parallel_tool_use') === true,
    },
  },
  {
    name: 'freeform tool with a grammar',
    said: {
      'openai-chat': {
        tools: [
          {
            type: 'custom',
            custom: { name: 'patch', description: 'TOLD', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: GRAMMAR' } } },
          },
        ],
      },
      'openai-responses': {
        tools: [{ type: 'custom', name: 'patch', description: 'TOLD', format: { type: 'grammar', syntax: 'lark', definition: 'start: GRAMMAR' } }],
      },
    },
    heard: Object.fromEntries(
      (['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const).map((protocol) => [
        protocol,
        (body: Fields) => holds(body.tools, 'start: GRAMMAR'),
      ]),
    ),
  },
  {
    name: 'tools in a namespace',
    said: {
      'openai-responses': {
        tools: [{ type: 'namespace', name: 'agents', description: 'Several.', tools: [{ type: 'function', name: 'spawn', parameters: other, strict: false }] }],
      },
    },
    heard: {
      'openai-chat': (body) => at(body, 'tools.0.function.name') === 'agents__spawn',
      'anthropic-messages': (body) => at(body, 'tools.0.name') === 'agents__spawn',
      gemini: (body) => holds(body.tools, 'agents__spawn'),
    },
  },
  {
    name: 'tool search by the client',
    said: { 'openai-responses': { tools: [{ type: 'tool_search', execution: 'client', description: 'FINDS', parameters: schema }] } },
    heard: Object.fromEntries(
      (['openai-chat', 'anthropic-messages', 'gemini'] as const).map((protocol) => [
        protocol,
        (body: Fields) => holds(body.tools, 'tool_search') && holds(body.tools, 'FINDS'),
      ]),
    ),
  },
  {
    name: 'tools added in the conversation',
    said: {
      'openai-responses': {
        input: [
          { type: 'additional_tools', role: 'developer', tools: [{ type: 'function', name: 'weather', parameters: schema, strict: false }] },
          { role: 'user', content: 'Hi' },
        ],
      },
    },
    heard: Object.fromEntries(
      (['openai-chat', 'anthropic-messages', 'gemini'] as const).map((protocol) => [protocol, (body: Fields) => holds(body.tools, 'weather')]),
    ),
  },
  {
    name: 'deferred tool, referenced by a result',
    said: {
      'anthropic-messages': {
        messages: [
          { role: 'user', content: 'Find' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'ToolSearch', input: {} }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: [{ type: 'tool_reference', tool_name: 'weather' }] }] },
        ],
        tools: [
          { name: 'ToolSearch', input_schema: other },
          { name: 'weather', input_schema: schema, defer_loading: true },
        ],
      },
    },
    heard: Object.fromEntries(
      (['openai-chat', 'openai-responses', 'gemini'] as const).map((protocol) => [
        protocol,
        (body: Fields) => holds(body.tools, 'weather') && holds([body.messages, body.input, body.contents], 'weather'),
      ]),
    ),
  },
  {
    name: 'web search by the provider',
    said: {
      'openai-chat': { web_search_options: { search_context_size: 'low' } },
      'openai-responses': { tools: [{ type: 'web_search', search_context_size: 'low' }] },
      'anthropic-messages': { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      gemini: { tools: [{ googleSearch: {} }] },
    },
    heard: {
      'openai-chat': (body) => body.web_search_options !== undefined,
      'openai-responses': (body) => holds(body.tools, 'web_search'),
      'anthropic-messages': (body) => holds(body.tools, 'web_search'),
      gemini: (body) => holds(body.tools, 'googleSearch'),
    },
  },
  {
    name: 'code execution by the provider',
    said: {
      'openai-responses': { tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] },
      'anthropic-messages': { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] },
      gemini: { tools: [{ codeExecution: {} }] },
    },
    heard: {
      'openai-responses': (body) => holds(body.tools, 'code_interpreter'),
      'anthropic-messages': (body) => holds(body.tools, 'code_execution'),
      gemini: (body) => holds(body.tools, 'codeExecution'),
    },
  },
  {
    name: 'tools of an MCP server',
    said: {
      'openai-responses': { tools: [{ type: 'mcp', server_label: 'notes', server_url: 'https://mcp.example.com/', require_approval: 'never' }] },
      'anthropic-messages': {
        mcp_servers: [{ type: 'url', name: 'notes', url: 'https://mcp.example.com/' }],
        tools: [{ type: 'mcp_toolset', mcp_server_name: 'notes' }],
      },
    },
    heard: Object.fromEntries(
      (['openai-responses', 'anthropic-messages', 'gemini'] as const).map((protocol) => [protocol, (body: Fields) => holds(body, 'https://mcp.example.com/')]),
    ),
  },
]
