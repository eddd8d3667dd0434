import type { Conversation, Tool } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { encodeForeign } from './request-subject.ts'

const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false }
const tool = (name: string, rest: Partial<Tool> = {}): Tool => ({ type: 'function', name, parameters: schema, ...rest }) as Tool
const hosted = (name: string, service: Extract<Tool, { type: 'foreign' }>['hosted']): Tool =>
  ({ type: 'foreign', protocol: 'other-protocol', kind: 'x', name, value: {}, ...(service && { hosted: service }) }) as Tool

function encodeTools(tools: readonly Tool[], rest: Partial<Conversation> = {}) {
  const { body, lost } = encodeForeign({ tools, ...rest })
  return { tools: body.tools, choice: body.tool_choice, parallel: body.parallel_tool_calls, lost }
}

describe('tools of another protocol', () => {
  it('are strict only where that was asked for and can be had', () => {
    const open = { type: 'object', properties: { a: { type: 'string' } } }
    const { tools, lost } = encodeTools([
      tool('a', { description: 'A.', strict: true }),
      tool('b'),
      tool('c', { parameters: open, strict: true }),
      { type: 'function', name: 'd' },
    ])
    expect(tools).toEqual([
      { type: 'function', name: 'a', description: 'A.', parameters: schema, strict: true },
      { type: 'function', name: 'b', parameters: schema, strict: false },
      { type: 'function', name: 'c', parameters: open, strict: false },
      { type: 'function', name: 'd', parameters: { type: 'object', properties: {} }, strict: false },
    ])
    expect(lost).toEqual(['tools[2].strict strict-tool dropped semantic'])
  })

  it('tell in words what the top of a schema may not hold', () => {
    const { tools, lost } = encodeTools([tool('a', { description: 'A.', parameters: { type: 'object', properties: {}, anyOf: [{ required: ['a'] }] } })])
    expect(tools).toMatchObject([{ description: expect.stringMatching(/^A\.\n\n.*"anyOf"/), parameters: { type: 'object', properties: {} } }])
    expect(lost).toEqual(['tools[0].parameters.anyOf tool-schema approximated semantic'])
  })

  it('stand together in their group', () => {
    const { tools } = encodeTools([tool('a', { namespace: 'n' }), tool('b'), tool('c', { namespace: 'n' })])
    expect(tools).toMatchObject([
      { type: 'namespace', name: 'n', tools: [{ name: 'a' }, { name: 'c' }] },
      { type: 'function', name: 'b' },
    ])
  })

  it.each([
    [undefined, undefined, []],
    [{ type: 'text' }, { type: 'text' }, []],
    [{ type: 'grammar', syntax: 'lark', definition: 'start: x' }, { type: 'grammar', syntax: 'lark', definition: 'start: x' }, []],
    [{ type: 'grammar', grammar: { syntax: 'regex', definition: 'x' } }, { type: 'grammar', syntax: 'regex', definition: 'x' }, []],
    [{ type: 'ebnf' }, undefined, ['tools[0].format tool-format dropped semantic']],
  ])('take free text, bound by %j', (format, written, losses) => {
    const { tools, lost } = encodeTools([{ type: 'freeform', name: 'patch', description: 'Edits.', ...(format && { format }) }])
    expect(tools).toEqual([{ type: 'custom', name: 'patch', description: 'Edits.', ...(written && { format: written }) }])
    expect(lost).toEqual(losses)
  })

  it('that a provider runs become those of the vendor', () => {
    const { tools, lost } = encodeTools([
      hosted('web_search', {
        service: 'web-search',
        allowedDomains: ['a.example'],
        blockedDomains: ['b.example'],
        maxUses: 3,
        contextSize: 'low',
        location: { city: 'Bern' },
      }),
      hosted('code', { service: 'code-execution' }),
      hosted('docs', { service: 'mcp', name: 'docs', url: 'https://a.example/mcp', authorization: 't', allowedTools: ['find'] }),
      hosted('fetch', { service: 'web-fetch' }),
      hosted('memory', undefined),
    ])
    expect(tools).toEqual([
      {
        type: 'web_search',
        filters: { allowed_domains: ['a.example'] },
        search_context_size: 'low',
        user_location: { type: 'approximate', city: 'Bern' },
      },
      { type: 'code_interpreter', container: { type: 'auto' } },
      { type: 'mcp', server_label: 'docs', server_url: 'https://a.example/mcp', require_approval: 'never', authorization: 't', allowed_tools: ['find'] },
    ])
    expect(lost).toEqual([
      'tools[0].blocked_domains search-domains dropped semantic',
      'tools[0].max_uses search-limit dropped semantic',
      'tools[3] hosted-tool dropped semantic',
      'tools[4] hosted-tool dropped semantic',
    ])
  })
})

it('asks for what the vendor’s tools find', () => {
  const { body } = encodeForeign({ tools: [hosted('search', { service: 'web-search' }), hosted('code', { service: 'code-execution' })] })
  expect(body.include).toEqual(['web_search_call.action.sources', 'code_interpreter_call.outputs'])
})

describe('a choice among tools', () => {
  const tools = [tool('a'), { type: 'freeform', name: 'patch' } as Tool, hosted('search', { service: 'web-search' })]
  it.each<[Conversation['toolChoice'], unknown, number]>([
    [{ type: 'auto' }, 'auto', 0],
    [{ type: 'none' }, 'none', 0],
    [{ type: 'required' }, 'required', 0],
    [{ type: 'tool', name: 'a' }, { type: 'function', name: 'a' }, 0],
    [{ type: 'tool', name: 'patch' }, { type: 'custom', name: 'patch' }, 0],
    [{ type: 'tool', name: 'search' }, { type: 'allowed_tools', mode: 'required', tools: [{ type: 'web_search' }] }, 0],
    [{ type: 'tool', name: 'missing' }, undefined, 1],
    [
      { type: 'allowed', mode: 'auto', names: ['a', 'patch'] },
      {
        type: 'allowed_tools',
        mode: 'auto',
        tools: [
          { type: 'function', name: 'a' },
          { type: 'custom', name: 'patch' },
        ],
      },
      0,
    ],
    [{ type: 'allowed', mode: 'required', names: ['a', 'missing'] }, { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'a' }] }, 1],
    [{ type: 'allowed', mode: 'auto', names: ['missing'] }, undefined, 1],
    [{ type: 'foreign', protocol: 'other-protocol', value: {} }, undefined, 1],
  ])('%j', (toolChoice, written, losses) => {
    const { choice, lost } = encodeTools(tools, { ...(toolChoice && { toolChoice }) })
    expect(choice).toEqual(written)
    expect(lost).toEqual(Array.from({ length: losses }, () => 'tool_choice tool-choice dropped semantic'))
  })

  it('is nothing where there are none, and neither is a limit on calls', () => {
    expect(encodeTools([], { toolChoice: { type: 'auto' }, parallelToolCalls: false })).toMatchObject({ choice: undefined, parallel: undefined, lost: [] })
    expect(encodeTools([], { toolChoice: { type: 'required' } }).lost).toEqual(['tool_choice tool-choice dropped semantic'])
    expect(encodeTools([tool('a')], { parallelToolCalls: false }).parallel).toBe(false)
  })
})
