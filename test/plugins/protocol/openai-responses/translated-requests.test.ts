import { type JsonObject, LossSink, type ModelFacts, type Protocol, viaConversation } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { chatProtocol } from '../../../../plugins/protocol/openai-chat/protocol.ts'
import { responsesProtocol } from '../../../../plugins/protocol/openai-responses/protocol.ts'
import { refuseMessagesRequest } from '../../../support/anthropic-messages-request-rules.ts'
import { refuseChatRequest } from '../../../support/openai-chat-request-rules.ts'
import { refuseResponsesRequest } from '../../../support/openai-responses-request-rules.ts'
import { protocol as messagesProtocol } from '../anthropic-messages/subject.ts'
import { compactionRequest, freeformRequest, liteRequest, plainRequest } from './codex-requests.ts'
import { linesOf } from './request-subject.ts'

function translate(from: Protocol, to: Protocol, body: JsonObject, facts: ModelFacts = {}) {
  const losses = new LossSink()
  const call = { operation: 'generate', body: Buffer.alloc(0), params: {}, query: new URLSearchParams(), headers: {} } as const
  const encoded = viaConversation(from, to).open().encodeRequest(from.decodeRequest(body, call), { losses, facts })
  return { body: JSON.parse(JSON.stringify(encoded)) as JsonObject, lost: linesOf(losses.losses) }
}

const thinking: ModelFacts = { thinking: 'effort', efforts: ['low', 'medium', 'high'], fixedSampling: 'always' }
const schema = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }

describe('a request of Messages for a model of Responses', () => {
  it('keeps order, pictures out of tools, thinking and who asks', () => {
    const { body } = translate(
      messagesProtocol,
      responsesProtocol,
      {
        model: 'gpt-5',
        max_tokens: 32_000,
        stream: true,
        system: [
          { type: 'text', text: 'You are an agent.' },
          { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } },
        ],
        thinking: { type: 'adaptive', display: 'updates' },
        output_config: { effort: 'high' },
        metadata: { user_id: '{"device_id":"d","account_uuid":"","session_id":"s-1"}' },
        tools: [{ name: 'Read', description: 'Reads.', input_schema: schema }],
        tool_choice: { type: 'auto' },
        messages: [
          { role: 'user', content: 'Look at a.png.' },
          { role: 'system', content: 'The environment is Linux.' },
          {
            role: 'assistant',
            content: [
              { type: 'text', text: 'I look.' },
              { type: 'tool_use', id: 'toolu_1', name: 'Read', input: { path: 'a.png' } },
            ],
          },
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: 'toolu_1',
                content: [
                  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
                  { type: 'text', text: '1 × 1' },
                ],
              },
              { type: 'text', text: 'What is it?' },
            ],
          },
        ],
      },
      thinking,
    )
    expect(refuseResponsesRequest(body)).toBeUndefined()
    expect(body).toMatchObject({
      model: 'gpt-5',
      instructions: 'You are an agent.\n\nBe brief.',
      max_output_tokens: 32_000,
      reasoning: { effort: 'high', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'tkl-s-1',
      store: false,
      stream: true,
      tool_choice: 'auto',
      tools: [{ type: 'function', name: 'Read', description: 'Reads.', parameters: schema, strict: false }],
      input: [
        { role: 'user', content: 'Look at a.png.' },
        { role: 'system', content: 'The environment is Linux.' },
        { role: 'assistant', content: [{ type: 'output_text', text: 'I look.' }] },
        { type: 'function_call', call_id: 'toolu_1', name: 'Read', arguments: '{"path":"a.png"}' },
        {
          type: 'function_call_output',
          call_id: 'toolu_1',
          output: [
            { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' },
            { type: 'input_text', text: '1 × 1' },
          ],
        },
        { role: 'user', content: 'What is it?' },
      ],
    })
  })
})

describe('a request of Chat Completions for a model of Responses', () => {
  it('keeps free text, grammars, choices and the vendor’s own fields', () => {
    const { body, lost } = translate(
      chatProtocol,
      responsesProtocol,
      {
        model: 'gpt-5',
        messages: [
          { role: 'developer', content: 'Be brief.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Read' },
              { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' } },
            ],
          },
          { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'custom', custom: { name: 'patch', input: '*** "x"' } }] },
          { role: 'tool', tool_call_id: 'call_1', content: 'done' },
        ],
        tools: [
          { type: 'custom', custom: { name: 'patch', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: x' } } } },
          { type: 'function', function: { name: 'get', parameters: { ...schema, additionalProperties: false }, strict: true } },
        ],
        tool_choice: { type: 'custom', custom: { name: 'patch' } },
        response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: false } },
        reasoning_effort: 'low',
        max_completion_tokens: 100,
        prompt_cache_key: 'k',
        user: 'u',
        service_tier: 'flex',
      },
      { ...thinking, freeformTools: true },
    )
    expect(refuseResponsesRequest(body)).toBeUndefined()
    expect(lost).toEqual([])
    expect(body).toEqual({
      model: 'gpt-5',
      input: [
        { type: 'message', role: 'developer', content: 'Be brief.' },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'Read' },
            { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' },
          ],
        },
        { type: 'custom_tool_call', call_id: 'call_1', name: 'patch', input: '*** "x"' },
        { type: 'custom_tool_call_output', call_id: 'call_1', output: 'done' },
      ],
      tools: [
        { type: 'custom', name: 'patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: x' } },
        { type: 'function', name: 'get', parameters: { ...schema, additionalProperties: false }, strict: true },
      ],
      tool_choice: { type: 'custom', name: 'patch' },
      text: { format: { type: 'json_schema', name: 'answer', schema, strict: false } },
      reasoning: { effort: 'low' },
      include: ['reasoning.encrypted_content'],
      max_output_tokens: 100,
      prompt_cache_key: 'k',
      user: 'u',
      service_tier: 'flex',
      store: false,
    })
  })
})

describe('a request of the vendor’s own agent for other providers', () => {
  const requests = { freeformRequest, plainRequest, liteRequest, compactionRequest }
  const names = (body: JsonObject) => JSON.stringify(body.tools).match(/"name":"[^"]+"/g)

  it.each(Object.keys(requests) as (keyof typeof requests)[])('is accepted by Messages and Chat Completions: %s', (name) => {
    expect(refuseMessagesRequest(translate(responsesProtocol, messagesProtocol, requests[name]).body)).toBeUndefined()
    expect(refuseChatRequest(translate(responsesProtocol, chatProtocol, requests[name]).body)).toBeUndefined()
  })

  it('gives every tool a name of its own', () => {
    const expected = ['exec_command', 'apply_patch', 'tool_search', 'web_search', 'multi_agent_v1__spawn_agent', 'multi_agent_v1__wait']
    expect(names(translate(responsesProtocol, messagesProtocol, freeformRequest).body)).toEqual(expected.map((name) => `"name":"${name}"`))
    expect(names(translate(responsesProtocol, messagesProtocol, liteRequest).body)).toHaveLength(3)
  })

  it('wraps free text in the history, once', () => {
    const { messages } = translate(responsesProtocol, messagesProtocol, freeformRequest).body as { messages: readonly { content: readonly JsonObject[] }[] }
    const call = messages[1]?.content.find(({ name }) => name === 'apply_patch')
    expect(call?.input).toEqual({ input: '*** Begin Patch\n"quoted"\n*** End Patch' })
  })
})
