import type { ForeignTool, HostedService, Tool, ToolChoice } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { encodeForeign, secondGeneration, thirdGeneration } from './request-subject.ts'

const parameters = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }
const get: Tool = { type: 'function', name: 'get', description: 'Gets.', parameters }
const put: Tool = { type: 'function', name: 'put' }
const hosted = (service: HostedService, kind = 'some'): ForeignTool => ({ type: 'foreign', protocol: 'other', kind, value: {}, hosted: service })
const search = hosted({ service: 'web-search' })
const mode = (name: string, ...allowedFunctionNames: string[]) => ({
  functionCallingConfig: { mode: name, ...(allowedFunctionNames.length > 0 && { allowedFunctionNames }) },
})

describe('the tools', () => {
  it('are declared together, with JSON Schema', () => {
    expect(encodeForeign({ tools: [get, put] }).body.tools).toEqual([
      { functionDeclarations: [{ name: 'get', description: 'Gets.', parametersJsonSchema: parameters }, { name: 'put' }] },
    ])
  })

  it('of one name are declared once, and their fields of other vendors reported', () => {
    const { body, lost } = encodeForeign({ tools: [{ ...put, ext: { other: { defer_loading: true } } }, put] })
    expect(body.tools).toEqual([{ functionDeclarations: [{ name: 'put' }] }])
    expect(lost).toEqual(['tools[0].defer_loading deferred-tool dropped hint', 'tools[1] duplicate-tool dropped semantic'])
  })

  it('that the vendor runs itself are its own', () => {
    const mcp: HostedService = { service: 'mcp', name: 'docs', url: 'https://a.example/mcp', authorization: 'k', allowedTools: ['x'] }
    const limited: HostedService = {
      service: 'web-search',
      allowedDomains: ['a.example'],
      blockedDomains: ['b.example'],
      maxUses: 3,
      contextSize: 'low',
      location: { country: 'CH' },
    }
    const { body, lost } = encodeForeign({ tools: [hosted(limited), hosted({ service: 'web-fetch' }), hosted({ service: 'code-execution' }), hosted(mcp)] })
    expect(body.tools).toEqual([
      { googleSearch: {} },
      { urlContext: {} },
      { codeExecution: {} },
      { mcpServers: [{ name: 'docs', streamableHttpTransport: { url: 'https://a.example/mcp', headers: { Authorization: 'Bearer k' } } }] },
    ])
    expect(lost).toEqual([
      'tools[0].allowed_domains search-domains dropped semantic',
      'tools[0].blocked_domains search-domains dropped semantic',
      'tools[0].max_uses search-limit dropped hint',
      'tools[0].search_context_size search-context-size dropped hint',
      'tools[0].user_location search-location dropped hint',
      'tools[3].allowed_tools mcp-allowed-tools dropped semantic',
    ])
  })

  it('of another vendor alone are reported', () => {
    const { body, lost } = encodeForeign({ tools: [{ type: 'foreign', protocol: 'other', kind: 'computer', value: {} }] })
    expect(body).not.toHaveProperty('tools')
    expect(lost).toEqual(['tools[0] hosted-tool dropped semantic'])
  })

  it.each([{}, secondGeneration])('are the caller’s alone where the model does not take both kinds: %j', (facts) => {
    const { body, lost } = encodeForeign({ tools: [search, put] }, facts)
    expect(body.tools).toEqual([{ functionDeclarations: [{ name: 'put' }] }])
    expect(lost).toEqual(['tools[0] hosted-tool dropped semantic'])
  })

  it('are of both kinds for the third generation, which then must tell of its own', () => {
    const { body, lost } = encodeForeign({ tools: [search, put] }, thirdGeneration)
    expect(body).toMatchObject({
      tools: [{ functionDeclarations: [{ name: 'put' }] }, { googleSearch: {} }],
      toolConfig: { includeServerSideToolInvocations: true },
    })
    expect(lost).toEqual([])
  })
})

describe('the choice among tools', () => {
  it.each<[ToolChoice, object]>([
    [{ type: 'auto' }, mode('AUTO')],
    [{ type: 'none' }, mode('NONE')],
    [{ type: 'required' }, mode('ANY')],
    [{ type: 'tool', name: 'get' }, mode('ANY', 'get')],
    [{ type: 'allowed', mode: 'required', names: ['get', 'put'] }, mode('ANY', 'get', 'put')],
    [{ type: 'allowed', mode: 'auto', names: ['put'] }, mode('VALIDATED', 'put')],
  ])('is a mode: %j', (toolChoice, toolConfig) => {
    const { body, lost } = encodeForeign({ tools: [get, put], toolChoice })
    expect(body.toolConfig).toEqual(toolConfig)
    expect(lost).toEqual([])
  })

  it('is left out, and reported, where there is nothing to choose', () => {
    expect(encodeForeign({ toolChoice: { type: 'required' } })).toMatchObject({ lost: ['tool_choice tool-choice dropped semantic'] })
    expect(encodeForeign({ toolChoice: { type: 'auto' } }).lost).toEqual([])
    const { body, lost } = encodeForeign({ tools: [put], toolChoice: { type: 'tool', name: 'get' } })
    expect(body).not.toHaveProperty('toolConfig')
    expect(lost).toEqual(['tool_choice tool-choice dropped semantic'])
    expect(encodeForeign({ tools: [put], toolChoice: { type: 'foreign', protocol: 'other', value: {} } }).lost).toEqual([
      'tool_choice tool-choice dropped semantic',
    ])
  })

  it('of none keeps tools away that the vendor would run all the same', () => {
    const { body, lost } = encodeForeign({ tools: [search, put], toolChoice: { type: 'none' } }, thirdGeneration)
    expect(body).toMatchObject({ tools: [{ functionDeclarations: [{ name: 'put' }] }], toolConfig: mode('NONE') })
    expect(lost).toEqual(['tools[0] hosted-tool approximated hint'])
    expect(encodeForeign({ tools: [search], toolChoice: { type: 'none' } }).body).not.toHaveProperty('tools')
  })

  it('names those that can be named', () => {
    const { body, lost } = encodeForeign({ tools: [get, put], toolChoice: { type: 'allowed', mode: 'auto', names: ['web_search', 'put'] } })
    expect(body.toolConfig).toEqual(mode('VALIDATED', 'put'))
    expect(lost).toEqual(['tool_choice tool-choice approximated semantic'])
  })

  it('holds arguments to their schemas for strict tools', () => {
    const strict = { ...get, strict: true } as Tool
    expect(encodeForeign({ tools: [strict] }).body.toolConfig).toEqual(mode('VALIDATED'))
    expect(encodeForeign({ tools: [strict], toolChoice: { type: 'required' } }).body.toolConfig).toEqual(mode('ANY'))
    expect(encodeForeign({ tools: [strict, put], toolChoice: { type: 'auto' } })).toMatchObject({
      body: { toolConfig: mode('VALIDATED') },
      lost: ['tools strict-tool approximated hint'],
    })
  })

  it('cannot forbid parallel calls', () => {
    expect(encodeForeign({ tools: [put], parallelToolCalls: false }).lost).toEqual(['parallel_tool_calls parallel-tool-calls dropped hint'])
  })
})
