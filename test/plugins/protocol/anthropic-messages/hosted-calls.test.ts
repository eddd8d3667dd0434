import { type Block, LossSink, type Reply, replyEvents } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { accumulate, decodeRequest, encodeRequest, encodeStream, eventsOf, protocol, replyOptions, said, stream, written } from './subject.ts'

const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'Ruby' }, caller: { type: 'direct' } }
const page = { type: 'web_search_result', url: 'https://a.example', title: 'A', encrypted_content: 'opaque', page_age: null }
const found = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [page], caller: { type: 'direct' } }
const own = [
  search,
  found,
  { type: 'server_tool_use', id: 'srvtoolu_2', name: 'bash_code_execution', input: { command: 'ls' } },
  {
    type: 'bash_code_execution_tool_result',
    tool_use_id: 'srvtoolu_2',
    content: {
      type: 'bash_code_execution_result',
      stdout: 'a\n',
      stderr: '',
      return_code: 0,
      content: [{ type: 'bash_code_execution_output', file_id: 'file_1' }],
    },
  },
  { type: 'web_fetch_tool_result', tool_use_id: 'srvtoolu_3', content: { type: 'web_fetch_tool_result_error', error_code: 'url_not_allowed' } },
  { type: 'mcp_tool_use', id: 'mcptoolu_1', name: 'echo', server_name: 'tools', input: { a: 1 } },
  { type: 'mcp_tool_result', tool_use_id: 'mcptoolu_1', is_error: false, content: [{ type: 'text', text: 'hi' }] },
  { type: 'tool_search_tool_result', tool_use_id: 'srvtoolu_4', content: { type: 'tool_search_tool_search_result', tool_references: [] } },
]
const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: own,
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
}

describe('tools that the provider ran', () => {
  const { blocks } = protocol.decodeReply(message).candidates[0] ?? { blocks: [] }

  it('are calls and results in words that other protocols have', () => {
    expect(blocks).toMatchObject([
      { type: 'tool-call', name: 'web-search', executedBy: 'provider', argumentsText: '{"query":"Ruby"}' },
      {
        type: 'tool-result',
        callId: 'srvtoolu_1',
        content: [{ text: 'https://a.example', annotations: [{ citation: { url: 'https://a.example', title: 'A' } }] }],
      },
      { type: 'tool-call', name: 'code-execution', argumentsText: '{"command":"ls"}' },
      { type: 'tool-result', content: [{ text: 'a\n' }, { type: 'media', kind: 'file', source: { fileId: 'file_1' } }] },
      { type: 'tool-result', isError: true, content: [{ text: 'url_not_allowed' }] },
      { type: 'tool-call', name: 'mcp', argumentsText: '{"a":1}' },
      { type: 'tool-result', content: [{ text: 'hi' }] },
      { type: 'tool-result', content: [] },
    ])
  })

  it('go back as they stood, opaque values included, in replies and in the history', () => {
    expect(protocol.encodeReply(protocol.decodeReply(message), replyOptions())).toEqual(message)
    const request = { model: 'm', max_tokens: 9, messages: [{ role: 'assistant', content: own }] }
    expect(encodeRequest(decodeRequest(request))).toMatchObject({ body: request, losses: [] })
  })

  it('read the same in a stream, where the input comes in pieces', () => {
    const { content, ...head } = message
    const bytes = stream(
      { type: 'message_start', message: { ...head, content: [] } },
      { type: 'content_block_start', index: 0, content_block: { ...search, input: {} } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"query":' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '"Ruby"}' } },
      { type: 'content_block_stop', index: 0 },
      ...content.slice(1).flatMap((block, index) => [
        { type: 'content_block_start', index: index + 1, content_block: block },
        { type: 'content_block_stop', index: index + 1 },
      ]),
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 1 } },
      { type: 'message_stop' },
    )
    expect(accumulate(eventsOf([bytes])).candidates[0]?.blocks).toEqual(blocks)
  })

  it('are written anew when somebody changed what they found', () => {
    const changed = blocks.map((block): Block => (block.type === 'tool-result' && block.callId === 'srvtoolu_1' ? { ...block, content: [] } : block))
    const reply = protocol.decodeReply(message)
    const { content } = protocol.encodeReply(
      { ...reply, candidates: [{ ...reply.candidates[0], blocks: changed } as Reply['candidates'][number]] },
      replyOptions(),
    ) as {
      content: object[]
    }
    expect(content[1]).toEqual({ type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [], caller: { type: 'direct' } })
  })
})

describe('tools that another protocol’s provider ran', () => {
  const call = (id: string, name: string, argumentsText: string): Block => ({
    type: 'tool-call',
    id,
    name,
    argumentsText,
    form: 'json',
    executedBy: 'provider',
  })
  const result = (callId: string, text: string, isError?: boolean): Block => ({
    type: 'tool-result',
    callId,
    content: [{ type: 'text', text }],
    form: 'blocks',
    ...(isError !== undefined && { isError }),
  })
  const blocks: Block[] = [
    call('ws_1', 'web-search', '{"query":"x"}'),
    result('ws_1', 'https://a.example'),
    call('ci_1', 'code-execution', '{"code":"1/0"}'),
    result('ci_1', 'ZeroDivisionError', true),
    call('uc.1', 'web-fetch', '{"url":"https://b.example"}'),
    result('uc.1', 'The page.'),
    call('fs_1', 'file-search', '{}'),
    result('fs_1', 'A file.'),
    { type: 'text', text: 'Done.' },
  ]
  const reply: Reply = { candidates: [{ blocks, finish: { reason: 'stop' } }], usage: { inputUncached: 1, output: 1, source: 'measured' } }
  const losses = new LossSink()
  const { content } = protocol.encodeReply(reply, replyOptions(losses)) as { content: { type: string; id?: string; tool_use_id?: string }[] }

  it('tell of a search that failed, though nobody says why', () => {
    const call: Block = { type: 'tool-call', id: 'ws_1', name: 'web-search', argumentsText: '{"query":"x"}', form: 'json', executedBy: 'provider' }
    const failed: Block = { type: 'tool-result', callId: 'ws_1', name: 'web-search', isError: true, content: [], form: 'blocks' }
    const { content } = protocol.encodeReply({ candidates: [{ blocks: [call, failed], finish: { reason: 'stop' } }] }, replyOptions()) as { content: unknown }
    expect(content).toMatchObject([{ name: 'web_search' }, { content: { type: 'web_search_tool_result_error', error_code: 'unavailable' } }])
  })

  it('are shown in this protocol’s words where it has them, and named as lost where it has not', () => {
    expect(content).toMatchObject([
      { type: 'server_tool_use', name: 'web_search', input: { query: 'x' }, caller: { type: 'direct' } },
      { type: 'web_search_tool_result', content: [{ type: 'web_search_result', url: 'https://a.example', title: 'https://a.example' }] },
      { type: 'server_tool_use', name: 'code_execution', input: { code: '1/0' } },
      { type: 'code_execution_tool_result', content: { type: 'code_execution_result', stderr: 'ZeroDivisionError', return_code: 1 } },
      { type: 'server_tool_use', name: 'web_fetch' },
      { type: 'web_fetch_tool_result', content: { type: 'web_fetch_result', url: 'https://b.example', content: { source: { data: 'The page.' } } } },
      { type: 'text', text: 'Done.' },
    ])
    for (const at of [0, 2, 4]) expect(content[at + 1]?.tool_use_id).toBe(content[at]?.id)
    expect(content[0]?.id).toMatch(/^srvtoolu_[a-zA-Z0-9_]+$/)
    expect(losses.losses.map(({ path, feature, severity }) => `${path} ${feature} ${severity}`)).toEqual([
      'content[6] hosted-tool-call semantic',
      'content[7] hosted-tool-result semantic',
    ])
  })

  it('read the same in a stream', () => {
    const events = written(encodeStream(replyEvents(reply)))
    const starts = events.flatMap(({ type, content_block }) => (type === 'content_block_start' ? [content_block as { type: string }] : []))
    expect(starts.map(({ type }) => type)).toEqual(content.map(({ type }) => type))
  })

  it('do not go to this protocol’s provider, which would answer 400 to calls that it never made', () => {
    const request = { model: 'm', max_tokens: 9, messages: [{ role: 'assistant', content: content as never }] }
    const { messages, losses: lost } = encodeRequest(decodeRequest(request))
    expect(messages).toEqual([{ role: 'assistant', content: [{ type: 'text', text: 'Done.' }] }])
    expect(new Set(lost.map(({ feature, severity }) => `${feature} ${severity}`))).toEqual(new Set(['hosted-tool semantic']))
    const alone = encodeRequest(decodeRequest({ ...request, messages: [{ role: 'assistant', content: content.slice(0, 2) as never }] }))
    // An empty turn would be refused.
    expect(alone.messages).toEqual([])
  })

  it('have no place in the history of another caller', () => {
    const { messages, losses: lost } = encodeRequest({ ...replyOptions().conversation, turns: [said('user', 'Go.'), said('assistant', ...blocks)] })
    expect(messages).toEqual([
      { role: 'user', content: 'Go.' },
      { role: 'assistant', content: 'Done.' },
    ])
    expect(lost.filter(({ feature }) => feature === 'hosted-tool')).toHaveLength(8)
  })
})
