import type { Conversation, ModelFacts } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { assistant, encodeForeign, text, user } from './foreign-conversation.ts'

const tool = { type: 'function', name: 'get', parameters: { type: 'object', properties: {} } } as const

function settings(fields: Partial<Conversation>, facts?: ModelFacts) {
  const { body, lost } = encodeForeign(fields, facts)
  const { model: _, messages: __, ...rest } = body
  return { settings: rest, lost }
}

describe('settings of another protocol', () => {
  it('asks for usage in every stream, because the other protocol always tells it', () => {
    expect(settings({ stream: true }).settings).toEqual({ stream: true, stream_options: { include_usage: true } })
    expect(settings({ stream: false }).settings).toEqual({})
  })

  it('uses the newer name of the output limit', () => {
    expect(settings({ maxOutputTokens: 100 }).settings).toEqual({ max_completion_tokens: 100 })
  })

  it('sends the first four stop sequences and reports the others', () => {
    expect(settings({ stop: ['a', 'b', 'c', 'd', 'e', 'f'] })).toEqual({
      settings: { stop: ['a', 'b', 'c', 'd'] },
      lost: ['stop[4] stop-sequences dropped semantic', 'stop[5] stop-sequences dropped semantic'],
    })
    expect(settings({ stop: [] }).settings).toEqual({})
  })

  it('drops top_k and keeps the other sampling', () => {
    expect(settings({ sampling: { temperature: 0.5, topP: 0.9, topK: 5, seed: 3 } })).toEqual({
      settings: { temperature: 0.5, top_p: 0.9, seed: 3 },
      lost: ['top_k top-k dropped semantic'],
    })
  })

  it('shortens a user id that the vendor would refuse, the same every time', () => {
    const long = 'u'.repeat(65)
    const { settings: sent, lost } = settings({ user: long })
    expect(sent.user).toMatch(/^[0-9a-f]{64}$/)
    expect(settings({ user: long }).settings).toEqual(sent)
    expect(settings({ user: `${long}v` }).settings).not.toEqual(sent)
    expect(lost).toEqual(['user user-id approximated hint'])
    expect(settings({ user: 'u' }).settings).toEqual({ user: 'u' })
  })

  it('parts the session of an agent from the person, and makes it the key of the prompt cache', () => {
    const told = settings({ user: '{"device_id":"d","session_id":"s-1"}' })
    expect(told).toEqual({ settings: { user: '{"device_id":"d"}', prompt_cache_key: 'tkl-s-1' }, lost: [] })
    const own = settings({ user: 'user_1_session_s-1', ext: { 'openai-chat': { prompt_cache_key: 'mine' } } })
    expect(own).toEqual({ settings: { user: 'user_1', prompt_cache_key: 'mine' }, lost: [] })
  })

  it('leaves metadata out, which is refused unless replies are stored, and tiers of others', () => {
    expect(settings({ metadata: { a: 'b' }, serviceTier: 'standard_only' })).toEqual({
      settings: {},
      lost: ['metadata.a metadata dropped hint', 'service_tier service-tier dropped hint'],
    })
    expect(settings({ serviceTier: 'auto' }).settings).toEqual({ service_tier: 'auto' })
  })

  it('makes a name for an output schema, and repairs one that is refused', () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false }
    expect(settings({ output: { type: 'schema', schema } })).toEqual({
      settings: { response_format: { type: 'json_schema', json_schema: { name: 'response', schema, strict: true } } },
      lost: ['response_format.json_schema.name output-name invented hint'],
    })
    expect(settings({ output: { type: 'schema', schema, name: 'my reply', strict: true } }).settings).toEqual({
      response_format: { type: 'json_schema', json_schema: { name: 'my_reply', schema, strict: true } },
    })
    expect(settings({ output: { type: 'foreign', protocol: 'other', value: {} } }).lost).toEqual(['response_format output-format dropped semantic'])
  })
})

describe('a wish for thinking of another protocol', () => {
  it.each([
    [1_024, 'low'],
    [4_096, 'low'],
    [4_097, 'medium'],
    [16_384, 'medium'],
    [16_385, 'high'],
    [31_999, 'high'],
  ])('a budget of %i becomes the effort %s', (budgetTokens, effort) => {
    expect(settings({ reasoning: { mode: 'budget', budgetTokens } })).toEqual({
      settings: { reasoning_effort: effort },
      lost: ['thinking.budget_tokens thinking-budget approximated hint'],
    })
  })

  it.each<[string, Conversation['reasoning'], ModelFacts, object, string[]]>([
    ['adaptive thinking is the default', { mode: 'adaptive' }, {}, {}, []],
    ['an effort is kept', { mode: 'adaptive', effort: 'max' }, {}, { reasoning_effort: 'max' }, []],
    ['off is not sent to a model that may not know it', { mode: 'off' }, {}, {}, ['thinking thinking-off dropped hint']],
    ['off is not sent to a model whose efforts are not known', { mode: 'off' }, { thinking: 'effort' }, {}, ['thinking thinking-off dropped hint']],
    ['off is sent to a model that knows it', { mode: 'off' }, { efforts: ['none', 'low'] }, { reasoning_effort: 'none' }, []],
    [
      'off is the least effort of a model that always thinks',
      { mode: 'off' },
      { efforts: ['minimal', 'low'] },
      { reasoning_effort: 'minimal' },
      ['thinking thinking-off approximated hint'],
    ],
    [
      'an effort that the model does not know becomes the nearest',
      { mode: 'adaptive', effort: 'max' },
      { efforts: ['none', 'low', 'medium', 'high'] },
      { reasoning_effort: 'high' },
      ['effort effort approximated hint'],
    ],
    [
      'a wish to think is never turned into none',
      { mode: 'effort', effort: 'minimal' },
      { efforts: ['none', 'low'] },
      { reasoning_effort: 'low' },
      ['effort effort approximated hint'],
    ],
    ['off is nothing to a model that does not think', { mode: 'off' }, { thinking: 'none' }, {}, []],
    ['a model that does not think is not asked to', { mode: 'budget', budgetTokens: 9 }, { thinking: 'none' }, {}, ['thinking thinking dropped hint']],
    ['how thoughts are shown cannot be said', { mode: 'adaptive', display: 'omitted' }, {}, {}, ['thinking.display thinking-display dropped hint']],
  ])('%s', (_, reasoning, facts, expected, lost) => {
    expect(settings(reasoning ? { reasoning } : {}, facts)).toEqual({ settings: expected, lost })
  })
})

describe('tools of another protocol', () => {
  it.each([
    [undefined, { type: 'object', properties: {} }],
    [{}, { type: 'object', properties: {} }],
    [{ type: 'object' }, { type: 'object', properties: {} }],
    [
      { $schema: 'x', properties: { a: {} } },
      { type: 'object', $schema: 'x', properties: { a: {} } },
    ],
    [
      { type: 'object', properties: { a: {} }, required: ['a'] },
      { type: 'object', properties: { a: {} }, required: ['a'] },
    ],
  ])('complete the schema %j', (parameters, expected) => {
    const { settings: sent } = settings({ tools: [{ type: 'function', name: 'get', description: 'd', ...(parameters && { parameters }) }] })
    expect(sent).toEqual({ tools: [{ type: 'function', function: { name: 'get', description: 'd', parameters: expected } }] })
  })

  it.each<[Conversation['toolChoice'], unknown]>([
    [{ type: 'auto' }, 'auto'],
    [{ type: 'none' }, 'none'],
    [{ type: 'required' }, 'required'],
    [
      { type: 'tool', name: 'get' },
      { type: 'function', function: { name: 'get' } },
    ],
  ])('keep the choice %j', (toolChoice, expected) => {
    const { settings: sent } = settings({ tools: [tool], ...(toolChoice && { toolChoice }), parallelToolCalls: false })
    expect(sent).toMatchObject({ tool_choice: expected, parallel_tool_calls: false })
  })

  it('that only the other vendor hosts are dropped, and a choice among no tools with them', () => {
    const hosted = { type: 'foreign', protocol: 'other', kind: 'web_search_20250305', name: 'web_search', value: {} } as const
    expect(settings({ tools: [hosted], toolChoice: { type: 'required' }, parallelToolCalls: true })).toEqual({
      settings: {},
      lost: ['tools[0] hosted-tool dropped semantic', 'tool_choice tool-choice dropped semantic'],
    })
    expect(settings({ tools: [], toolChoice: { type: 'auto' } })).toEqual({ settings: {}, lost: [] })
    expect(settings({ tools: [hosted, tool], toolChoice: { type: 'tool', name: 'web_search' } }).lost).toEqual([
      'tools[0] hosted-tool dropped semantic',
      'tool_choice tool-choice dropped semantic',
    ])
  })

  it('that the provider ran itself leave no call behind', () => {
    const { messages, lost } = encodeForeign({
      turns: [
        user(text('Search')),
        assistant({ type: 'tool-call', id: 's', name: 'web_search', argumentsText: '{}', form: 'json', executedBy: 'provider' }, text('Found.')),
      ],
    })
    expect(messages[1]).toEqual({ role: 'assistant', content: 'Found.' })
    expect(lost).toEqual(['messages[1].content[0] hosted-tool-call dropped semantic'])
  })
})
