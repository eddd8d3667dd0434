import { type Json, type JsonObject, LossSink, type ToolResultBlock } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { decodeRequest, protocol } from './subject.ts'

function settle(body: JsonObject) {
  const losses = new LossSink()
  const conversation = decodeRequest({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Go.' }], ...body })
  const settled = protocol.settle?.(conversation, losses) ?? conversation
  return { settled, own: settled.ext?.['anthropic-messages'], lost: losses.losses.map(({ path, feature, severity }) => `${path} ${feature} ${severity}`) }
}

/** The content of a tool result whose content was this. */
function resultOf(content: Json) {
  const { settled, lost } = settle({ messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content }] }] })
  return { content: (settled.turns[0]?.blocks[0] as ToolResultBlock | undefined)?.content, lost }
}

describe('what only this vendor means, for the provider of another protocol', () => {
  it('loses the line of a client that changes with every request, and the effort of a message', () => {
    const { settled, lost } = settle({
      system: [
        { type: 'text', text: 'x-anthropic-billing-header: cc_version=2; cch=1;' },
        { type: 'text', text: 'Be brief.' },
      ],
      messages: [{ role: 'system', content: 'It is Monday.', output_config: { effort: 'low' } }],
    })
    expect(settled.instructions).toMatchObject([{ text: '' }, { text: 'Be brief.' }])
    expect(settled.turns[0]?.ext).toEqual({ 'anthropic-messages': {} })
    expect(lost).toEqual(['system[0] billing-header hint', 'messages[0].output_config output-config hint'])
  })

  it('loses of a system text no more than that line', () => {
    const { settled } = settle({ system: 'x-anthropic-billing-header: cc_version=2;\n\nBe brief.\nBe kind.' })
    expect(settled.instructions).toMatchObject([{ text: 'Be brief.\nBe kind.' }])
  })

  it.each([
    [{ context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] } }, {}, ['context_management context-management hint']],
    [{ diagnostics: { cache: true }, user_profile_id: null }, {}, ['diagnostics diagnostics hint']],
    [{ context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }, { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }, []],
  ])('takes out %j when the answer is the same without it', (fields, left, lost) => {
    const { own, lost: found } = settle(fields as JsonObject)
    expect(own).toMatchObject(left)
    expect(Object.keys(own ?? {}).filter((name) => !name.startsWith('$'))).toEqual(Object.keys(left))
    expect(found).toEqual(lost)
  })

  it.each([
    [{ thinking: { type: 'between_tools' } }, { mode: 'off' }, ['thinking thinking hint']],
    [{ thinking: { type: 'adaptive', display: 'summarized' } }, { mode: 'adaptive', display: 'auto' }, []],
    [{ thinking: { type: 'enabled', budget_tokens: 2000, display: 'updates' } }, { mode: 'budget', budgetTokens: 2000, display: 'updates' }, []],
    [{ thinking: { type: 'disabled' } }, { mode: 'off' }, []],
  ])('says %j as other protocols do', (fields, reasoning, lost) => {
    const { settled, lost: found } = settle(fields as JsonObject)
    expect(settled.reasoning).toEqual(reasoning)
    expect(found).toEqual(lost)
  })

  it('names the usual service tier as others do', () => {
    expect(settle({ service_tier: 'standard_only' }).settled.serviceTier).toBe('default')
    expect(settle({ service_tier: 'auto' }).settled.serviceTier).toBe('auto')
  })

  it('tells what a client’s search for tools found, and offers every tool, deferred ones too', () => {
    expect(resultOf([{ type: 'tool_reference', tool_name: 'WebFetch' }])).toEqual({
      content: [{ type: 'text', text: 'The tool WebFetch can be called now.' }],
      lost: ['messages[0].content[0].content[0] tool-reference hint'],
    })
    const schema = { type: 'object' }
    const { settled, lost } = settle({
      tools: [
        { name: 'WebFetch', input_schema: schema, defer_loading: true },
        { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' },
      ],
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'server_tool_use', id: 'srvtoolu_1', name: 'tool_search_tool_regex', input: { query: 'x' } },
            { type: 'tool_search_tool_result', tool_use_id: 'srvtoolu_1', content: { type: 'tool_search_tool_search_result', tool_references: [] } },
            { type: 'text', text: 'Found.' },
          ],
        },
      ],
    })
    expect(settled.tools).toMatchObject([{ type: 'function', name: 'WebFetch' }])
    expect(settled.turns[0]?.blocks).toMatchObject([{ type: 'text', text: 'Found.' }])
    expect(lost).toEqual(['messages[0].content[1] tool-search hint', 'tools[1] tool-search hint'])
  })

  it('sends what was found and what documents are made of as texts and images', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } }
    const { content, lost } = resultOf([
      { type: 'search_result', source: 'https://a.example', title: 'A', content: [{ type: 'text', text: 'Old.' }], citations: { enabled: true } },
      { type: 'document', title: 'Notes', source: { type: 'content', content: [{ type: 'text', text: 'One.' }, image] } },
    ])
    expect(content).toMatchObject([{ text: 'A\nhttps://a.example' }, { text: 'Old.' }, { text: 'Notes' }, { text: 'One.' }, { type: 'media', kind: 'image' }])
    expect(lost).toEqual([
      'messages[0].content[0].content[0].citations citations semantic',
      'messages[0].content[0].content[0] search-result hint',
      'messages[0].content[0].content[1] text-document hint',
    ])
  })

  it('has the servers of the first connector among the tools, and names what is no server', () => {
    const server = { type: 'url', name: 'tools', url: 'https://mcp.example', tool_configuration: { allowed_tools: ['echo'] } }
    const { settled, own } = settle({ mcp_servers: [server, { type: 'url', name: 'nowhere' }] })
    expect(settled.tools).toMatchObject([{ type: 'foreign', hosted: { service: 'mcp', name: 'tools', url: 'https://mcp.example', allowedTools: ['echo'] } }])
    expect(own?.mcp_servers).toEqual([{ type: 'url', name: 'nowhere' }])
    const both = settle({ mcp_servers: [server], tools: [{ type: 'mcp_toolset', mcp_server_name: 'tools' }] })
    expect(both.settled.tools).toHaveLength(1)
    expect(both.own).not.toHaveProperty('mcp_servers')
  })
})
