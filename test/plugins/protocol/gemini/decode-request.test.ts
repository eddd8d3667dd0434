import type { Block } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { decodeRequest, encodeRequest, roundTrip } from './request-subject.ts'

const hello = [{ role: 'user', parts: [{ text: 'Hello' }] }]

describe('the contents', () => {
  it('are turns as they stood, with text, thoughts, calls and results as blocks', () => {
    const { turns } = decodeRequest({
      contents: [
        { parts: [{ text: 'Hi' }] },
        {
          role: 'model',
          parts: [
            { text: 'Hm.', thought: true },
            { functionCall: { name: 'get', args: { a: 1 } }, thoughtSignature: 'c2ln' },
          ],
        },
        { role: 'function', parts: [{ functionResponse: { name: 'get', response: { output: 'x' } } }] },
        { role: 'model' },
      ],
    })
    expect(turns).toMatchObject([
      { role: 'user', form: 'blocks', blocks: [{ type: 'text', text: 'Hi' }] },
      {
        role: 'assistant',
        blocks: [
          { type: 'reasoning', text: 'Hm.' },
          { type: 'tool-call', name: 'get', argumentsText: '{"a":1}', sealed: { issuer: 'gemini', value: 'c2ln' } },
        ],
      },
      { role: 'tool', blocks: [{ type: 'tool-result', name: 'get', content: [{ type: 'text', text: 'x' }] }] },
      { role: 'assistant', form: 'none', blocks: [] },
    ])
    const ids = turns.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.type === 'tool-call' ? [block.id] : block.type === 'tool-result' ? [block.callId] : [])),
    )
    expect(ids[1]).toBe(ids[0])
  })

  it.each([
    { contents: { parts: { text: 'Hi' } } },
    { contents: [{ role: 'USER', parts: [{ text: 'Hi' }] }] },
    {
      contents: [
        { role: 'user', parts: [] },
        { role: null, parts: [{ text: 'Hi' }] },
      ],
    },
    { contents: [{ role: 'user', parts: [{ text: 'Hi', unknown: { a: [1] } }], extra: true }] },
    { contents: [] },
    { contents: null },
    {},
  ])('%j are written back as they stood', (body) => {
    expect(roundTrip(body)).toEqual({ again: body, losses: [] })
  })
})

describe('the system instruction', () => {
  it('is a content, whatever its role, or a bare text', () => {
    const parts = [{ text: 'Be kind.' }, { text: 'Be brief.' }]
    expect(decodeRequest({ contents: hello, systemInstruction: { role: 'user', parts } }).instructions).toMatchObject([
      { type: 'text', text: 'Be kind.' },
      { type: 'text', text: 'Be brief.' },
    ])
    expect(decodeRequest({ contents: hello, system_instruction: 'Be kind.' })).toMatchObject({ instructions: [{ text: 'Be kind.' }], instructionsForm: 'text' })
  })

  it.each([{ role: 'user', parts: [{ text: 'a' }] }, { parts: { text: 'a' } }, { parts: [] }, { role: 'system' }, 'a', null])(
    '%j is written back',
    (systemInstruction) => {
      for (const body of [
        { contents: hello, systemInstruction },
        { contents: hello, system_instruction: systemInstruction },
      ])
        expect(roundTrip(body)).toEqual({ again: body, losses: [] })
    },
  )

  it('is a content where a plugin put it, in whatever form', () => {
    const conversation = { ...decodeRequest({ contents: hello }), instructions: [{ type: 'text' as const, text: 'Be brief.' }] }
    for (const instructionsForm of ['text', 'blocks'] as const)
      expect(encodeRequest({ ...conversation, instructionsForm }).body.systemInstruction).toEqual({ parts: [{ text: 'Be brief.' }] })
  })
})

describe('the settings', () => {
  it('are read, numbers written as text too', () => {
    const generationConfig = {
      temperature: 1,
      topP: 0.95,
      topK: '64',
      maxOutputTokens: '100',
      stopSequences: ['END'],
      candidateCount: 2,
      seed: 7,
      presencePenalty: 0.5,
      frequencyPenalty: -0.5,
      responseLogprobs: true,
      logprobs: 3,
    }
    expect(decodeRequest({ contents: hello, generationConfig, serviceTier: 'flex' })).toMatchObject({
      sampling: { temperature: 1, topP: 0.95, topK: 64, seed: 7, presencePenalty: 0.5, frequencyPenalty: -0.5 },
      maxOutputTokens: 100,
      stop: ['END'],
      candidates: 2,
      logprobs: 3,
      serviceTier: 'flex',
    })
  })

  it.each([
    [{ thinkingBudget: 0 }, { mode: 'off' }],
    [
      { thinkingBudget: -1, includeThoughts: true },
      { mode: 'adaptive', display: 'auto' },
    ],
    [
      { thinkingBudget: 8192, includeThoughts: false },
      { mode: 'budget', budgetTokens: 8192, display: 'omitted' },
    ],
    [{ thinkingLevel: 'HIGH' }, { mode: 'effort', effort: 'high' }],
    [{ includeThoughts: true }, { mode: 'adaptive', display: 'auto' }],
    [{ includeThoughts: false }, undefined],
    [{ thinkingLevel: 'THINKING_LEVEL_UNSPECIFIED' }, undefined],
  ])('ask for thoughts by %j', (thinkingConfig, reasoning) => {
    expect(decodeRequest({ contents: hello, generationConfig: { thinkingConfig } }).reasoning).toEqual(reasoning)
  })

  it.each([
    [{ responseMimeType: 'application/json' }, { type: 'json' }],
    [{ responseMimeType: 'text/plain' }, { type: 'text' }],
    [
      { responseMimeType: 'application/json', responseSchema: { type: 'STRING', nullable: true } },
      { type: 'schema', schema: { type: ['string', 'null'] } },
    ],
    [
      { responseMimeType: 'application/json', responseJsonSchema: { type: 'OBJECT' } },
      { type: 'schema', schema: { type: 'object' } },
    ],
    [{ responseFormat: [{ text: { mimeType: 'application/json', schema: { type: 'object' } } }] }, { type: 'schema', schema: { type: 'object' } }],
    [
      { responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['a'] } },
      { type: 'foreign', protocol: 'gemini' },
    ],
  ])('ask for a format by %j', (generationConfig, output) => {
    expect(decodeRequest({ contents: hello, generationConfig }).output).toMatchObject(output)
  })

  it.each([
    ['AUTO', [], { type: 'auto' }],
    ['ANY', [], { type: 'required' }],
    ['any', ['get'], { type: 'tool', name: 'get' }],
    ['ANY', ['get', 'put'], { type: 'allowed', mode: 'required', names: ['get', 'put'] }],
    ['NONE', [], { type: 'none' }],
    ['VALIDATED', ['get'], { type: 'allowed', mode: 'auto', names: ['get'] }],
    [2, [], { type: 'required' }],
    ['MODE_UNSPECIFIED', [], undefined],
    ['NEWER', [], { type: 'foreign', protocol: 'gemini', value: { mode: 'NEWER', allowedFunctionNames: [] } }],
  ])('choose among the tools by %j %j', (mode, allowedFunctionNames, choice) => {
    expect(decodeRequest({ contents: hello, toolConfig: { functionCallingConfig: { mode, allowedFunctionNames } } }).toolChoice).toEqual(choice)
  })
})

describe('the tools', () => {
  it('are functions with JSON Schema, and hosted ones in words that others have', () => {
    const { tools } = decodeRequest({
      contents: hello,
      tools: [
        { functionDeclarations: [{ name: 'get', description: 'Gets.', parameters: { type: 'OBJECT', properties: { a: { type: 'INTEGER' } } } }] },
        {
          google_search: { exclude_domains: ['a.example'] },
          functionDeclarations: [{ name: 'put', parametersJsonSchema: { type: 'object' }, behavior: 'BLOCKING' }],
        },
        { urlContext: {}, codeExecution: {} },
        { mcpServers: [{ name: 'docs', streamableHttpTransport: { url: 'https://a.example/mcp', headers: { Authorization: 'Bearer k' } } }] },
        { fileSearch: { fileSearchStoreNames: ['a'] } },
      ],
    })
    expect(tools).toMatchObject([
      { type: 'function', name: 'get', description: 'Gets.', parameters: { type: 'object', properties: { a: { type: 'integer' } } } },
      { type: 'foreign', kind: 'googleSearch', hosted: { service: 'web-search', blockedDomains: ['a.example'] } },
      { type: 'function', name: 'put', parameters: { type: 'object' }, ext: { gemini: { behavior: 'BLOCKING' } } },
      { type: 'foreign', kind: 'urlContext', hosted: { service: 'web-fetch' } },
      { type: 'foreign', kind: 'codeExecution', hosted: { service: 'code-execution' } },
      { type: 'foreign', kind: 'mcpServers', hosted: { service: 'mcp', name: 'docs', url: 'https://a.example/mcp', authorization: 'k' } },
      { type: 'foreign', kind: 'fileSearch' },
    ])
    expect(tools.at(-1)).not.toHaveProperty('hosted')
  })
})

describe('a request that asks for a count', () => {
  const inner = { model: 'models/gemini-test', contents: hello, generationConfig: { temperature: 0 } }

  it.each([{ contents: hello }, { generateContentRequest: inner }, { generate_content_request: inner, extra: 1 }])('%j is read and written back', (body) => {
    expect(roundTrip(body, 'gemini-test:countTokens', 'count-tokens')).toEqual({ again: body, losses: [] })
    expect(decodeRequest(body, 'gemini-test:countTokens', 'count-tokens')).toMatchObject({ model: 'gemini-test', turns: [{ blocks: [{ text: 'Hello' }] }] })
  })
})

describe('a conversation that a hook rewrote', () => {
  const body = {
    contents: hello,
    tools: [{ functionDeclarations: [{ name: 'get', parameters: { type: 'OBJECT', properties: { a: { type: 'STRING' } } } }] }],
    generationConfig: { temperature: 1, top_k: 3, thinkingConfig: { thinkingBudget: 5 }, mediaResolution: 'MEDIA_RESOLUTION_LOW' },
    toolConfig: { functionCallingConfig: { mode: 'AUTO' }, retrievalConfig: { languageCode: 'de' } },
  }

  it('is written with what was changed, and everything else as it stood', () => {
    const conversation = decodeRequest(body)
    const { body: again } = encodeRequest({
      ...conversation,
      sampling: { temperature: 0 },
      toolChoice: { type: 'required' },
      reasoning: { mode: 'effort', effort: 'low' },
    })
    expect(again).toEqual({
      ...body,
      generationConfig: { temperature: 0, thinkingConfig: { thinkingLevel: 'LOW' }, mediaResolution: 'MEDIA_RESOLUTION_LOW' },
      toolConfig: { functionCallingConfig: { mode: 'ANY' }, retrievalConfig: { languageCode: 'de' } },
    })
  })

  it('keeps a changed schema in the field that the caller used', () => {
    const conversation = decodeRequest(body)
    const tools = conversation.tools.map(
      (tool) => ({ ...tool, parameters: { type: 'object', properties: { a: { type: ['string', 'null'] } } } }) as typeof tool,
    )
    expect(encodeRequest({ ...conversation, tools }).body.tools).toEqual([
      { functionDeclarations: [{ name: 'get', parameters: { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true } } } }] },
    ])
  })
})

describe('results that name no call', () => {
  it('belong to the newest turn of the model: calls before it may have been given up', () => {
    const call = { role: 'model', parts: [{ functionCall: { name: 'get', args: {} } }] }
    const { turns } = decodeRequest({
      contents: [
        ...hello,
        call,
        { role: 'user', parts: [{ text: 'Never mind.' }] },
        call,
        { role: 'user', parts: [{ functionResponse: { name: 'get', response: {} } }] },
      ],
    })
    const [, first, , second, answer] = turns.map(({ blocks }) => blocks[0] as Block & { readonly id?: string; readonly callId?: string })
    expect(first?.id).not.toBe(second?.id)
    expect(answer?.callId).toBe(second?.id)
  })

  it('belong to the calls of one turn in their order, in however many contents it came', () => {
    const call = (a: number) => ({ role: 'model', parts: [{ functionCall: { name: 'get', args: { a } } }] })
    const answer = (output: string) => ({ role: 'user', parts: [{ functionResponse: { name: 'get', response: { output } } }] })
    const { turns } = decodeRequest({ contents: [...hello, call(1), call(2), answer('one'), answer('two')] })
    const [, one, two, ...answers] = turns.map(({ blocks }) => blocks[0] as Block & { readonly id?: string; readonly callId?: string })
    expect(answers.map(({ callId }) => callId)).toEqual([one?.id, two?.id])
  })
})
