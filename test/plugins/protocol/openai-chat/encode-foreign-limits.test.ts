import type { Conversation, ModelFacts } from 'tokligence'
import { LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { encodeForeign } from './foreign-conversation.ts'
import { decodeRequest, protocol } from './subject.ts'

const tool = { type: 'function', name: 'get', parameters: { type: 'object', properties: {} } } as const

function settings(fields: Partial<Conversation>, facts: ModelFacts) {
  const { body, lost } = encodeForeign(fields, facts)
  const { model: _, messages: __, tools: ___, ...rest } = body
  return { settings: rest, lost }
}

describe('function tools for a model that takes them only without thinking', () => {
  const facts: ModelFacts = { thinking: 'effort', efforts: ['none', 'low', 'high'], chatToolsNeedNoReasoning: true }

  it.each<[string, Conversation['reasoning'], string[]]>([
    ['a wish to think is lost', { mode: 'effort', effort: 'high' }, ['thinking thinking approximated semantic']],
    ['a budget is lost', { mode: 'budget', budgetTokens: 9_000 }, ['thinking thinking approximated semantic']],
    ['the effort is sent also where none was asked for', undefined, ['thinking thinking invented hint']],
    ['nothing is lost by who does not want it to think', { mode: 'off' }, []],
  ])('%s', (_, reasoning, lost) => {
    expect(settings({ tools: [tool], ...(reasoning && { reasoning }) }, facts)).toEqual({ settings: { reasoning_effort: 'none' }, lost })
  })

  it('leave the effort alone where there are none, and where the caller speaks the protocol itself', () => {
    expect(settings({ reasoning: { mode: 'effort', effort: 'high' } }, facts)).toEqual({ settings: { reasoning_effort: 'high' }, lost: [] })
    const native = {
      model: 'm',
      messages: [],
      max_tokens: 9_000,
      reasoning_effort: 'medium',
      temperature: 0.5,
      stop: ['x'],
      tools: [{ type: 'function', function: { name: 'f', strict: true, parameters: { anyOf: [{ type: 'array' }] } } }],
      response_format: { type: 'json_schema', json_schema: { name: 'r', schema: { type: 'array' } } },
    }
    const losses = new LossSink()
    const everyFact: ModelFacts = { ...facts, maxOutputTokens: 10, fixedSampling: 'always' }
    expect(protocol.encodeRequest(decodeRequest(native), { losses, facts: everyFact })).toEqual(native)
    expect(losses.losses).toEqual([])
  })
})

describe('limits of the model', () => {
  it('bring the output limit down', () => {
    expect(settings({ maxOutputTokens: 32_000 }, { maxOutputTokens: 16_384 })).toEqual({
      settings: { max_completion_tokens: 16_384 },
      lost: ['max_tokens max-tokens approximated hint'],
    })
    expect(settings({ maxOutputTokens: 16_384 }, { maxOutputTokens: 16_384 })).toEqual({ settings: { max_completion_tokens: 16_384 }, lost: [] })
  })

  const sampling = { temperature: 0.5, topP: 0.9, seed: 3, presencePenalty: 1 }

  it('drop the sampling and the stop sequences that it refuses', () => {
    expect(settings({ sampling, stop: ['a'] }, { fixedSampling: 'always' })).toEqual({
      settings: { seed: 3 },
      lost: [
        'stop stop-sequences dropped semantic',
        'temperature temperature dropped semantic',
        'top_p top-p dropped semantic',
        'presence_penalty presence-penalty dropped semantic',
      ],
    })
  })

  it('lose nothing where the caller asks for what the model does anyway', () => {
    expect(settings({ sampling: { temperature: 1, topP: 1, frequencyPenalty: 0 } }, { fixedSampling: 'always' })).toEqual({ settings: {}, lost: [] })
  })

  it('leave the sampling of a model that fixes it only while it thinks', () => {
    const facts: ModelFacts = { fixedSampling: 'thinking', efforts: ['none', 'low'] }
    expect(settings({ sampling: { temperature: 0 } }, facts)).toEqual({ settings: { temperature: 0 }, lost: [] })
    expect(settings({ sampling: { temperature: 0 }, reasoning: { mode: 'off' } }, facts).settings).toEqual({ temperature: 0, reasoning_effort: 'none' })
    expect(settings({ sampling: { temperature: 0 }, reasoning: { mode: 'effort', effort: 'low' } }, facts)).toEqual({
      settings: { reasoning_effort: 'low' },
      lost: ['temperature temperature dropped semantic'],
    })
  })
})
