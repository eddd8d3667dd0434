import { describe, expect, it } from 'vitest'
import { encodeForeign, secondGeneration, text, thirdGeneration } from './request-subject.ts'

describe('the settings', () => {
  it('stand in the generation config', () => {
    const { body, lost } = encodeForeign({
      maxOutputTokens: 100,
      stop: ['END'],
      candidates: 2,
      logprobs: 3,
      sampling: { temperature: 0.5, topP: 0.9, topK: 40, seed: 7, presencePenalty: 0.1, frequencyPenalty: 0.2 },
      serviceTier: 'priority',
    })
    expect(body.generationConfig).toEqual({
      maxOutputTokens: 100,
      stopSequences: ['END'],
      candidateCount: 2,
      responseLogprobs: true,
      logprobs: 3,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
    })
    expect(body.serviceTier).toBe('priority')
    expect(lost).toEqual([])
  })

  it('are brought within the vendor’s bounds', () => {
    const { body, lost } = encodeForeign(
      {
        maxOutputTokens: 100_000,
        stop: ['1', '2', '', '3', '4', '5', '6'],
        candidates: 9,
        logprobs: 0,
        sampling: { temperature: 3, seed: 2 ** 40, topK: 0 },
        serviceTier: 'scale',
      },
      { maxOutputTokens: 65_536 },
    )
    expect(body.generationConfig).toEqual({
      maxOutputTokens: 65_536,
      stopSequences: ['1', '2', '3', '4', '5'],
      candidateCount: 8,
      responseLogprobs: true,
      temperature: 2,
    })
    expect(lost).toEqual(
      [
        'service_tier service-tier dropped hint',
        'seed seed dropped hint',
        'temperature temperature approximated semantic',
        'max_tokens max-tokens approximated hint',
        'n candidates approximated semantic',
        'stop[5] stop-sequences dropped semantic',
      ].sort((a, b) => lost.indexOf(a) - lost.indexOf(b)),
    )
    expect(lost).toHaveLength(6)
  })

  it('that the protocol has no field for are reported', () => {
    const { lost } = encodeForeign({ verbosity: 'low', user: 'u', metadata: { a: '1' }, serviceTier: 'auto', ext: { other: { store: true, odd: 1 } } })
    expect(lost).toEqual([
      'store stored-replies dropped hint',
      'odd odd dropped semantic',
      'verbosity verbosity dropped semantic',
      'user user-id dropped hint',
      'metadata.a metadata dropped hint',
    ])
  })
})

describe('the format of the answer', () => {
  const schema = { $schema: 'x', type: 'object', properties: { a: { type: 'string', minLength: 1 } }, required: ['a'], additionalProperties: false }
  const tools = [{ type: 'function', name: 'get' } as const]

  it('is a schema in the vendor’s subset', () => {
    const { body, lost } = encodeForeign({ output: { type: 'schema', schema, name: 'n', strict: true } })
    expect(body.generationConfig).toEqual({
      responseMimeType: 'application/json',
      responseJsonSchema: {
        type: 'object',
        properties: { a: { type: 'string', description: 'It must also satisfy this JSON Schema: {"minLength":1}' } },
        required: ['a'],
        additionalProperties: false,
      },
    })
    expect(lost).toEqual(['response_format.name output-schema-name dropped hint', 'response_format.schema schema-keywords approximated semantic'])
  })

  it('is JSON without a schema, and nothing for text', () => {
    expect(encodeForeign({ output: { type: 'json' } }).body.generationConfig).toEqual({ responseMimeType: 'application/json' })
    expect(encodeForeign({ output: { type: 'text' } }).body).not.toHaveProperty('generationConfig')
    expect(encodeForeign({ output: { type: 'foreign', protocol: 'other', value: {} } }).lost).toEqual(['response_format output-format dropped semantic'])
  })

  it.each([undefined, secondGeneration])('is told in words beside tools, which models of before refuse: %j', (facts) => {
    const { body, lost } = encodeForeign({ instructions: [text('Be kind.')], output: { type: 'schema', schema }, tools }, facts)
    expect(body.generationConfig).toBeUndefined()
    expect(body.systemInstruction).toEqual({ parts: [{ text: 'Be kind.' }, { text: expect.stringContaining(JSON.stringify(schema)) }] })
    expect(lost).toContain('response_format output-schema approximated semantic')
    expect(encodeForeign({ output: { type: 'json' }, tools }, facts).body.systemInstruction).toEqual({
      parts: [{ text: expect.stringContaining('must be JSON') }],
    })
  })

  it('stands beside tools for the third generation', () => {
    expect(encodeForeign({ output: { type: 'json' }, tools }, thirdGeneration).body.generationConfig).toEqual({ responseMimeType: 'application/json' })
  })
})
