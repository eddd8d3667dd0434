import type { Block } from 'tokligence'
import { describe, expect, it } from 'vitest'
import {
  assistant,
  decodeRequest,
  encodeForeign,
  encodeRequest,
  image,
  result,
  secondGeneration,
  text,
  thirdGeneration,
  toolCall,
  turn,
  user,
} from './request-subject.ts'

const functionCall = (id: string, name = 'get', args: object = {}) => ({ functionCall: { id, name, args } })
const functionResponse = (id: string, response: object, name = 'get') => ({ functionResponse: { id, name, response } })
const pdf: Block = { type: 'media', kind: 'document', mediaType: 'application/pdf', source: { type: 'base64', data: 'JVBERi0=' } }

describe('calls of this protocol whose signatures were taken out', () => {
  const call = (name: string, rest: object = {}) => ({ functionCall: { name, args: {} }, ...rest })
  const said = { functionResponse: { name: 'a', response: {} } }
  const contents = [
    { role: 'user', parts: [{ text: 'Hi' }] },
    { role: 'model', parts: [{ text: 'Hm.' }] },
    { role: 'model', parts: [call('a'), call('b')] },
    { role: 'user', parts: [said] },
    { role: 'model', parts: [call('c', { thoughtSignature: 'c2ln' })] },
  ]
  const sent = (lacksThoughts: boolean, facts = thirdGeneration) => encodeRequest({ ...decodeRequest({ contents }), lacksThoughts }, facts).body.contents

  it('get a stand-in on the first of each turn where the model demands one', () => {
    const signed = contents.with(2, { role: 'model', parts: [call('a', { thoughtSignature: 'skip_thought_signature_validator' }), call('b')] })
    expect(sent(true)).toEqual(signed)
    expect([sent(false), sent(true, secondGeneration)]).toEqual([contents, contents])
  })
})

describe('system text', () => {
  it('is one part each in the system instruction, in its order', () => {
    const { body, contents } = encodeForeign({
      instructions: [text('One.'), text('Two.')],
      turns: [turn('system', text('Three.')), turn('developer', text('Four.')), user(text('Hi'))],
    })
    expect(body.systemInstruction).toEqual({ parts: [{ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' }, { text: 'Four.' }] })
    expect(contents).toEqual([{ role: 'user', parts: [{ text: 'Hi' }] }])
  })

  it('behind the first user’s turn stays at its place, as a reminder', () => {
    const { contents, lost } = encodeForeign({ turns: [user(text('Hi')), assistant(text('Yes?')), turn('system', text('Be brief.')), user(text('Go on.'))] })
    expect(contents.at(-1)).toEqual({ role: 'user', parts: [{ text: '<system-reminder>\nBe brief.\n</system-reminder>' }, { text: 'Go on.' }] })
    expect(lost).toEqual(['messages[2].content[0] system-turn approximated hint'])
  })

  it('takes text alone', () => {
    expect(encodeForeign({ instructions: [image] }).lost).toEqual(['system[0] media dropped semantic'])
  })
})

describe('turns', () => {
  it('of one role are merged with their neighbours', () => {
    const { contents } = encodeForeign({ turns: [user(text('a')), user(text('b')), assistant(text('c')), assistant(text('d')), user(text('e'))] })
    expect(contents).toEqual([
      { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
      { role: 'model', parts: [{ text: 'c' }, { text: 'd' }] },
      { role: 'user', parts: [{ text: 'e' }] },
    ])
  })

  it.each([
    [[], [{ role: 'user', parts: [{ text: 'Begin.' }] }]],
    [
      [assistant(text('a'))],
      [
        { role: 'user', parts: [{ text: 'Continue.' }] },
        { role: 'model', parts: [{ text: 'a' }] },
      ],
    ],
    [
      [user(text('')), assistant(text('a'))],
      [
        { role: 'user', parts: [{ text: 'Continue.' }] },
        { role: 'model', parts: [{ text: 'a' }] },
      ],
    ],
  ])('without a first one of the user get one: %#', (turns, contents) => {
    const encoded = encodeForeign({ turns })
    expect(encoded.contents).toEqual(contents)
    expect(encoded.lost).toContain('messages first-user-turn invented semantic')
  })

  it('keep thoughts, and texts around calls, in their order', () => {
    const turns = [user(text('a')), assistant({ type: 'reasoning', text: 'Hm.' }, text('b'), toolCall('1'), text('c')), user(result('1', text('x')))]
    expect(encodeForeign({ turns }).contents[1]).toEqual({
      role: 'model',
      parts: [{ text: 'Hm.', thought: true }, { text: 'b' }, functionCall('1'), { text: 'c' }],
    })
  })
})

describe('calls and their results', () => {
  it('are as many, in the order of the calls, before everything else that the user says', () => {
    const { contents, lost } = encodeForeign({
      turns: [
        user(text('a')),
        assistant(toolCall('1', 'get', '{"a":1}'), toolCall('2', 'put')),
        user(text('Here.'), result('2', text('two'))),
        turn('tool', { ...result('1', text('one')), isError: true }),
      ],
    })
    expect(contents.slice(1)).toEqual([
      { role: 'model', parts: [functionCall('1', 'get', { a: 1 }), functionCall('2', 'put')] },
      { role: 'user', parts: [functionResponse('1', { error: 'one' }), functionResponse('2', { output: 'two' }, 'put'), { text: 'Here.' }] },
    ])
    expect(lost).toEqual([])
  })

  it('get one that says so where a result is missing', () => {
    const missing = { error: 'No result was given for this tool call.' }
    const { contents, lost } = encodeForeign({
      turns: [user(text('a')), assistant(toolCall('1'), toolCall('2')), user(result('2', text('x'))), assistant(text('b'), toolCall('3'))],
    })
    expect(contents.slice(2)).toEqual([
      { role: 'user', parts: [functionResponse('1', missing), functionResponse('2', { output: 'x' })] },
      { role: 'model', parts: [{ text: 'b' }, functionCall('3')] },
      { role: 'user', parts: [functionResponse('3', missing)] },
    ])
    expect(lost).toEqual(['messages[1].content[0] tool-result invented semantic', 'messages[3].content[1] tool-result invented semantic'])
  })

  it('become text where a result answers no call', () => {
    const { contents, lost } = encodeForeign({ turns: [user(text('a')), assistant(text('b')), turn('tool', result('9', text('x')))] })
    expect(contents.at(-1)).toEqual({ role: 'user', parts: [{ text: 'Result of the tool call 9:\nx' }] })
    expect(lost).toEqual(['messages[2].content[0] tool-result approximated semantic'])
  })

  it('of one id are answered in their order', () => {
    const { contents } = encodeForeign({
      turns: [user(text('a')), assistant(toolCall('1', 'get'), toolCall('1', 'put')), user(result('1', text('x')), result('1', text('y')))],
    })
    expect(contents.at(-1)).toEqual({ role: 'user', parts: [functionResponse('1', { output: 'x' }), functionResponse('1', { output: 'y' }, 'put')] })
  })

  it('are a function’s, also where its name is that of a hosted service', () => {
    const { contents, lost } = encodeForeign({ turns: [user(text('a')), assistant(toolCall('1', 'web-search')), user(result('1', text('x')))] })
    expect(contents.at(-1)).toEqual({ role: 'user', parts: [functionResponse('1', { output: 'x' }, 'web-search')] })
    expect(lost).toEqual([])
  })

  it('are written in a time that grows no faster than their number', () => {
    const turns = [user(text('a')), assistant(...Array.from({ length: 20_000 }, (_, index) => toolCall(`${index}`)))]
    const start = performance.now()
    encodeForeign({ turns: [...turns, user(...Array.from({ length: 20_000 }, (_, index) => result(`${19_999 - index}`, text('x'))))] })
    expect(performance.now() - start).toBeLessThan(3_000)
  })
})

describe('media in results', () => {
  const turns = (...content: Block[]) => [
    user(text('a')),
    assistant(toolCall('1'), toolCall('2')),
    user(result('1', ...content), result('2', text('y')), text('b')),
  ]

  it('stand behind the results of the turn for the second generation', () => {
    const { contents, lost } = encodeForeign({ turns: turns(text('x'), image) }, secondGeneration)
    expect(contents.at(-1)).toEqual({
      role: 'user',
      parts: [
        functionResponse('1', { output: 'x' }),
        functionResponse('2', { output: 'y' }),
        { text: 'Attached media from tool result 1:' },
        { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
        { text: 'b' },
      ],
    })
    expect(lost).toEqual(['messages[2].content[0].content[1] tool-result-media approximated hint'])
  })

  it('stay inside for the third, where it takes their type', () => {
    const audio: Block = { type: 'media', kind: 'audio', mediaType: 'audio/wav', source: { type: 'base64', data: 'AAAA' } }
    const { contents, lost } = encodeForeign({ turns: turns(image, pdf, audio) }, thirdGeneration)
    expect(contents.at(-1)).toMatchObject({
      parts: [
        { functionResponse: { id: '1', parts: [{ inlineData: { mimeType: 'image/png' } }, { inlineData: { mimeType: 'application/pdf' } }] } },
        { functionResponse: { id: '2' } },
        { text: 'Attached media from tool result 1:' },
        { inlineData: { mimeType: 'audio/wav', data: 'AAAA' } },
        { text: 'b' },
      ],
    })
    expect(lost).toContain('messages[2].content[0].content[2] tool-result-media approximated hint')
  })

  it('that are plain text are text', () => {
    const document: Block = { type: 'media', kind: 'document', title: 'Notes', source: { type: 'text', text: 'n' } }
    expect(encodeForeign({ turns: turns(document) }).contents.at(-1)).toMatchObject({ parts: [functionResponse('1', { output: 'Notes\n\nn' }), {}, {}] })
  })
})

describe('signatures', () => {
  const signed: Block = { ...toolCall('1'), sealed: { issuer: 'gemini', value: 'c2ln' } } as Block
  const rounds = (...calls: Block[]) => [user(text('a')), assistant(...calls), user(...calls.map((each) => result((each as { id: string }).id, text('x'))))]

  it('go into the part of their block as they were given', () => {
    const said: Block = { type: 'text', text: 'b', sealed: { issuer: 'other', value: 'b3RoZXI=' } }
    expect(encodeForeign({ turns: [user(text('a')), assistant(said), ...rounds(signed)] }, thirdGeneration).contents).toMatchObject([
      {},
      { parts: [{ text: 'b', thoughtSignature: 'b3RoZXI=' }] },
      {},
      { parts: [{ thoughtSignature: 'c2ln' }] },
      {},
    ])
  })

  it('are made up for the first call of each turn that has none, where the model demands one', () => {
    const { contents, lost } = encodeForeign({ turns: rounds(toolCall('1'), toolCall('2')) }, thirdGeneration)
    expect(contents[1]).toEqual({ role: 'model', parts: [{ ...functionCall('1'), thoughtSignature: 'skip_thought_signature_validator' }, functionCall('2')] })
    expect(lost).toEqual(['messages[1].content[0].thoughtSignature thought-signature invented hint'])
  })

  it('are not made up where one is there, nor for models of before', () => {
    expect(encodeForeign({ turns: rounds(signed, toolCall('2')) }, thirdGeneration).lost).toEqual([])
    expect(encodeForeign({ turns: rounds(toolCall('1')) }, secondGeneration).contents[1]).toEqual({ role: 'model', parts: [functionCall('1')] })
  })
})

describe('what has no place', () => {
  it('is reported', () => {
    const file: Block = { type: 'media', kind: 'file', source: { type: 'file', fileId: 'file-1', issuer: 'other' } }
    const cached = text('a', { ext: { 'other-protocol': { cache_control: { type: 'ephemeral' }, novel: 1 } } })
    const search: Block = { type: 'tool-call', id: '1', name: 'web-search', argumentsText: '{}', form: 'json', executedBy: 'provider' }
    const found: Block = { type: 'tool-result', callId: '1', name: 'web-search', content: [text('x')], form: 'text' }
    const { lost } = encodeForeign({
      turns: [
        { ...user(cached, file), name: 'Ann' },
        assistant({ type: 'foreign', protocol: 'other', kind: 'some_item', value: {} }, search, found, text('b')),
      ],
    })
    expect(lost).toEqual([
      'messages[0].name participant-name dropped semantic',
      'messages[1].content[2] hosted-tool-result dropped semantic',
      'messages[0].content[0].cache_control cache-marker dropped hint',
      'messages[0].content[0].novel novel dropped semantic',
      'messages[0].content[1] file-reference dropped semantic',
      'messages[1].content[0] some-item dropped semantic',
      'messages[1].content[1] hosted-tool-call dropped semantic',
    ])
  })
})
