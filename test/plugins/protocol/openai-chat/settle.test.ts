import { type JsonObject, LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { encodeForeign } from './foreign-conversation.ts'
import { decodeRequest, protocol, roundTrip } from './subject.ts'

function settle(fields: JsonObject) {
  const losses = new LossSink()
  const conversation = decodeRequest({ model: 'gpt-test', messages: [{ role: 'user', content: 'Go.' }], ...fields })
  const settled = protocol.settle?.(conversation, losses) ?? conversation
  const { $wire: _, ...own } = settled.ext?.['openai-chat'] ?? {}
  return { settled, own, lost: losses.losses.map(({ path, feature, severity }) => `${path} ${feature} ${severity}`) }
}

describe('what only this vendor and its followers mean, for the provider of another protocol', () => {
  it.each([
    [{ reasoning: { effort: 'high' } }, { mode: 'effort', effort: 'high' }],
    [{ reasoning: { max_tokens: 2000, exclude: true } }, { mode: 'budget', budgetTokens: 2000, display: 'omitted' }],
    [{ reasoning: { enabled: true } }, { mode: 'effort', effort: 'medium' }],
    [{ reasoning: { enabled: false } }, { mode: 'off' }],
    [{ thinking: { type: 'enabled' } }, { mode: 'adaptive' }],
    [{ thinking: { type: 'enabled', budget_tokens: 1024 } }, { mode: 'budget', budgetTokens: 1024 }],
    [{ thinking: { type: 'disabled' } }, { mode: 'off' }],
    [
      { enable_thinking: true, thinking_budget: 500 },
      { mode: 'budget', budgetTokens: 500 },
    ],
    [{ enable_thinking: false }, { mode: 'off' }],
    [
      { reasoning_effort: 'low', reasoning: { effort: 'high' } },
      { mode: 'effort', effort: 'low' },
    ],
  ])('reads thinking as hosts spell it: %j', (fields, reasoning) => {
    const { settled, own, lost } = settle(fields)
    expect(settled.reasoning).toEqual(reasoning)
    expect([own, lost]).toEqual([{}, []])
    expect(roundTrip({ model: 'm', messages: [], ...fields }).again).toEqual({ model: 'm', messages: [], ...fields })
  })

  it.each([{ reasoning: 'much' }, { thinking: { type: 'novel' } }, { thinking_budget: 'much' }])('leaves what it cannot read to the encoder: %j', (fields) => {
    const { settled, own } = settle(fields as JsonObject)
    expect(settled.reasoning).toBeUndefined()
    expect(own).toEqual(fields)
  })

  it('takes out what asks for the usual, and what is no part of the answer', () => {
    const { own, lost } = settle({ modalities: ['text'], min_p: 0, repetition_penalty: 1, provider: { sort: 'price' }, include_reasoning: true })
    expect(own).toEqual({})
    expect(lost).toEqual(['include_reasoning thinking-display hint', 'provider provider hint'])
  })

  it('names what it does not read of an object that it reads', () => {
    const { settled, lost } = settle({
      reasoning: { effort: 'low', summary: 'auto' },
      thinking: { type: 'enabled', clear_thinking: false },
      web_search_options: { search_context_size: 'low', filters: { allowed_domains: ['a.example'] } },
    })
    expect(settled.reasoning).toEqual({ mode: 'effort', effort: 'low' })
    expect(lost.toSorted()).toEqual(['reasoning.summary thinking hint', 'thinking.clear_thinking thinking hint', 'web_search_options.filters filters semantic'])
  })

  it('leaves what changes the answer to the encoder, which names it', () => {
    const fields = {
      modalities: ['text', 'audio'],
      audio: { voice: 'alloy' },
      prediction: { type: 'content', content: 'x' },
      logit_bias: { '1': 2 },
      min_p: 0.1,
    }
    expect(settle(fields)).toMatchObject({ own: fields, lost: [] })
  })

  it('names the search of the web as other protocols do', () => {
    const { settled, own } = settle({
      web_search_options: { search_context_size: 'low', user_location: { type: 'approximate', approximate: { city: 'Rome', country: 'IT' } } },
    })
    expect(own).toEqual({})
    expect(settled.tools).toMatchObject([{ type: 'foreign', hosted: { service: 'web-search', contextSize: 'low', location: { city: 'Rome', country: 'IT' } } }])
  })
})

describe('a search of the web that another protocol asks for', () => {
  const tool = {
    type: 'foreign',
    protocol: 'elsewhere',
    kind: 'web_search',
    name: 'web_search',
    value: {},
    hosted: { service: 'web-search', contextSize: 'low', location: { city: 'Rome' }, allowedDomains: ['a.example'], maxUses: 2 },
  } as const

  it('is asked of models that search, by whatever has a place', () => {
    const { body, lost } = encodeForeign({ model: 'gpt-4o-search-preview', tools: [tool] })
    expect(body.web_search_options).toEqual({ search_context_size: 'low', user_location: { type: 'approximate', approximate: { city: 'Rome' } } })
    expect(lost).toEqual(['tools[0].domains search-domains dropped semantic', 'tools[0].max_uses search-limit dropped hint'])
  })

  it('is named as lost for any other model, which would refuse the whole request', () => {
    const { body, lost } = encodeForeign({ model: 'gpt-5', tools: [tool] })
    expect(body).not.toHaveProperty('web_search_options')
    expect(lost).toEqual(['tools[0] hosted-tool dropped semantic'])
  })
})
