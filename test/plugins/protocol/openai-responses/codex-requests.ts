import type { JsonObject } from 'tokligence'

const functionTool = (name: string): JsonObject => ({
  type: 'function',
  name,
  description: `The tool ${name}.`,
  strict: false,
  parameters: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'], additionalProperties: false },
})

const grammar = { type: 'grammar', syntax: 'lark', definition: 'start: "*** Begin Patch" /(.|\\n)*/ "*** End Patch"' }

const agents: JsonObject = {
  type: 'namespace',
  name: 'multi_agent_v1',
  description: 'Tools for working with other agents.',
  tools: [functionTool('spawn_agent'), { ...functionTool('wait'), defer_loading: true }],
}

const settings: JsonObject = {
  tool_choice: 'auto',
  parallel_tool_calls: true,
  store: false,
  stream: true,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: '0199-thread',
  client_metadata: { thread_id: '0199-thread', session_id: '0199-thread', 'x-codex-window-id': 'w:0' },
}

const developer: JsonObject = {
  type: 'message',
  role: 'developer',
  content: [
    { type: 'input_text', text: 'You are a coding agent.' },
    { type: 'input_text', text: '<permissions>all</permissions>' },
  ],
}

const user: JsonObject = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Write hello.txt.' }] }

const reasoning = (id: string): JsonObject => ({
  type: 'reasoning',
  id,
  summary: [{ type: 'summary_text', text: '**Looking**' }],
  content: null,
  encrypted_content: `gAAAA${id}`,
})

/** The second request of a turn, with the tools of a model that knows freeform ones (shapes observed of Codex CLI 0.169.0). */
export const freeformRequest: JsonObject = {
  ...settings,
  model: 'gpt-5.5',
  reasoning: { effort: 'medium' },
  text: { verbosity: 'low' },
  tools: [
    functionTool('exec_command'),
    { type: 'custom', name: 'apply_patch', description: 'Edits files.', format: grammar },
    {
      type: 'tool_search',
      execution: 'client',
      description: 'Finds tools.',
      parameters: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
    },
    { type: 'web_search', external_web_access: true, search_content_types: ['text', 'image'] },
  ],
  input: [
    developer,
    user,
    reasoning('rs_1'),
    { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'I write it.', annotations: [] }], phase: 'commentary' },
    { type: 'custom_tool_call', id: 'ctc_1', status: 'completed', call_id: 'call_1', name: 'apply_patch', input: '*** Begin Patch\n"quoted"\n*** End Patch' },
    { type: 'function_call', id: 'fc_1', call_id: 'call_2', name: 'exec_command', arguments: '{"cmd": "ls"}' },
    { type: 'custom_tool_call_output', id: 'ctco_1', call_id: 'call_1', output: 'Done.' },
    { type: 'function_call_output', id: 'fco_1', call_id: 'call_2', output: 'hello.txt' },
    { type: 'tool_search_call', id: 'tsc_1', call_id: 'call_3', status: 'completed', execution: 'client', arguments: { query: 'agents', limit: 8 } },
    { type: 'tool_search_output', id: 'tso_1', call_id: 'call_3', status: 'completed', execution: 'client', tools: [agents] },
  ],
}

/** What is sent for a model that the agent does not know; a picture came back from a tool. */
export const plainRequest: JsonObject = {
  ...settings,
  model: 'mock-model',
  reasoning: { summary: 'auto' },
  tools: [functionTool('exec_command'), functionTool('view_image'), agents, { type: 'web_search', external_web_access: true }],
  input: [
    developer,
    user,
    { type: 'function_call', call_id: 'call_1', name: 'view_image', arguments: '{"path":"a.png"}' },
    { type: 'function_call', call_id: 'call_2', name: 'spawn_agent', namespace: 'multi_agent_v1', arguments: '{"cmd":"x"}' },
    {
      type: 'function_call_output',
      call_id: 'call_1',
      output: [{ type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'original' }],
    },
    { type: 'function_call_output', call_id: 'call_2', output: '{"id":"agent_1"}' },
  ],
}

/** “Responses lite”: no `tools`, they come as an item. */
export const liteRequest: JsonObject = {
  ...settings,
  model: 'gpt-6.1-sol',
  parallel_tool_calls: false,
  reasoning: { effort: 'medium', context: 'all_turns' },
  input: [
    {
      type: 'additional_tools',
      role: 'developer',
      id: 'at_1',
      tools: [
        {
          type: 'namespace',
          name: 'functions',
          description: 'Tools of the agent.',
          tools: [{ type: 'custom', name: 'exec', description: 'Runs JavaScript.', format: { type: 'text' } }, functionTool('wait')],
        },
        { type: 'namespace', name: 'collaboration', description: 'Tools to work together.', tools: [functionTool('followup_task')] },
      ],
    },
    developer,
    user,
    reasoning('rs_1'),
    { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_1', name: 'exec', namespace: 'functions', input: 'await tools.ls()' },
    {
      type: 'custom_tool_call_output',
      call_id: 'call_1',
      output: [
        { type: 'input_text', text: 'Script completed' },
        { type: 'input_text', text: 'hello.txt' },
      ],
    },
  ],
}

/** The agent asks for its history to be compacted. */
export const compactionRequest: JsonObject = { ...freeformRequest, input: [developer, user, { type: 'compaction_trigger' }] }
