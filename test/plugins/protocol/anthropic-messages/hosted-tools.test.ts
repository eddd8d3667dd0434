import { type ForeignTool, type HostedService, type JsonObject, LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { conversation, decodeRequest, encodeRequest, protocol, said } from './subject.ts'

const base = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Go.' }] }
const server = { type: 'url', name: 'tools', url: 'https://mcp.example', authorization_token: 'secret' }

describe('tools that the provider runs', () => {
  it.each<[object, HostedService]>([
    [
      { type: 'web_search_20250305', name: 'web_search', allowed_domains: ['a.example'], max_uses: 3, user_location: { type: 'approximate', city: 'Rome' } },
      { service: 'web-search', allowedDomains: ['a.example'], maxUses: 3, location: { city: 'Rome' } },
    ],
    [
      { type: 'web_search_20260318', name: 'web_search', blocked_domains: ['b.example'] },
      { service: 'web-search', blockedDomains: ['b.example'] },
    ],
    [{ type: 'web_fetch_20250910', name: 'web_fetch' }, { service: 'web-fetch' }],
    [{ type: 'code_execution_20260521', name: 'code_execution' }, { service: 'code-execution' }],
    [
      { type: 'mcp_toolset', mcp_server_name: 'tools' },
      { service: 'mcp', name: 'tools', url: 'https://mcp.example', authorization: 'secret' },
    ],
    [
      { type: 'mcp_toolset', mcp_server_name: 'tools', default_config: { enabled: false }, configs: { echo: { enabled: true }, rm: { enabled: false } } },
      { service: 'mcp', name: 'tools', url: 'https://mcp.example', authorization: 'secret', allowedTools: ['echo'] },
    ],
  ])('say what they do in words that other protocols have: %j', (tool, hosted) => {
    const body = { ...base, tools: [tool], mcp_servers: [server] }
    const read = decodeRequest(body)
    expect(read.tools).toMatchObject([{ type: 'foreign', hosted }])
    expect(encodeRequest(read)).toMatchObject({ body, losses: [] })
  })

  it.each<[JsonObject, string[]]>([
    [
      { type: 'web_search_20260209', name: 'web_search', max_uses: 1, cache_control: { type: 'ephemeral' }, allowed_callers: ['direct'], defer_loading: true },
      ['cache_control cache-marker hint', 'allowed_callers tool-caller hint', 'defer_loading deferred-tool hint'],
    ],
    [
      { type: 'web_fetch_20250910', name: 'web_fetch', max_uses: 1, allowed_domains: ['a.example'], citations: { enabled: true }, blocked_domains: null },
      ['max_uses max-uses semantic', 'allowed_domains allowed-domains semantic', 'citations citations semantic'],
    ],
    [{ type: 'code_execution_20250825', name: 'code_execution', cache_control: null, strict: false }, []],
    [
      { type: 'mcp_toolset', mcp_server_name: 'tools', default_config: { defer_loading: true }, configs: { rm: { enabled: false } }, tools: [{ name: 'a' }] },
      ['tools tools semantic', 'default_config.defer_loading deferred-tool hint', 'configs.rm mcp-allowed-tools semantic'],
    ],
    [{ type: 'mcp_toolset', mcp_server_name: 'tools', default_config: { enabled: false }, configs: { a: { enabled: true }, b: { enabled: false } } }, []],
  ])('name what of %j cannot be told to another provider', (tool, lost) => {
    const losses = new LossSink()
    protocol.settle?.(decodeRequest({ ...base, tools: [tool], mcp_servers: [server] }), losses)
    expect(losses.losses.map(({ path, feature, severity }) => `${path} ${feature} ${severity}`)).toEqual(lost.map((each) => `tools[0].${each}`))
  })

  it('are not offered elsewhere when their server is switched off', () => {
    const off = { ...server, tool_configuration: { enabled: false } }
    expect(protocol.settle?.(decodeRequest({ ...base, mcp_servers: [off] }), new LossSink()).tools).toEqual([])
  })

  it('are no more than their names where they are of an unknown kind, or their server is not there', () => {
    const { tools } = decodeRequest({
      ...base,
      tools: [
        { type: 'advisor_20260301', name: 'advisor' },
        { type: 'mcp_toolset', mcp_server_name: 'gone' },
      ],
    })
    expect(tools.map((tool) => (tool as ForeignTool).hosted)).toEqual([undefined, undefined])
  })

  const foreign = (hosted?: HostedService): ForeignTool => ({ type: 'foreign', protocol: 'elsewhere', kind: 'its_word', value: {}, ...(hosted && { hosted }) })

  it('of other protocols are written in the version that every model takes', () => {
    const { body, losses } = encodeRequest(
      conversation([said('user', 'Go.')], {
        tools: [
          foreign({ service: 'web-search', blockedDomains: ['b.example'], contextSize: 'high', location: { country: 'IT' } }),
          foreign({ service: 'web-fetch' }),
          foreign({ service: 'code-execution' }),
          foreign({ service: 'mcp', name: 'tools', url: 'https://mcp.example', authorization: 'secret', allowedTools: ['echo'] }),
          foreign(),
        ],
      }),
    )
    expect(body.tools).toEqual([
      { type: 'web_search_20250305', name: 'web_search', blocked_domains: ['b.example'], user_location: { type: 'approximate', country: 'IT' } },
      { type: 'web_fetch_20250910', name: 'web_fetch' },
      { type: 'code_execution_20250825', name: 'code_execution' },
      { type: 'mcp_toolset', mcp_server_name: 'tools', default_config: { enabled: false }, configs: { echo: { enabled: true } } },
    ])
    expect(body.mcp_servers).toEqual([server])
    expect(losses.map(({ path, feature, severity }) => `${path} ${feature} ${severity}`)).toEqual([
      'tools[0].search_context_size search-context-size hint',
      'tools[4] hosted-tool semantic',
    ])
  })

  it('are counted with their servers, without the settings of a generation', () => {
    const { body } = encodeRequest(
      conversation([said('user', 'Go.')], { tools: [foreign({ service: 'mcp', name: 't', url: 'https://mcp.example' })], stop: ['x'] }),
    )
    expect(Object.keys(protocol.tokenCount?.request(body, 'm') ?? {}).sort()).toEqual(['mcp_servers', 'messages', 'model', 'tools'])
  })
})
