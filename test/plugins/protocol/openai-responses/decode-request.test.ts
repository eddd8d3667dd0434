import { describe, expect, it } from 'vitest'
import { freeformRequest, liteRequest, plainRequest } from './codex-requests.ts'
import { decodeRequest } from './request-subject.ts'

function decodeItems(...input: readonly object[]) {
  return decodeRequest({ model: 'm', input }).turns
}

/** Roles and kinds of blocks, without what is remembered. */
function outline(...input: readonly object[]) {
  return decodeItems(...input).map(({ role, blocks }) => `${role}: ${blocks.map(({ type }) => type).join(' ')}`)
}

const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' })
const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: id })

describe('items become turns', () => {
  it('gathers what an assistant made in one turn, and results in one', () => {
    expect(
      outline(
        { role: 'user', content: 'Look' },
        { type: 'reasoning', summary: [], encrypted_content: 'gA' },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I look.' }] },
        call('a'),
        { type: 'custom_tool_call', call_id: 'b', name: 'patch', input: '*' },
        output('a'),
        { type: 'custom_tool_call_output', call_id: 'b', output: 'done' },
        call('c'),
        output('c'),
        { role: 'user', content: 'And?' },
        { role: 'user', content: 'Well?' },
      ),
    ).toEqual([
      'user: text',
      'assistant: reasoning text tool-call tool-call',
      'tool: tool-result tool-result',
      'assistant: tool-call',
      'tool: tool-result',
      'user: text',
      'user: text',
    ])
  })

  it('keeps system texts at their place and by their role', () => {
    const { instructions, turns } = decodeRequest({
      model: 'm',
      instructions: 'First',
      input: [
        { role: 'developer', content: 'Second' },
        { role: 'user', content: 'Hi' },
        { role: 'system', content: [{ type: 'input_text', text: 'Third' }] },
      ],
    })
    expect(instructions).toEqual([{ type: 'text', text: 'First' }])
    expect(turns.map(({ role }) => role)).toEqual(['developer', 'user', 'system'])
  })

  it('reads pictures out of tools', () => {
    const [, , , result] = decodeRequest(plainRequest).turns
    expect(result?.blocks).toMatchObject([
      {
        type: 'tool-result',
        callId: 'call_1',
        content: [{ type: 'media', kind: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'iVBORw0KGgo=' }, detail: 'original' }],
      },
      { type: 'tool-result', callId: 'call_2', content: [{ type: 'text', text: '{"id":"agent_1"}' }] },
    ])
  })

  it('never wraps free text', () => {
    const [, , assistant] = decodeRequest(freeformRequest).turns
    expect(assistant?.blocks[2]).toMatchObject({
      type: 'tool-call',
      id: 'call_1',
      name: 'apply_patch',
      form: 'text',
      argumentsText: '*** Begin Patch\n"quoted"\n*** End Patch',
    })
  })

  it.each([
    [
      'input_file with data',
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' },
      { kind: 'document', mediaType: 'application/pdf', filename: 'a.pdf', source: { type: 'base64', data: 'AA==' } },
    ],
    [
      'input_file with an address',
      { type: 'input_file', file_url: 'https://a.example/a.pdf' },
      { kind: 'document', source: { type: 'url', url: 'https://a.example/a.pdf' } },
    ],
    [
      'input_file that is stored',
      { type: 'input_file', file_id: 'file_1' },
      { kind: 'file', source: { type: 'file', fileId: 'file_1', issuer: 'openai-responses' } },
    ],
    [
      'input_image that is stored',
      { type: 'input_image', file_id: 'file_1' },
      { kind: 'image', source: { type: 'file', fileId: 'file_1', issuer: 'openai-responses' } },
    ],
    ['input_audio', { type: 'input_audio', input_audio: { data: 'AA==', format: 'mp3' } }, { kind: 'audio', mediaType: 'audio/mpeg' }],
  ])('reads %s', (_, part, media) => {
    const [turn] = decodeItems({ role: 'user', content: [part] })
    expect(turn?.blocks).toMatchObject([{ type: 'media', ...media }])
  })
})

describe('tools', () => {
  it('stand with the name of their group', () => {
    const { tools } = decodeRequest(plainRequest)
    expect(tools).toMatchObject([
      { type: 'function', name: 'exec_command', strict: false },
      { type: 'function', name: 'view_image' },
      { type: 'function', name: 'spawn_agent', namespace: 'multi_agent_v1' },
      { type: 'function', name: 'wait', namespace: 'multi_agent_v1' },
      { type: 'foreign', kind: 'web_search', hosted: { service: 'web-search' } },
    ])
  })

  it('come from items as well, whose place they remember', () => {
    const { tools, turns } = decodeRequest(liteRequest)
    expect(tools.map((tool) => (tool.type === 'foreign' ? tool.kind : `${tool.namespace} ${tool.name} ${tool.type}`))).toEqual([
      'functions exec freeform',
      'functions wait function',
      'collaboration followup_task function',
    ])
    expect(turns[0]).toMatchObject({ role: 'developer', blocks: [] })
  })

  it('that a search found are told in words, and can be called', () => {
    const { tools, turns } = decodeRequest(freeformRequest)
    expect(tools.map((tool) => tool.type !== 'foreign' && tool.name)).toEqual(['exec_command', 'apply_patch', 'tool_search', false, 'spawn_agent', 'wait'])
    expect(turns.at(-1)?.blocks).toMatchObject([
      { callId: 'call_3', content: [{ text: 'Found, and ready to be called from now on: multi_agent_v1__spawn_agent, multi_agent_v1__wait.' }] },
    ])
  })

  it.each([
    [
      {
        type: 'web_search',
        filters: { allowed_domains: ['a.example'] },
        search_context_size: 'low',
        user_location: { type: 'approximate', city: 'Bern', country: null },
      },
      { service: 'web-search', allowedDomains: ['a.example'], contextSize: 'low', location: { city: 'Bern' } },
    ],
    [{ type: 'web_search_preview_2025_03_11' }, { service: 'web-search' }],
    [{ type: 'code_interpreter', container: { type: 'auto' } }, { service: 'code-execution' }],
    [
      { type: 'mcp', server_label: 's', server_url: 'https://a.example', authorization: 't', allowed_tools: { tool_names: ['a'] }, require_approval: 'never' },
      { service: 'mcp', name: 's', url: 'https://a.example', authorization: 't', allowedTools: ['a'] },
    ],
    [{ type: 'mcp', server_label: 's', connector_id: 'connector_gmail', require_approval: 'never' }, undefined],
    [{ type: 'mcp', server_label: 's', server_url: 'https://a.example' }, undefined],
    [{ type: 'file_search', vector_store_ids: ['v'] }, undefined],
    [{ type: 'tool_search', execution: 'server' }, undefined],
  ])('of the vendor say what they do: %j', (tool, hosted) => {
    const [decoded] = decodeRequest({ model: 'm', input: 'x', tools: [tool] }).tools
    expect(decoded).toMatchObject({ type: 'foreign', kind: tool.type, value: tool })
    expect(decoded?.type === 'foreign' && decoded.hosted).toEqual(hosted)
  })
})

it('gives settings their neutral names', () => {
  const conversation = decodeRequest({
    model: 'm',
    input: 'x',
    stream: true,
    tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] },
    parallel_tool_calls: false,
    max_output_tokens: 100,
    temperature: 0.5,
    top_p: 0.9,
    include: ['message.output_text.logprobs'],
    top_logprobs: 3,
    reasoning: { effort: 'high', summary: 'auto' },
    text: { verbosity: 'low', format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true } },
    metadata: { a: 'b' },
    service_tier: 'flex',
    safety_identifier: 'u',
  })
  expect(conversation).toMatchObject({
    stream: true,
    toolChoice: { type: 'allowed', mode: 'required', names: ['f'] },
    parallelToolCalls: false,
    maxOutputTokens: 100,
    sampling: { temperature: 0.5, topP: 0.9 },
    logprobs: 3,
    reasoning: { mode: 'effort', effort: 'high', display: 'auto' },
    verbosity: 'low',
    output: { type: 'schema', name: 'n', schema: { type: 'object' }, strict: true },
    metadata: { a: 'b' },
    serviceTier: 'flex',
    user: 'u',
  })
  expect(decodeRequest({ model: 'm', input: 'x', reasoning: { effort: 'none' } }).reasoning).toEqual({ mode: 'off' })
  expect(decodeRequest({ model: 'm', input: 'x', reasoning: { summary: 'auto' } }).reasoning).toEqual({ mode: 'adaptive', display: 'auto' })
})

describe('a field of the wrong type is refused with its path', () => {
  const item = (fields: object) => ({ input: [{ role: 'user', content: 'Hi' }, fields] })
  it.each([
    ['model', { model: 1 }],
    ['input', { input: 7 }],
    ['input', { input: {} }],
    ['input[0]', { input: ['x'] }],
    ['input[0]', { input: [{}] }],
    ['input[1].type', item({ type: 1 })],
    ['input[1].role', item({ type: 'message', content: 'x' })],
    ['input[1].role', item({ role: 'tool', content: 'x' })],
    ['input[1].content', item({ role: 'user' })],
    ['input[1].content', item({ role: 'user', content: {} })],
    ['input[1].content[0]', item({ role: 'user', content: ['x'] })],
    ['input[1].content[0].type', item({ role: 'user', content: [{}] })],
    ['input[1].content[0].text', item({ role: 'user', content: [{ type: 'input_text' }] })],
    ['input[1].content[0]', item({ role: 'user', content: [{ type: 'input_image' }] })],
    ['input[1].content[0].image_url', item({ role: 'user', content: [{ type: 'input_image', image_url: { url: 'x' } }] })],
    ['input[1].content[0].detail', item({ role: 'user', content: [{ type: 'input_image', image_url: 'x', detail: 1 }] })],
    ['input[1].content[0]', item({ role: 'user', content: [{ type: 'input_file', filename: 'a' }] })],
    ['input[1].content[0].input_audio.format', item({ role: 'user', content: [{ type: 'input_audio', input_audio: { data: '' } }] })],
    ['input[1].call_id', item({ type: 'function_call_output', output: 'x' })],
    ['input[1].output', item({ type: 'function_call_output', call_id: 'c', output: { a: 1 } })],
    ['input[1].arguments', item({ type: 'function_call', call_id: 'c', name: 'f', arguments: {} })],
    ['input[1].tools[0].type', item({ type: 'additional_tools', tools: [{}] })],
    ['input[1].tools', item({ type: 'tool_search_output', call_id: 'c', tools: 'x' })],
    ['instructions', { instructions: ['x'] }],
    ['tools', { tools: {} }],
    ['tools[0].name', { tools: [{ type: 'function' }] }],
    ['tools[0].parameters', { tools: [{ type: 'function', name: 'f', parameters: 'x' }] }],
    ['tools[0].strict', { tools: [{ type: 'function', name: 'f', strict: 'x' }] }],
    ['tools[0].tools[0].name', { tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'custom' }] }] }],
    ['parallel_tool_calls', { parallel_tool_calls: 'no' }],
    ['stream', { stream: 'true' }],
    ['max_output_tokens', { max_output_tokens: 1.5 }],
    ['temperature', { temperature: '1' }],
    ['include[0]', { include: [1] }],
    ['top_logprobs', { top_logprobs: 'x' }],
    ['reasoning', { reasoning: 'high' }],
    ['reasoning.effort', { reasoning: { effort: 1 } }],
    ['text', { text: 'x' }],
    ['text.format', { text: { format: 'json' } }],
    ['metadata', { metadata: 'x' }],
    ['user', { user: 1 }],
  ])('%s', (param, fields) => {
    expect(() => decodeRequest({ model: 'm', input: 'x', ...fields })).toThrowError(
      expect.objectContaining({ code: 'TKL_REQUEST_INVALID', status: 400, options: expect.objectContaining({ param }) }),
    )
  })
})
