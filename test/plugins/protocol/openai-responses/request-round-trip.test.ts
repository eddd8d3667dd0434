import type { JsonObject } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { recordings } from '../../../support/recordings.ts'
import { compactionRequest, freeformRequest, liteRequest, plainRequest } from './codex-requests.ts'
import { roundTrip } from './request-subject.ts'

const user = { role: 'user', content: 'Hello' }

describe('a request that is decoded and encoded again is the same, without a loss', () => {
  it('for every recording', () => {
    const requests = recordings('openai-responses').flatMap(({ id, request }) => (request ? [{ id, request }] : []))
    expect(requests.length).toBeGreaterThan(10)
    for (const { id, request } of requests) expect({ id, ...roundTrip(request) }).toEqual({ id, again: request, losses: [] })
  })

  it.each<readonly [string, JsonObject]>([
    ['freeform tools, a search of tools, and opaque reasoning', freeformRequest],
    ['groups of tools and a picture out of a tool', plainRequest],
    ['tools that come as an item', liteRequest],
    ['a wish for compaction', compactionRequest],
    ['a compaction', { model: 'm', input: [{ type: 'compaction', id: 'cmp_1', encrypted_content: 'gA' }, user] }],
    ['a bare text', { model: 'm', input: 'Hello' }],
    ['an empty text', { model: 'm', input: '', instructions: '' }],
    ['no input', { model: 'm', previous_response_id: 'resp_1' }],
    ['an empty input', { model: 'm', input: [], tools: [], include: [], metadata: {}, text: {}, reasoning: {} }],
    ['nulls', { model: 'm', input: [user], instructions: null, tools: null, reasoning: null, text: null, temperature: null, max_output_tokens: null }],
    ['nulls inside', { model: 'm', input: [user], reasoning: { effort: null, summary: null }, text: { format: null, verbosity: null } }],
    ['nulls of tools', { model: 'm', input: [user], tools: [{ type: 'function', name: 'f', parameters: null, strict: null, description: null }] }],
    [
      'empty lists of tools in items',
      {
        model: 'm',
        input: [
          { type: 'additional_tools', role: 'developer', tools: [] },
          { type: 'tool_search_call', call_id: 'c', execution: 'client', arguments: {} },
          { type: 'tool_search_output', call_id: 'c', execution: 'client', tools: [] },
        ],
      },
    ],
    [
      'two groups of one name',
      { model: 'm', input: 'x', tools: [1, 2].map((each) => ({ type: 'namespace', name: 'n', tools: [{ type: 'custom', name: `t${each}` }] })) },
    ],
    ['an empty group', { model: 'm', input: 'x', tools: [{ type: 'namespace', name: 'n', description: 'd', tools: [] }] }],
    [
      'a group with a hosted tool',
      { model: 'm', input: 'x', tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'web_search' }, { type: 'custom', name: 't' }] }] },
    ],
    ['log probabilities', { model: 'm', input: 'x', include: ['message.output_text.logprobs', 'reasoning.encrypted_content'], top_logprobs: 0 }],
    ['alternatives without log probabilities', { model: 'm', input: 'x', include: ['reasoning.encrypted_content'], top_logprobs: 3 }],
    ['both ids of a user', { model: 'm', input: 'x', user: 'a', safety_identifier: 'b' }],
    ['an older id of a user', { model: 'm', input: 'x', user: 'a', stream: false }],
    ['a reasoning without effort', { model: 'm', input: 'x', reasoning: { summary: 'detailed', context: 'all_turns', mode: 'pro', generate_summary: 'auto' } }],
    [
      'a schema of its own spelling',
      { model: 'm', input: 'x', text: { format: { type: 'json_schema', name: 'n', schema: {}, strict: null, extra: 1 }, other: 2 } },
    ],
    ['messages with ids and statuses', { model: 'm', input: [{ type: 'message', id: 'msg_1', status: 'completed', role: 'user', content: [] }] }],
    [
      'a message without type',
      {
        model: 'm',
        input: [
          { type: null, role: 'user', content: '' },
          { role: 'system', content: 'x' },
        ],
      },
    ],
    ['a reference', { model: 'm', input: [{ id: 'msg_1' }, { type: 'item_reference', id: 'rs_1' }, { type: null, id: 'x' }] }],
    ['outputs with nulls', { model: 'm', input: [{ type: 'function_call_output', call_id: 'c', output: null, id: null, status: null, caller: null }] }],
    ['an output without anything', { model: 'm', input: [{ type: 'custom_tool_call_output', call_id: 'c' }] }],
    [
      'outputs of tools that the vendor knows',
      {
        model: 'm',
        input: [
          { type: 'computer_call', id: 'cu_1', call_id: 'c1', status: 'completed', pending_safety_checks: [] },
          { type: 'computer_call_output', call_id: 'c1', output: { type: 'computer_screenshot', image_url: 'https://a.example' } },
          { type: 'local_shell_call', id: 'lsh_1', call_id: 'c2', status: 'completed', action: { type: 'exec', command: ['ls'], env: {} } },
          { type: 'local_shell_call_output', id: 'c2', output: '{}' },
          { type: 'mcp_approval_request', id: 'mcpr_1', arguments: '{}', name: 'x', server_label: 's' },
          { type: 'mcp_approval_response', approval_request_id: 'mcpr_1', approve: true },
          { type: 'tool_search_call', call_id: null, execution: 'server', arguments: {} },
          { type: 'tool_search_output', call_id: null, execution: 'server', tools: [{ type: 'function', name: 'f' }] },
          { type: 'something_new', data: [1] },
        ],
      },
    ],
    [
      'media',
      {
        model: 'm',
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_image', image_url: 'https://a.example/b.png', detail: 'low', prompt_cache_breakpoint: { mode: 'explicit' } },
              { type: 'input_image', file_id: 'file_1', image_url: null, detail: 'auto' },
              { type: 'input_image', image_url: 'data:image/png;base64,AA==', file_id: 'file_1' },
              { type: 'input_file', file_data: 'data:application/pdf;base64,AA==', filename: 'a.pdf' },
              { type: 'input_file', file_data: 'JVBERi0=', filename: 'a.pdf', detail: 'high' },
              { type: 'input_file', file_data: 'data:text/plain;charset=utf-8;base64,AA==', filename: null },
              { type: 'input_file', file_url: 'https://a.example/c.pdf', file_id: null },
              { type: 'input_file', file_id: 'file_2' },
              { type: 'input_audio', input_audio: { data: 'AA==', format: 'mp3' } },
              { type: 'refusal', refusal: 'No.' },
              { type: 'output_text', text: 'x', annotations: [] },
              { type: 'text', text: 'x' },
              { type: 'computer_screenshot', image_url: 'x' },
            ],
          },
        ],
      },
    ],
    ...(
      [
        'auto',
        'none',
        'required',
        'sometimes',
        { type: 'function', name: 'f' },
        { type: 'function', name: 'unknown', namespace: 'n' },
        { type: 'custom', name: 'c' },
        { type: 'custom', name: 'f' },
        {
          type: 'allowed_tools',
          mode: 'auto',
          tools: [
            { type: 'function', name: 'f' },
            { type: 'custom', name: 'c' },
          ],
        },
        { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }, { type: 'web_search' }] },
        { type: 'web_search_preview' },
        { type: 'mcp', server_label: 's', name: null },
      ] as const
    ).map(
      (choice) =>
        [
          `the choice ${JSON.stringify(choice)}`,
          { model: 'm', input: 'x', tool_choice: choice, tools: [{ type: 'function', name: 'f' }, { type: 'custom', name: 'c' }, { type: 'web_search' }] },
        ] as const,
    ),
  ])('for %s', (_, body) => {
    expect(roundTrip(body)).toEqual({ again: body, losses: [] })
  })
})
