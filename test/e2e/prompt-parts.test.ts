import fc from 'fast-check'
import type { JsonObject, PromptPart, Protocol } from 'tokligence'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Fields } from '../support/json-fields.ts'
import { mangled } from '../support/mangled-json.ts'
import { type RecordedProtocol, recordings } from '../support/recordings.ts'
import { unreadable } from './bad-requests.ts'
import { clientRequests } from './client-requests.ts'
import { answerWeather, arraySystem, withImage } from './conversations.ts'
import { earlierRequests } from './earlier-requests.ts'
import { turnsIn } from './sent-turns.ts'
import { type Speakers, speakers } from './thoughtful-vendors.ts'
import { callers } from './vendors.ts'

let all: Speakers

beforeAll(async () => {
  all = await speakers()
})

function partsOf(protocol: RecordedProtocol, body: unknown): readonly PromptPart[] | undefined {
  return (all[protocol] as Protocol).promptParts?.(body as JsonObject)
}

function pathsIn(protocol: RecordedProtocol, body: unknown): readonly string[] {
  return (partsOf(protocol, body) ?? []).map(({ path, turn, unique }) => `${path}${turn ? ' turn' : ''}${unique ? ' unique' : ''}`)
}

function texts(protocol: RecordedProtocol, body: unknown): readonly string[] {
  return (partsOf(protocol, body) ?? []).map(({ text }) => text)
}

const schema = { type: 'object' }

describe('the parts of a prompt', () => {
  it('stand in the order in which the cache of anthropic-messages reads them', () => {
    const body = {
      messages: [
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Hm' },
            { type: 'tool_use', id: 't', name: 'look', input: {} },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'x' }] },
      ],
      system: [
        { type: 'text', text: 'x-anthropic-billing-header: cch=1;' },
        { type: 'text', text: 'Be kind' },
      ],
      tools: [
        { name: 'look', input_schema: schema },
        { name: 'later', input_schema: schema, defer_loading: true },
      ],
      thinking: { type: 'adaptive' },
    }
    expect(pathsIn('anthropic-messages', body)).toEqual([
      'tools[0]',
      'output_config.format',
      'system[1]',
      'tool_choice',
      'thinking',
      'messages[0] turn',
      'messages[1].content[0] turn',
      'messages[1].content[1] turn',
      'messages[2].content[0] turn unique',
    ])
  })

  it('stand in the order in which the cache of openai-chat reads them', () => {
    const body = {
      messages: [
        { role: 'system', content: 'Be kind' },
        { role: 'developer', content: 'Be brief' },
        { role: 'user', content: 'Hi' },
        { role: 'system', content: 'It is late' },
        { role: 'tool', tool_call_id: 'c', content: 'x' },
      ],
      tools: [{ type: 'function', function: { name: 'look' } }],
    }
    expect(pathsIn('openai-chat', body)).toEqual([
      'tools[0]',
      'response_format',
      'messages[0]',
      'messages[1]',
      'messages[2] turn',
      'messages[3] turn',
      'messages[4] turn unique',
    ])
  })

  it('stand in the order in which the cache of openai-responses reads them', () => {
    const body = {
      input: [
        { role: 'developer', content: 'Be brief' },
        { role: 'user', content: 'Hi' },
        { type: 'function_call_output', call_id: 'c', output: 'x' },
      ],
      instructions: 'Be kind',
      tools: [{ type: 'function', name: 'look' }],
      text: { format: { type: 'json_object' } },
    }
    expect(pathsIn('openai-responses', body)).toEqual([
      'tools[0]',
      'text.format',
      'prompt',
      'instructions',
      'input[0]',
      'input[1] turn',
      'input[2] turn unique',
    ])
  })

  it('stand in the order in which the cache of gemini reads them', () => {
    const body = {
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }] },
        { role: 'user', parts: [{ functionResponse: { id: 'c', name: 'look', response: {} } }, { functionResponse: { name: 'look', response: {} } }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'look' }, { name: 'count' }] }, { googleSearch: {} }],
      system_instruction: { parts: [{ text: 'Be kind' }] },
      cached_content: 'cachedContents/1',
    }
    expect(pathsIn('gemini', body)).toEqual([
      'cachedContent',
      'systemInstruction',
      'tools[0].functionDeclarations[0]',
      'tools[0].functionDeclarations[1]',
      'tools[1]',
      'toolConfig',
      'contents[0].parts[0] turn',
      'contents[1].parts[0] turn unique',
      'contents[1].parts[1] turn',
    ])
    expect(texts('gemini', body).slice(0, 2)).toEqual(['"cachedContents/1"', '{"parts":[{"text":"Be kind"}]}'])
  })

  it.each<[what: string, protocol: RecordedProtocol, one: Fields, other: Fields]>([
    [
      'markers of the cache',
      'anthropic-messages',
      { system: 'a', messages: [{ role: 'user', content: 'b' }] },
      {
        system: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }],
        messages: [{ role: 'user', content: [{ type: 'text', text: 'b', cache_control: { type: 'ephemeral' } }] }],
      },
    ],
    [
      'markers in a result and a tool',
      'anthropic-messages',
      { tools: [{ name: 'a' }], messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't' }] }] },
      { tools: [{ name: 'a', cache_control: {} }], messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', cache_control: {} }] }] },
    ],
    [
      'the count of a client',
      'anthropic-messages',
      { system: [{ type: 'text', text: 'x-anthropic-billing-header: cch=1;\nBe kind' }], messages: [] },
      { system: [{ type: 'text', text: 'x-anthropic-billing-header: cch=2;\nBe kind' }], messages: [] },
    ],
    [
      'tools that wait to be found',
      'anthropic-messages',
      { tools: [{ name: 'a' }], messages: [] },
      { tools: [{ name: 'a' }, { name: 'b', defer_loading: true }], messages: [] },
    ],
    [
      'neighbours of one role',
      'anthropic-messages',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'user', content: 'b' },
        ],
      },
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
            ],
          },
        ],
      },
    ],
    [
      'markers of hosts',
      'openai-chat',
      { messages: [{ role: 'user', content: 'a' }] },
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }] }] },
    ],
    ['input as a text', 'openai-responses', { input: 'a' }, { input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'a' }] }] }],
    [
      'the schema of a tool that waits to be found',
      'openai-responses',
      { input: 'a', tools: [{ type: 'function', name: 'b', parameters: {}, defer_loading: true }] },
      { input: 'a', tools: [{ type: 'function', name: 'b', parameters: schema, defer_loading: true }] },
    ],
    [
      'tools of a group that wait to be found',
      'openai-responses',
      { input: 'a', tools: [{ type: 'namespace', name: 'b', tools: [] }] },
      { input: 'a', tools: [{ type: 'namespace', name: 'b', tools: [{ name: 'c', defer_loading: true }] }] },
    ],
    [
      'a spelling',
      'gemini',
      { contents: { parts: [{ text: 'a' }] }, tool_config: { a: 1 } },
      { contents: [{ role: 'user', parts: [{ text: 'a' }] }], toolConfig: { a: 1 } },
    ],
  ])('are the same without %s (%s)', (_what, protocol, one, other) => {
    expect(texts(protocol, other)).toEqual(texts(protocol, one))
    expect(texts(protocol, one).length).toBeGreaterThan(0)
  })

  it.each<[what: string, protocol: RecordedProtocol, one: Fields, other: Fields]>([
    ['roles', 'anthropic-messages', { messages: [{ role: 'user', content: 'a' }] }, { messages: [{ role: 'assistant', content: 'a' }] }],
    [
      'thinking',
      'anthropic-messages',
      { messages: [], thinking: { type: 'enabled', budget_tokens: 1 } },
      { messages: [], thinking: { type: 'enabled', budget_tokens: 2 } },
    ],
    ['the choice of tools', 'anthropic-messages', { messages: [], tool_choice: { type: 'any' } }, { messages: [], tool_choice: { type: 'auto' } }],
    [
      'the schema of the answer',
      'anthropic-messages',
      { messages: [], output_config: { format: { a: 1 } } },
      { messages: [], output_config: { format: { a: 2 } } },
    ],
    [
      'citations',
      'anthropic-messages',
      { messages: [{ role: 'assistant', content: [{ type: 'text', text: 'a', citations: [1] }] }] },
      { messages: [{ role: 'assistant', content: [{ type: 'text', text: 'a' }] }] },
    ],
    ['names', 'openai-chat', { messages: [{ role: 'user', content: 'a', name: 'ada' }] }, { messages: [{ role: 'user', content: 'a' }] }],
    ['the schema of the answer', 'openai-chat', { messages: [], response_format: { a: 1 } }, { messages: [], response_format: { a: 2 } }],
    [
      'the detail of an image',
      'openai-chat',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'u', detail: 'low' } }] }] },
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'u' } }] }] },
    ],
    ['a template', 'openai-responses', { input: 'a', prompt: { id: 'p', version: '1' } }, { input: 'a', prompt: { id: 'p', version: '2' } }],
    ['signatures', 'gemini', { contents: [{ parts: [{ text: 'a', thoughtSignature: 'x' }] }] }, { contents: [{ parts: [{ text: 'a' }] }] }],
  ])('differ in %s (%s)', (_what, protocol, one, other) => {
    expect(texts(protocol, other)).not.toEqual(texts(protocol, one))
  })

  it('are not known where the vendor keeps the turns before', () => {
    expect(partsOf('openai-responses', { input: 'a', previous_response_id: 'resp_1' })).toBeUndefined()
    expect(partsOf('openai-responses', { input: 'a', conversation: 'conv_1' })).toBeUndefined()
    expect(partsOf('openai-responses', { input: 'a', previous_response_id: null, conversation: null })).toBeDefined()
  })

  describe.each(callers)('of %s', (protocol) => {
    it('of a request are the beginning of those of the next one', () => {
      const later = clientRequests(protocol).map(({ request }) => ({ request, before: earlierRequests(protocol, request) }))
      expect(later.some(({ before }) => before.length > 0)).toBe(true)
      for (const { request, before } of later)
        for (const each of before) {
          const earlier = texts(protocol, each)
          expect(texts(protocol, request).slice(0, earlier.length)).toEqual(earlier)
          expect(earlier.length).toBeLessThan(texts(protocol, request).length)
        }
    })

    it('are no more than the places of the body, each told once', () => {
      for (const { request } of clientRequests(protocol)) {
        const paths = (partsOf(protocol, request) ?? []).map(({ path }) => path)
        expect(new Set(paths).size).toBe(paths.length)
      }
    })

    it('are read of any body without a fault', () => {
      for (const [, fields] of unreadable[protocol]) partsOf(protocol, { [turnsIn[protocol]]: [], ...fields })
      const bodies: readonly Fields[] = [
        ...[answerWeather, arraySystem, withImage].map((conversation) => conversation[protocol]),
        ...recordings(protocol).flatMap(({ request }) => (request ? [request] : [])),
        ...clientRequests(protocol).map(({ request }) => request),
      ]
      fc.assert(
        fc.property(mangled(bodies), (body) => {
          for (const { path, text } of partsOf(protocol, JSON.parse(JSON.stringify(body))) ?? [])
            expect([typeof path, typeof text]).toEqual(['string', 'string'])
        }),
        { numRuns: 1_000 },
      )
    })
  })
})
