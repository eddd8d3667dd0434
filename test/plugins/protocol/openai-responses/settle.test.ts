import { type Conversation, type JsonObject, LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { chatProtocol } from '../../../../plugins/protocol/openai-chat/protocol.ts'
import { settle } from '../../../../plugins/protocol/openai-responses/request/settle.ts'
import { freeformRequest, liteRequest, plainRequest } from './codex-requests.ts'
import { decodeRequest, linesOf } from './request-subject.ts'

function settled(body: object): { conversation: Conversation; lost: string[]; fields: JsonObject } {
  const losses = new LossSink()
  const conversation = settle(decodeRequest({ model: 'm', ...body }), losses)
  const { $wire: _, ...fields } = conversation.ext?.['openai-responses'] ?? {}
  return { conversation, lost: linesOf(losses.losses), fields }
}

describe('a request that rests on what the vendor keeps is refused', () => {
  it.each([
    ['previous_response_id', 'previous_response_not_found', { input: 'x', previous_response_id: 'resp_1' }],
    ['conversation', 'conversation_not_found', { input: 'x', conversation: 'conv_1' }],
    ['conversation', 'conversation_not_found', { input: 'x', conversation: { id: 'conv_1' } }],
    ['prompt', 'prompt_not_found', { prompt: { id: 'pmpt_1' } }],
    [
      'input[1]',
      'item_not_found',
      {
        input: [
          { role: 'user', content: 'Hi' },
          { type: 'item_reference', id: 'msg_1' },
        ],
      },
    ],
  ])('%s', (param, code, body) => {
    expect(() => settled(body)).toThrowError(
      expect.objectContaining({ code: 'TKL_REQUEST_INVALID', status: 400, options: expect.objectContaining({ param, details: { code } }) }),
    )
  })
})

it('an item that is named by its id is refused with what can be sent instead', () => {
  const naming = () => settled({ input: [{ type: 'item_reference', id: 'msg_1' }] })
  expect(naming).toThrowError(/Item with id 'msg_1' not found.*send the item itself, or name its reply as previous_response_id/)
})

describe('fields', () => {
  it('that ask for nothing elsewhere are gone, the others are left for the encoder to report', () => {
    const { fields, lost } = settled({
      input: 'x',
      include: ['reasoning.encrypted_content', 'web_search_call.action.sources'],
      stream_options: { include_obfuscation: false },
      truncation: 'disabled',
      reasoning: { effort: 'low', context: 'auto', mode: 'standard' },
      store: true,
      prompt_cache_key: 'k',
      max_tool_calls: 3,
    })
    expect(fields).toEqual({ include: ['web_search_call.action.sources'], store: true, prompt_cache_key: 'k', max_tool_calls: 3 })
    expect(lost).toEqual([])
  })

  it('whose absence may be felt are named', () => {
    const { fields, lost } = settled({ input: 'x', truncation: 'auto', reasoning: { context: 'all_turns', mode: 'pro', generate_summary: 'auto' } })
    expect(fields).toEqual({ reasoning: { mode: 'pro' } })
    expect(lost).toEqual([
      'truncation truncation dropped hint',
      'reasoning.context reasoning-context dropped hint',
      'reasoning.generate_summary reasoning-display dropped hint',
    ])
  })
})

describe('turns', () => {
  it('lose the places of tools and what only the vendor can read', () => {
    const { conversation, lost } = settled({
      input: [
        { type: 'additional_tools', role: 'developer', tools: [{ type: 'function', name: 'f' }] },
        { type: 'compaction', encrypted_content: 'gA' },
        { role: 'user', content: 'Hi' },
        { type: 'mcp_list_tools', id: 'mcpl_1', server_label: 's', tools: [] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Yes?' }] },
      ],
    })
    expect(conversation.turns.map(({ role, blocks }) => `${role} ${blocks.length}`)).toEqual(['user 1', 'assistant 1'])
    expect(conversation.tools).toMatchObject([{ name: 'f' }])
    expect(lost).toEqual(['input[1].content[0] compaction dropped semantic', 'input[3].content[0] tool-listing dropped hint'])
  })

  it('take what is the answer to a tool of the vendor’s out whole, so that no empty message is left', () => {
    const { conversation, lost } = settled({
      input: [
        { role: 'user', content: 'Hi' },
        { type: 'computer_call_output', call_id: 'c', output: { type: 'computer_screenshot', image_url: 'data:image/png;base64,AA==' } },
        { type: 'mcp_approval_response', approval_request_id: 'a', approve: true },
        { type: 'compaction_trigger' },
        { role: 'user', content: 'And?' },
      ],
    })
    expect(conversation.turns.map(({ role, blocks }) => `${role} ${blocks.length}`)).toEqual(['user 1', 'user 1'])
    expect(lost).toEqual([
      'input[1].content[0] computer-call-output dropped semantic',
      'input[2].content[0] mcp-approval-response dropped semantic',
      'input[3].content[0] compaction-trigger dropped semantic',
    ])
  })
})

describe('what an agent notes at its items', () => {
  it('is no reason to refuse a request', () => {
    const losses = new LossSink()
    // Codex CLI 0.169.0 with the vendor's own address replaced.
    const item = { type: 'message', role: 'user', content: 'Hi', internal_chat_message_metadata_passthrough: { turn_id: 't' } }
    chatProtocol.encodeRequest(settle(decodeRequest({ model: 'm', input: [item] }), losses), { losses, facts: {} })
    expect(linesOf(losses.losses)).toEqual(['messages[0].internal_chat_message_metadata_passthrough metadata dropped hint'])
  })
})

describe('tools', () => {
  it('are offered once, and the group is told with its first tool', () => {
    const again = {
      type: 'tool_search_output',
      call_id: 'call_4',
      execution: 'client',
      tools: [{ type: 'namespace', name: 'multi_agent_v1', tools: [{ type: 'function', name: 'wait' }] }],
    }
    const input = [...(freeformRequest.input as readonly JsonObject[]), { ...again }]
    const { conversation, lost } = settled({ ...freeformRequest, input })
    expect(conversation.tools.flatMap((tool) => (tool.type === 'foreign' ? [] : [tool.name]))).toEqual([
      'exec_command',
      'apply_patch',
      'tool_search',
      'spawn_agent',
      'wait',
    ])
    expect(conversation.tools.at(-2)).toMatchObject({ description: 'multi_agent_v1: Tools for working with other agents.\n\nThe tool spawn_agent.' })
    expect(lost).toEqual([
      'tools[3].search_content_types search-content-types dropped hint',
      'tools[4] tool-group approximated hint',
      'tools[6] repeated-tool dropped semantic',
    ])
  })

  it('of the vendor’s that others run too may be chosen by the names that they have there', () => {
    const choose = (tool_choice: JsonObject, tools: readonly JsonObject[]) => settled({ input: 'x', tools, tool_choice }).conversation.toolChoice
    const search = { type: 'web_search' }
    expect(choose({ type: 'web_search_preview' }, [search])).toEqual({ type: 'tool', name: 'web_search' })
    expect(choose({ type: 'code_interpreter' }, [{ type: 'code_interpreter', container: { type: 'auto' } }])).toEqual({ type: 'tool', name: 'code_execution' })
    expect(choose(search, [{ type: 'function', name: 'web_search' }, search])).toMatchObject({ type: 'foreign' })
    expect(choose({ type: 'shell' }, [{ type: 'shell' }])).toMatchObject({ type: 'foreign' })
  })

  it('need no search of the vendor’s', () => {
    const { conversation, lost } = settled({
      input: 'x',
      tools: [{ type: 'tool_search' }, { type: 'function', name: 'f', defer_loading: true }, { type: 'shell' }],
    })
    expect(conversation.tools.map((tool) => (tool.type === 'foreign' ? tool.kind : tool.name))).toEqual(['f', 'shell'])
    expect(lost).toEqual(['tools[0] tool-search dropped hint'])
  })
})

it('names what other vendors’ tools cannot be told', () => {
  const { lost } = settled({
    input: 'x',
    tools: [
      { type: 'web_search', external_web_access: true, search_content_types: ['text', 'image'], search_context_size: 'low' },
      { type: 'web_search', external_web_access: false },
      { type: 'code_interpreter', container: { type: 'auto' } },
      { type: 'code_interpreter', container: { type: 'auto', file_ids: ['f'] } },
      { type: 'mcp', server_label: 's', server_url: 'https://a.example', require_approval: 'never', headers: { a: 'b' }, allowed_tools: { read_only: true } },
    ],
  })
  expect(lost).toEqual([
    'tools[0].search_content_types search-content-types dropped hint',
    'tools[1].external_web_access external-web-access dropped semantic',
    'tools[3].container container dropped semantic',
    'tools[4].headers headers dropped semantic',
    'tools[4].allowed_tools allowed-tools dropped semantic',
  ])
})

it('changes nothing that every protocol can say', () => {
  const before = decodeRequest(plainRequest)
  const { conversation } = settled(plainRequest)
  expect(conversation.turns).toEqual(before.turns)
  expect(settled(liteRequest).conversation.turns.map(({ role }) => role)).toEqual(['developer', 'user', 'assistant', 'tool'])
})
