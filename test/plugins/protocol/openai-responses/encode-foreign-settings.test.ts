import type { Conversation, ModelFacts } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { encodeForeign } from './request-subject.ts'

const effortModel: ModelFacts = { thinking: 'effort', efforts: ['low', 'medium', 'high'] }
const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false }

it('stores nothing, and streams only where that is wanted', () => {
  expect(encodeForeign({}).body).toEqual({ model: 'gpt-test', input: [{ type: 'message', role: 'user', content: 'Hello' }], store: false })
  expect(encodeForeign({ stream: true }).body.stream).toBe(true)
})

describe('thinking', () => {
  it.each<[string, Conversation['reasoning'], ModelFacts, unknown, boolean]>([
    ['not asked of an unknown model', undefined, {}, undefined, false],
    ['not asked of one that thinks', undefined, effortModel, undefined, true],
    ['not asked of one that does not think', undefined, { thinking: 'none' }, undefined, false],
    ['asked of one that does not think', { mode: 'effort', effort: 'high' }, { thinking: 'none' }, undefined, false],
    ['an effort', { mode: 'effort', effort: 'high' }, {}, { effort: 'high' }, true],
    ['an effort that the model does not know', { mode: 'effort', effort: 'max' }, effortModel, { effort: 'high' }, true],
    ['a budget', { mode: 'budget', budgetTokens: 2_000 }, effortModel, { effort: 'low', summary: 'auto' }, true],
    ['the model’s own decision', { mode: 'adaptive' }, effortModel, { summary: 'auto' }, true],
    ['thoughts that are not shown', { mode: 'budget', budgetTokens: 20_000, display: 'omitted' }, effortModel, { effort: 'high' }, true],
    ['thoughts in detail', { mode: 'effort', effort: 'low', display: 'detailed' }, effortModel, { effort: 'low', summary: 'detailed' }, true],
    ['no thoughts', { mode: 'off' }, { thinking: 'effort', efforts: ['none', 'low'] }, { effort: 'none' }, true],
    ['no thoughts of an unknown model', { mode: 'off' }, {}, undefined, false],
    ['tools beside thoughts', { mode: 'effort', effort: 'high' }, { ...effortModel, chatToolsNeedNoReasoning: true }, { effort: 'high' }, true],
  ])('%s', (_, reasoning, facts, written, includes) => {
    const { body } = encodeForeign({ ...(reasoning && { reasoning }), tools: [{ type: 'function', name: 'f' }] }, facts)
    expect(body.reasoning).toEqual(written)
    expect(body.include).toEqual(includes ? ['reasoning.encrypted_content'] : undefined)
  })

  it('tells what it approximates', () => {
    expect(encodeForeign({ reasoning: { mode: 'budget', budgetTokens: 9_000, display: 'updates' } }, effortModel).lost).toEqual([
      'thinking.budget_tokens thinking-budget approximated hint',
      'thinking.display thinking-display approximated hint',
    ])
  })
})

describe('sampling', () => {
  it('keeps what there is a field for, and reports the rest', () => {
    const { body, lost } = encodeForeign({
      maxOutputTokens: 500,
      stop: ['END'],
      candidates: 2,
      sampling: { temperature: 0.5, topP: 0.9, topK: 5, seed: 1, frequencyPenalty: 0.5, presencePenalty: 0 },
    })
    expect(body).toMatchObject({ max_output_tokens: 500, temperature: 0.5, top_p: 0.9 })
    expect(lost).toEqual([
      'seed seed dropped hint',
      'frequency_penalty frequency-penalty dropped semantic',
      'stop stop-sequences dropped semantic',
      'n candidates dropped semantic',
      'top_k top-k dropped semantic',
    ])
  })

  it('gives a model of fixed sampling none', () => {
    const fixed: ModelFacts = { ...effortModel, fixedSampling: 'always' }
    const { body, lost } = encodeForeign({ sampling: { temperature: 0, topP: 1 }, logprobs: 2 }, fixed)
    expect(body.temperature ?? body.top_p ?? body.top_logprobs).toBeUndefined()
    expect(lost).toEqual(['logprobs logprobs dropped semantic', 'temperature temperature dropped semantic'])
    const thinking: ModelFacts = { ...effortModel, efforts: ['none', 'low'], fixedSampling: 'thinking' }
    expect(encodeForeign({ sampling: { temperature: 0 }, reasoning: { mode: 'off' } }, thinking).body.temperature).toBe(0)
  })

  it.each([
    [1, {}, 16],
    [100, {}, 100],
    [900, { maxOutputTokens: 700 }, 700],
  ])('brings a limit of %i tokens within bounds', (wanted, facts, written) => {
    const { body, lost } = encodeForeign({ maxOutputTokens: wanted }, facts)
    expect(body.max_output_tokens).toBe(written)
    expect(lost).toEqual(wanted === written ? [] : ['max_tokens max-tokens approximated hint'])
  })

  it('asks for log probabilities in two places', () => {
    expect(encodeForeign({ logprobs: 3 }).body).toMatchObject({ include: ['message.output_text.logprobs'], top_logprobs: 3 })
    expect(encodeForeign({ logprobs: 0 }).body.top_logprobs).toBeUndefined()
    expect(encodeForeign({ logprobs: 50 }).body.top_logprobs).toBe(20)
  })
})

describe('the form of the answer', () => {
  it.each<[Conversation['output'], unknown, string[]]>([
    [{ type: 'text' }, { type: 'text' }, []],
    [{ type: 'schema', schema, name: 'answer', description: 'D' }, { type: 'json_schema', name: 'answer', description: 'D', schema, strict: true }, []],
    [{ type: 'schema', schema, strict: false }, { type: 'json_schema', name: 'response', schema, strict: false }, ['output-name invented hint']],
    [
      { type: 'schema', schema: { type: 'object' }, name: 'a b' },
      { type: 'json_schema', name: 'a_b', schema: { type: 'object' }, strict: false },
      ['output-name approximated hint', 'output-schema approximated semantic'],
    ],
    [{ type: 'foreign', protocol: 'other-protocol', value: {} }, undefined, ['output-format dropped semantic']],
  ])('%j', (output, format, lost) => {
    const encoded = encodeForeign({ ...(output && { output }) })
    expect(encoded.body.text).toEqual(format && { format })
    expect(encoded.lost.map((line) => line.split(' ').slice(1).join(' '))).toEqual(lost)
  })

  it('names JSON in the input where the vendor demands it', () => {
    const { input, lost } = encodeForeign({ output: { type: 'json' } })
    expect(input.at(-1)).toEqual({ type: 'message', role: 'developer', content: 'Answer with one JSON object.' })
    expect(lost).toEqual(['messages json-instruction invented hint'])
    const told = encodeForeign({ output: { type: 'json' }, turns: [{ role: 'user', form: 'text', blocks: [{ type: 'text', text: 'As json, please' }] }] })
    expect(told.input).toHaveLength(1)
  })

  it('says how many words it may have', () => {
    expect(encodeForeign({ verbosity: 'low' }).body.text).toEqual({ verbosity: 'low' })
    expect(encodeForeign({ verbosity: 'loud' }).lost).toEqual(['verbosity verbosity dropped semantic'])
  })
})

describe('who asks', () => {
  const session = { device_id: 'd', account_uuid: 'a', session_id: 's-1' }
  it.each([
    ['user-7', { safety_identifier: 'user-7' }],
    ['u'.repeat(70), { safety_identifier: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    [JSON.stringify(session), { safety_identifier: '{"device_id":"d","account_uuid":"a"}', prompt_cache_key: 'tkl-s-1' }],
    [JSON.stringify({ session_id: 's-1' }), { prompt_cache_key: 'tkl-s-1' }],
    ['user_1_account_2_session_3-4', { safety_identifier: 'user_1_account_2', prompt_cache_key: 'tkl-3-4' }],
    ['{"a":1}', { safety_identifier: '{"a":1}' }],
    ['{broken', { safety_identifier: '{broken' }],
  ])('%s', (user, fields) => {
    const { safety_identifier, prompt_cache_key } = encodeForeign({ user }).body
    expect({ safety_identifier, prompt_cache_key }).toEqual({ safety_identifier: undefined, prompt_cache_key: undefined, ...fields })
  })

  it('keeps what the vendor’s other protocol has fields for, in its own words', () => {
    const { body, lost } = encodeForeign({
      user: 'u',
      ext: { 'openai-chat': { store: true, prompt_cache_key: 'k', safety_identifier: 's', modalities: ['text'], $wire: { native: true } } },
    })
    expect(body).toMatchObject({ store: true, prompt_cache_key: 'k', safety_identifier: 's', user: 'u' })
    expect(lost).toEqual(['modalities modalities dropped semantic'])
  })

  it('keeps labels within the vendor’s bounds', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, 'v']))
    const { body, lost } = encodeForeign({ metadata: { [`long${'x'.repeat(70)}`]: 'v', number: 1, wide: 'v'.repeat(513), ...many } })
    expect(Object.keys(body.metadata as object)).toHaveLength(16)
    expect(lost).toHaveLength(7)
    expect(encodeForeign({ metadata: { number: 1 } }).body.metadata).toBeUndefined()
  })

  it('keeps a tier that the vendor has', () => {
    expect(encodeForeign({ serviceTier: 'flex' }).body.service_tier).toBe('flex')
    expect(encodeForeign({ serviceTier: 'standard_only' }).lost).toEqual(['service_tier service-tier dropped hint'])
  })
})
