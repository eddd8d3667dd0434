import fc from 'fast-check'
import { type Conversation, type FunctionTool, LossSink, type Tool, type ToolCallBlock, type ToolSupport } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { ToolMapping } from '../../../core/conversation/tool-mapping.ts'

const supports: readonly ToolSupport[] = [
  { name: /^[a-zA-Z0-9_-]+$/, longestName: 64, namespaces: false, freeform: 'never' },
  { name: /^[a-zA-Z_][a-zA-Z0-9_.:-]*$/, longestName: 128, namespaces: false, freeform: 'never' },
  { name: /^[a-zA-Z0-9_-]+$/g, longestName: 24, namespaces: true, freeform: 'always' },
  { name: /^[a-z_0-9]+$/, longestName: 16, namespaces: false, freeform: 'by-model' },
]

const names = fc.oneof(
  fc.constantFrom('a', 'b', 'a__b', 'a.b', 'get weather', 'wait', 'x-y', '', '__', 'b__c', 'a__b__c'),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ minLength: 200, maxLength: 200 }),
)
const tools = fc.array(
  fc.record({
    type: fc.constantFrom('function', 'freeform'),
    name: names,
    namespace: fc.option(fc.oneof(fc.constantFrom('a', 'a__b', 'agents'), names), { nil: undefined }),
  }),
  { maxLength: 12 },
)

type Given = { readonly type: string; readonly name: string; readonly namespace: string | undefined }

/** One tool to a name within a group, as every protocol demands. */
function distinct(given: readonly Given[]): readonly Tool[] {
  const unique = new Map(given.map((tool) => [JSON.stringify([tool.namespace, tool.name]), tool]))
  return [...unique.values()].map(({ type, name, namespace }) => ({ type, name, ...(namespace !== undefined && { namespace }) }) as Tool)
}

const callsOf = (offered: readonly Tool[]): ToolCallBlock[] =>
  offered.map((tool, index) => {
    const { name, namespace } = tool as FunctionTool
    const group = namespace !== undefined && { namespace }
    const form = tool.type === 'freeform' ? 'text' : 'json'
    return { type: 'tool-call', id: `c${index}`, name, ...group, argumentsText: `{"a": ${index}}`, form, executedBy: 'client' }
  })

function mapped(support: ToolSupport, offered: readonly Tool[], calls: readonly ToolCallBlock[]) {
  const mapping = new ToolMapping(support, false)
  const turns: Conversation['turns'] = [{ role: 'assistant', form: 'blocks', blocks: calls }]
  const whole: Conversation = { model: 'm', stream: false, instructions: [], instructionsForm: 'none', turns, tools: offered, sampling: {} }
  const conversation = mapping.map(whole, new LossSink())
  return { mapping, tools: conversation.tools as readonly FunctionTool[], calls: (conversation.turns[0]?.blocks ?? []) as readonly ToolCallBlock[] }
}

const place = ({ name, namespace }: { readonly name: string; readonly namespace?: string }) => JSON.stringify([namespace, name])

describe.each(supports.map((support) => [String(support.name), support] as const))('for names like %s', (_, support) => {
  const accepted = new RegExp(support.name.source)

  it('every name is accepted, and two tools have two', () => {
    fc.assert(
      fc.property(tools, (given) => {
        const offered = distinct(given)
        const wire = mapped(support, offered, []).tools
        for (const { name, namespace } of wire) {
          expect(name).toMatch(accepted)
          expect(name.length).toBeLessThanOrEqual(support.longestName)
          if (!support.namespaces) expect(namespace).toBeUndefined()
        }
        expect(new Set(wire.map(place)).size).toBe(offered.length)
      }),
    )
  })

  it('every call has the name of its tool, and comes back as it was', () => {
    fc.assert(
      fc.property(tools, fc.boolean(), (given, stillOffered) => {
        const offered = distinct(given)
        const calls = callsOf(offered)
        const wire = mapped(support, stillOffered ? offered : [], calls)
        if (stillOffered) expect(wire.calls.map(place)).toEqual(wire.tools.map(place))
        if (support.freeform !== 'always') expect(wire.calls.map(({ form }) => form)).toEqual(calls.map(() => 'json'))
        expect(wire.calls.map((call) => wire.mapping.restore(call))).toEqual(calls)
      }),
    )
  })

  it('a tool has the same name beside any others, unless they would share one', () => {
    fc.assert(
      fc.property(tools, (given) => {
        const offered = distinct(given)
        const alone = offered.map((tool) => place(mapped(support, [tool], []).tools[0] as FunctionTool))
        const together = mapped(support, offered, []).tools.map(place)
        for (const [index, name] of alone.entries()) if (alone.indexOf(name) === alone.lastIndexOf(name)) expect(together[index]).toBe(name)
      }),
    )
  })
})
