import type Anthropic from '@anthropic-ai/sdk'
import type { JsonObject } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { withCacheMarkers } from '../../../../plugins/provider/anthropic/cache-markers.ts'
import { refuseMessagesRequest } from '../../../support/anthropic-messages-request-rules.ts'
import { unmarked } from '../../../support/prompt-blocks.ts'

type Body = Anthropic.MessageCreateParams
const marker = { cache_control: { type: 'ephemeral' } } as const
const tool = (name: string) => ({ name, input_schema: { type: 'object' as const } })
const text = (words: string) => ({ type: 'text' as const, text: words })
const use = (id: string) => ({ type: 'tool_use' as const, id, name: 'f', input: {} })
const result = (id: string) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'x' })
const user = (content: string | Anthropic.ContentBlockParam[]): Anthropic.MessageParam => ({ role: 'user', content })
const assistant = (content: string | Anthropic.ContentBlockParam[]): Anthropic.MessageParam => ({ role: 'assistant', content })
const body = (fields: Partial<Body>): Body => ({ model: 'm', max_tokens: 10, messages: [user('Hi')], ...fields })

function marked(given: Body): Body {
  const found = withCacheMarkers(given as unknown as JsonObject) as unknown as Body
  expect(refuseMessagesRequest(found)).toBeUndefined()
  return found
}

/** A turn of so many calls, and their results. */
function round(name: string, calls: number, said: Anthropic.ContentBlockParam[] = []): Anthropic.MessageParam[] {
  const ids = Array.from({ length: calls }, (_, index) => `${name}${index}`)
  return [assistant([...said, ...ids.map(use)]), user(ids.map(result))]
}

describe('the cache markers of a conversation that goes on', () => {
  it('are the automatic one, and one behind tools and system text', () => {
    const given = body({ system: 'Be brief.', tools: [tool('f')] })
    expect(marked(given)).toEqual({ ...given, system: [{ ...text('Be brief.'), ...marker }], ...marker } satisfies Body)
    const blocks = body({ system: [text('Be brief.'), text('Be kind.')], tools: [tool('f')] })
    expect(marked(blocks).system).toEqual([text('Be brief.'), { ...text('Be kind.'), ...marker }])
  })

  it('are on the last tool where there is no system text, and never on one that is loaded later', () => {
    expect(marked(body({ tools: [tool('f'), tool('g')] })).tools).toEqual([tool('f'), { ...tool('g'), ...marker }])
    const deferred = { ...tool('g'), defer_loading: true }
    expect(marked(body({ tools: [tool('f'), deferred] })).tools).toEqual([{ ...tool('f'), ...marker }, deferred])
    expect(marked(body({ tools: [deferred] }))).toEqual({ ...body({ tools: [deferred] }), ...marker })
    // What the vendor refuses anyway does not become worse.
    const empty = body({ system: [text('')], tools: [tool('f')] })
    expect(withCacheMarkers(empty as unknown as JsonObject)).toMatchObject({ system: [text('')], tools: [marker] })
  })

  it('are there without tools from the second turn on', () => {
    const messages = [user('Hi'), assistant('Hello.'), user('And?')]
    expect(marked(body({ messages }))).toEqual({ ...body({ messages }), ...marker })
  })

  it.each([
    ['a single question', body({ system: 'Be brief.' })],
    ['a question whose answer is begun', body({ messages: [user('Hi'), assistant('{')] })],
    ['two questions in a row', body({ messages: [user('Hi'), user('Ho')] })],
    ['an empty list of tools', body({ tools: [] })],
  ])('are not placed on %s', (_, given) => {
    expect(marked(given)).toBe(given)
  })
})

describe('a marker where the request before ended', () => {
  const history = [user('Go.'), ...round('a', 1)]
  const at = (given: Body) =>
    marked(given).messages.flatMap(({ content }, index) => (typeof content !== 'string' && content.some((part) => 'cache_control' in part) ? [index] : []))

  it('stands there when the look-back of twenty blocks does not reach it', () => {
    // Two texts, nine calls and nine results: twenty blocks behind it, so it would be the twenty-first.
    const far = body({ tools: [tool('f')], messages: [...history, ...round('b', 9, [text('x'), text('y')])] })
    expect(at(far)).toEqual([2])
    expect(marked(far).messages[2]).toEqual(user([{ ...result('a0'), ...marker }]))
    const near = body({ tools: [tool('f')], messages: [...history, ...round('b', 9, [text('x')])] })
    expect(at(near)).toEqual([])
    expect(marked(near).messages).toBe(near.messages)
  })

  it('is on the last block that can carry one, a text among them', () => {
    const messages = [user('Go.'), ...round('b', 12)]
    expect(marked(body({ messages })).messages[0]).toEqual(user([{ ...text('Go.'), ...marker }]))
    const thought = { type: 'thinking' as const, thinking: 't', signature: 's' }
    const thoughts = body({ messages: [user([text('Go.'), thought]), ...round('b', 12)] })
    expect(withCacheMarkers(thoughts as unknown as JsonObject)).toMatchObject({ messages: [{ content: [{ ...text('Go.'), ...marker }, thought] }, {}, {}] })
  })

  it('makes three markers in all, and changes nothing but markers', () => {
    const given = body({ system: [text('Be brief.')], tools: [tool('f')], messages: [...history, ...round('b', 30)] })
    const found = marked(given)
    expect(JSON.stringify(found).match(/cache_control/g)).toHaveLength(3)
    expect(unmarked(found)).toEqual(given)
  })

  it('stands before all that the assistant said since, though it spoke in several messages', () => {
    const messages = [...history, assistant('One.'), ...round('b', 12)]
    expect(at(body({ tools: [tool('f')], messages }))).toEqual([2])
  })
})

describe('markers of the caller', () => {
  const messages = [user('Go.'), ...round('a', 12)]
  const document = (source: Anthropic.DocumentBlockParam['source']): Anthropic.DocumentBlockParam => ({ type: 'document', source })
  it.each<[string, Partial<Body>]>([
    ['at the top', { ...marker }],
    ['on a tool', { tools: [{ ...tool('f'), ...marker }] }],
    ['on the system text', { system: [{ ...text('Be brief.'), ...marker }] }],
    ['on a text', { messages: [user([{ ...text('Go.'), ...marker }]), ...round('a', 12)] }],
    ['on a result', { messages: [...messages, assistant([use('z')]), user([{ ...result('z'), ...marker }])] }],
    ['in a result', { messages: [...messages, assistant([use('z')]), user([{ ...result('z'), content: [{ ...text('x'), ...marker }] }])] }],
    ['in a document', { messages: [...messages, user([document({ type: 'content', content: [{ ...text('x'), ...marker }] })])] }],
  ])('%s are the only ones', (_, fields) => {
    const given = body({ tools: [tool('f')], messages, ...fields })
    expect(marked(given)).toBe(given)
  })

  it('are no fields of that name in the arguments of a call, nor an absent one', () => {
    const call = { ...use('z'), input: { content: [marker], ...marker } }
    expect(marked(body({ tools: [tool('f')], messages: [user('Go.'), assistant([call]), user([result('z')])] }))).toMatchObject(marker)
    expect(marked(body({ tools: [tool('f')], cache_control: null }))).toMatchObject(marker)
  })
})
