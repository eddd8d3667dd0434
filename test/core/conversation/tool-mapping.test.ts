import {
  type Block,
  type Conversation,
  type FunctionTool,
  type JsonObject,
  LossSink,
  type ReplyEvent,
  type Tool,
  type ToolCallBlock,
  type ToolSupport,
} from 'tokligence'
import { describe, expect, it } from 'vitest'
import { ToolMapping } from '../../../core/conversation/tool-mapping.ts'

const plain: ToolSupport = { name: /^[a-zA-Z0-9_-]+$/, longestName: 64, namespaces: false, freeform: 'never' }

const tool = (name: string, namespace?: string): Tool => ({ type: 'function', name, ...(namespace !== undefined && { namespace }) })
const freeform = (name: string, more: { format?: JsonObject; namespace?: string } = {}): Tool => ({ type: 'freeform', name, description: 'Does it.', ...more })
const hosted = (name: string | undefined): Tool => ({
  type: 'foreign',
  protocol: 'x',
  kind: 'search',
  value: {},
  ...(name !== undefined && { name }),
  hosted: { service: 'web-search' },
})
const call = (name: string, more: Partial<ToolCallBlock> = {}): ToolCallBlock => ({
  type: 'tool-call',
  id: 'c1',
  name,
  argumentsText: '{}',
  form: 'json',
  executedBy: 'client',
  ...more,
})
const said = (...blocks: Block[]): Conversation['turns'][number] => ({ role: 'assistant', form: 'blocks', blocks })

function mapped(given: Partial<Conversation>, support = plain, freeformTools = false) {
  const losses = new LossSink()
  const mapping = new ToolMapping(support, freeformTools)
  const whole: Conversation = { model: 'm', stream: false, instructions: [], instructionsForm: 'none', turns: [], tools: [], sampling: {}, ...given }
  const conversation = mapping.map(whole, losses)
  return { mapping, conversation, whole, names: conversation.tools.map(({ name }) => name), losses: losses.losses }
}

describe('names of tools', () => {
  it('stay as they are where the provider takes them, and the conversation with them', () => {
    const { conversation, whole, losses } = mapped({ tools: [tool('a'), tool('b-2')], turns: [said(call('a'))] })
    expect(conversation).toBe(whole)
    expect(losses).toEqual([])
  })

  it('begin with their group where the provider has no groups, and come back in it', () => {
    const { conversation, mapping, losses } = mapped({ tools: [tool('wait', 'agents')], turns: [said(call('wait', { namespace: 'agents' }))] })
    expect(conversation.tools).toEqual([{ type: 'function', name: 'agents__wait' }])
    expect(conversation.turns[0]?.blocks).toEqual([call('agents__wait')])
    expect(mapping.restore(call('agents__wait', { argumentsText: '{"a": 1}' }))).toEqual(call('wait', { namespace: 'agents', argumentsText: '{"a": 1}' }))
    expect(losses).toEqual([{ path: 'tools[0].name', feature: 'tool-name', action: 'approximated', severity: 'hint', detail: 'agents__wait' }])
  })

  it('keep their group where the provider has groups, and are told apart by it', () => {
    const support = { ...plain, namespaces: true, longestName: 20 }
    const long = 'n'.repeat(30)
    const { conversation, mapping } = mapped({ tools: [tool('a', 'x'), tool('a', 'y'), tool(long, 'x'), tool(long, 'y')] }, support)
    expect(conversation.tools.slice(0, 2)).toEqual([tool('a', 'x'), tool('a', 'y')])
    for (const offered of conversation.tools.slice(2)) {
      const { name, namespace } = offered as FunctionTool
      expect(mapping.restore(call(name, { ...(namespace !== undefined && { namespace }) }))).toEqual(
        call(long, { ...(namespace !== undefined && { namespace }) }),
      )
    }
  })

  it('that are not accepted, or too long, are cut and told apart by a digest', () => {
    const { names, mapping } = mapped({ tools: [tool('read file'), tool('read/file'), tool('n'.repeat(100)), tool('')] })
    expect(names).toEqual([
      expect.stringMatching(/^read_file_[0-9a-f]{8}$/),
      expect.stringMatching(/^read_file_[0-9a-f]{8}$/),
      expect.stringMatching(/^n{55}_[0-9a-f]{8}$/),
      expect.stringMatching(/^_[0-9a-f]{8}$/),
    ])
    expect(new Set(names).size).toBe(4)
    expect(mapping.restore(call(names[1] ?? ''))).toEqual(call('read/file'))
  })

  it('of plain tools are kept, and a grouped tool that would get the same one gets a digest, in whatever order they stand', () => {
    const one = mapped({ tools: [tool('b', 'a'), tool('a__b')] })
    const other = mapped({ tools: [tool('a__b'), tool('b', 'a')] })
    expect(one.names).toEqual([expect.stringMatching(/^a__b_[0-9a-f]{8}$/), 'a__b'])
    expect(other.names).toEqual(one.names.toReversed())
    expect(one.mapping.restore(call('a__b'))).toEqual(call('a__b'))
    expect(one.mapping.restore(call(one.names[0] ?? ''))).toEqual(call('b', { namespace: 'a' }))
  })

  it('of two grouped tools that come out the same: the later gets a digest', () => {
    const { names, mapping } = mapped({ tools: [tool('b__c', 'a'), tool('c', 'a__b')] })
    expect(names).toEqual(['a__b__c', expect.stringMatching(/^a__b__c_[0-9a-f]{8}$/)])
    expect(mapping.restore(call(names[1] ?? ''))).toEqual(call('c', { namespace: 'a__b' }))
  })

  it('give way to those of the provider’s own tools, which cannot be renamed', () => {
    const { names, mapping } = mapped({ tools: [tool('web_search'), hosted(undefined), tool('bash'), hosted('bash')] })
    expect(names).toEqual([expect.stringMatching(/^web_search_[0-9a-f]{8}$/), undefined, expect.stringMatching(/^bash_[0-9a-f]{8}$/), 'bash'])
    expect(mapping.restore(call(names[0] ?? ''))).toEqual(call('web_search'))
  })

  it('that nobody offered come back as the provider wrote them', () => {
    const { mapping } = mapped({ tools: [tool('wait', 'agents')] })
    expect(mapping.restore(call('wait'))).toEqual(call('wait'))
    expect(mapping.restore(call('made_up'))).toEqual(call('made_up'))
    expect(mapping.restore({ type: 'text', text: 'agents__wait' })).toEqual({ type: 'text', text: 'agents__wait' })
    expect(mapping.restore(call('agents__wait', { executedBy: 'provider' }))).toEqual(call('agents__wait', { executedBy: 'provider' }))
  })
})

describe('earlier calls', () => {
  it('of tools that are no longer offered have the names that they had, and so do their results', () => {
    const turns = [
      said(call('wait', { namespace: 'agents' })),
      { role: 'tool', form: 'blocks', blocks: [{ type: 'tool-result', callId: 'c1', name: 'wait', content: [], form: 'none' }] } as const,
    ]
    const offered = mapped({ tools: [tool('wait', 'agents')], turns })
    const gone = mapped({ tools: [], turns })
    expect(gone.conversation.turns).toEqual(offered.conversation.turns)
    expect(gone.conversation.turns[1]?.blocks[0]).toMatchObject({ name: 'agents__wait' })
    expect(gone.mapping.restore(call('agents__wait'))).toEqual(call('wait', { namespace: 'agents' }))
  })

  it('without their group are those of the only group that has such a tool', () => {
    const { conversation } = mapped({ tools: [tool('wait', 'functions'), tool('a', 'x'), tool('a', 'y')], turns: [said(call('wait'), call('a'))] })
    expect(conversation.turns[0]?.blocks).toMatchObject([{ name: 'functions__wait' }, { name: 'a' }])
  })

  it('do not get the name of a tool on offer', () => {
    const { conversation } = mapped({ tools: [tool('b', 'a')], turns: [said(call('a__b'))] })
    expect(conversation.tools[0]?.name).toMatch(/^a__b/)
    expect(conversation.turns[0]?.blocks[0]).not.toMatchObject({ name: conversation.tools[0]?.name })
  })

  it('with free text are wrapped even when their tool takes JSON by now', () => {
    const { conversation } = mapped({ tools: [tool('exec')], turns: [said(call('exec', { form: 'text', argumentsText: 'ls "x"' }))] })
    expect(conversation.turns[0]?.blocks).toEqual([call('exec', { argumentsText: '{"input":"ls \\"x\\""}' })])
  })
})

describe('the choice among tools', () => {
  const tools = [tool('wait', 'agents'), tool('a', 'x'), tool('a', 'y'), tool('plain')]

  it.each([
    [
      { type: 'tool', name: 'wait', namespace: 'agents' },
      { type: 'tool', name: 'agents__wait' },
    ],
    [
      { type: 'tool', name: 'wait' },
      { type: 'tool', name: 'agents__wait' },
    ],
    [
      { type: 'tool', name: 'plain' },
      { type: 'tool', name: 'plain' },
    ],
    [{ type: 'required' }, { type: 'required' }],
    [
      { type: 'allowed', mode: 'auto', names: ['plain', 'a', 'a'] },
      { type: 'allowed', mode: 'auto', names: ['plain', 'x__a', 'y__a'] },
    ],
    [
      { type: 'allowed', mode: 'required', names: ['agents', 'unknown'] },
      { type: 'allowed', mode: 'required', names: ['agents__wait', 'unknown'] },
    ],
  ] as const)('%j becomes %j', (toolChoice, expected) => {
    expect(mapped({ tools, toolChoice }).conversation.toolChoice).toEqual(expected)
  })

  it('keeps a group where the provider has groups', () => {
    const { conversation } = mapped({ tools: [tool('a b', 'x')], toolChoice: { type: 'tool', name: 'a b', namespace: 'x' } }, { ...plain, namespaces: true })
    expect(conversation.toolChoice).toEqual({ type: 'tool', name: expect.stringMatching(/^a_b_[0-9a-f]{8}$/), namespace: 'x' })
  })
})

describe('freeform tools', () => {
  const patch = freeform('patch', { format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } })

  it('are functions with one argument that is the text, and tell the model their grammar', () => {
    const { conversation, losses } = mapped({ tools: [patch] })
    expect(conversation.tools).toEqual([
      {
        type: 'function',
        name: 'patch',
        description: expect.stringMatching(/^Does it\.\n\n.*"input".*\n\nIt must follow this lark grammar:\nstart: "x"$/s),
        parameters: {
          type: 'object',
          properties: { input: { type: 'string', description: expect.any(String) } },
          required: ['input'],
          additionalProperties: false,
        },
      },
    ])
    expect(losses).toMatchObject([{ path: 'tools[0]', feature: 'freeform-tool', action: 'approximated' }])
  })

  it.each([
    ['always', false],
    ['by-model', true],
  ] as const)('stay as they are where the provider takes them: %s', (support, model) => {
    const { conversation, whole } = mapped(
      { tools: [patch], turns: [said(call('patch', { form: 'text', argumentsText: 'x' }))] },
      { ...plain, freeform: support },
      model,
    )
    expect(conversation).toBe(whole)
    expect(mapped({ tools: [patch] }, { ...plain, freeform: 'by-model' }, false).conversation.tools[0]?.type).toBe('function')
  })

  it('get their text, never the JSON around it; arguments of another shape reach them as they are', () => {
    const { mapping } = mapped({ tools: [patch] })
    const restored = (argumentsText: string) => mapping.restore(call('patch', { argumentsText }))
    expect(restored('{"input":"a\\n\\"b\\""}')).toEqual(call('patch', { form: 'text', argumentsText: 'a\n"b"' }))
    for (const other of ['{"patch":"a"}', '{"input":1}', '"a"', '[]', 'null', '{"input":"a', '', '{"__proto__":{"input":"a"}}'])
      expect(restored(other)).toEqual(call('patch', { form: 'text', argumentsText: other }))
    expect(mapping.restore(call('patch', { form: 'text', argumentsText: '{"input":"a"}' }))).toMatchObject({ argumentsText: '{"input":"a"}' })
  })

  it('get their text in a stream once it is whole, while other blocks go on', () => {
    const restore = mapped({ tools: [patch] }).mapping.restoreEvents()
    const delta = (index: number, text: string): ReplyEvent => ({ type: 'block-delta', index, delta: { type: 'text', text } })
    const run = (...events: ReplyEvent[]) => events.flatMap(restore)
    expect(run({ type: 'block-start', index: 0, block: call('patch', { argumentsText: '{"inp' }) })).toEqual([
      { type: 'block-start', index: 0, block: call('patch', { form: 'text', argumentsText: '' }) },
    ])
    expect(run({ type: 'block-start', index: 1, block: call('other') })).toEqual([{ type: 'block-start', index: 1, block: call('other') }])
    const sealed: ReplyEvent = { type: 'block-delta', index: 0, delta: { type: 'sealed', sealed: { issuer: 'x', value: 's' } } }
    expect(run(delta(0, 'ut":"a'), delta(1, '{}'), sealed, delta(0, 'b"}'))).toEqual([delta(1, '{}'), sealed])
    expect(run({ type: 'block-end', index: 0 })).toEqual([delta(0, 'ab'), { type: 'block-end', index: 0 }])
    expect(run({ type: 'block-start', index: 2, block: call('patch', { argumentsText: '' }) }, { type: 'block-end', index: 2 })).toHaveLength(2)
  })

  it('get what is longer than any text that is kept back as it comes', () => {
    const restore = mapped({ tools: [patch] }).mapping.restoreEvents()
    const piece = 'x'.repeat(6 * 1024 * 1024)
    const delta: ReplyEvent = { type: 'block-delta', index: 0, delta: { type: 'text', text: piece } }
    const events = [
      { type: 'block-start', index: 0, block: call('patch', { argumentsText: '' }) } as const,
      delta,
      delta,
      delta,
      delta,
      { type: 'block-end', index: 0 } as const,
    ]
    const texts = events.flatMap(restore).flatMap((event) => (event.type === 'block-delta' && event.delta.type === 'text' ? [event.delta.text.length] : []))
    expect(texts).toEqual([3 * piece.length, piece.length])
  })
})
