import type { Block, Turn } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { encodeForeign } from './request-subject.ts'

const text = (value: string, rest: Partial<Block> = {}): Block => ({ type: 'text', text: value, ...rest }) as Block
const user = (...blocks: Block[]): Turn => ({ role: 'user', form: 'blocks', blocks })
const assistant = (...blocks: Block[]): Turn => ({ role: 'assistant', form: 'blocks', blocks })
const call = (id: string, rest: Partial<Block> = {}): Block =>
  ({ type: 'tool-call', id, name: 'get', argumentsText: '{}', form: 'json', executedBy: 'client', ...rest }) as Block
const result = (callId: string, ...content: Block[]): Extract<Block, { type: 'tool-result' }> => ({ type: 'tool-result', callId, content, form: 'blocks' })
const image: Block = { type: 'media', kind: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'AAAA' } }
const imagePart = { type: 'input_image', image_url: 'data:image/png;base64,AAAA' }

describe('turns of another protocol', () => {
  it('become items in their order, results before the other blocks of their turn', () => {
    const { body, input, lost } = encodeForeign({
      instructions: [text('Be brief.'), text('Be kind.')],
      turns: [
        { role: 'system', form: 'text', blocks: [text('Later.')] },
        user(text('Look'), image),
        assistant(text('I look.'), call('call_1', { argumentsText: '{"a": 1}' }), call('call_2', { argumentsText: '' })),
        user(text('While you look:'), result('call_2', text('two')), result('call_1', text('one'), image), text('and?')),
        { role: 'developer', form: 'text', blocks: [text('Now.')] },
      ],
    })
    expect(body.instructions).toBe('Be brief.\n\nBe kind.')
    expect(input).toEqual([
      { type: 'message', role: 'system', content: 'Later.' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Look' }, imagePart] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I look.', annotations: [] }] },
      { type: 'function_call', call_id: 'call_1', name: 'get', arguments: '{"a": 1}' },
      { type: 'function_call', call_id: 'call_2', name: 'get', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_2', output: 'two' },
      { type: 'function_call_output', call_id: 'call_1', output: [{ type: 'input_text', text: 'one' }, imagePart] },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'While you look:' },
          { type: 'input_text', text: 'and?' },
        ],
      },
      { type: 'message', role: 'developer', content: 'Now.' },
    ])
    expect(lost).toEqual([])
  })

  it('answer free text with an output of its own kind', () => {
    const { input } = encodeForeign({
      turns: [
        assistant(call('c', { name: 'patch', form: 'text', argumentsText: '*** "x"' })),
        { role: 'tool', form: 'text', blocks: [result('c', text('ok'))] },
      ],
    })
    expect(input).toEqual([
      { type: 'custom_tool_call', call_id: 'c', name: 'patch', input: '*** "x"' },
      { type: 'custom_tool_call_output', call_id: 'c', output: 'ok' },
    ])
  })

  it('have one result for each call, and a call for each result', () => {
    const { input, lost } = encodeForeign({
      turns: [assistant(call('a'), call('b')), user(result('b'), result('b', text('again')), result('x', text('lost')))],
    })
    expect(input).toEqual([
      { type: 'function_call', call_id: 'a', name: 'get', arguments: '{}' },
      { type: 'function_call', call_id: 'b', name: 'get', arguments: '{}' },
      { type: 'function_call_output', call_id: 'a', output: 'No result was given for this tool call.' },
      { type: 'function_call_output', call_id: 'b', output: '' },
      {
        type: 'message',
        role: 'user',
        content: ['Result of the tool call b:', 'again', 'Result of the tool call x:', 'lost'].map((said) => ({ type: 'input_text', text: said })),
      },
    ])
    expect(lost).toEqual([
      'messages[0].content[0] tool-result invented semantic',
      'messages[1].content[1] tool-result approximated semantic',
      'messages[1].content[2] tool-result approximated semantic',
    ])
  })

  it('get ids that are short enough and stand for one call only, the same from turn to turn', () => {
    const long = `toolu_${'x'.repeat(100)}`
    const rounds = [assistant(call(long), call('')), user(result(long), result('')), assistant(call(long)), user(result(long))]
    const ids = encodeForeign({ turns: rounds }).input.map(({ call_id: id }) => String(id))
    expect(new Set(ids).size).toBe(3)
    expect(ids[2]).toBe(ids[0])
    expect(ids[5]).toBe(ids[4])
    expect(encodeForeign({ turns: rounds.slice(0, 2) }).input.map(({ call_id: id }) => id)).toEqual(ids.slice(0, 4))
  })

  it('pair ten thousand calls of one id in time that grows with their number alone', () => {
    const started = performance.now()
    const blocks = Array.from({ length: 10_000 }, () => call('same'))
    encodeForeign({ turns: [assistant(...blocks), user(...blocks.map(() => result('same')))] })
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  it('mark an error in words, once', () => {
    const failed = (callId: string, ...content: Block[]) => ({ ...result(callId, ...content), isError: true })
    const { input, lost } = encodeForeign({
      turns: [assistant(call('1'), call('2'), call('3')), user(failed('1', text('no such file')), failed('2', text('<tool_use_error>no')), failed('3', image))],
    })
    expect(input.slice(3).map(({ output }) => output)).toEqual([
      'Error: no such file',
      '<tool_use_error>no',
      [{ type: 'input_text', text: 'Error' }, imagePart],
    ])
    expect(lost).toHaveLength(3)
  })

  it('keep opaque thoughts of the vendor and leave out those of others', () => {
    const { input, lost } = encodeForeign({
      turns: [
        assistant({ type: 'reasoning', text: 'Hm.', summary: true, sealed: { issuer: 'openai-responses', value: 'gA' } }, text('Yes.')),
        assistant({ type: 'reasoning', text: 'Hm?' }, text('No.')),
      ],
    })
    expect(input).toMatchObject([
      { type: 'reasoning', encrypted_content: 'gA', summary: [{ type: 'summary_text', text: 'Hm.' }] },
      { role: 'assistant' },
      { role: 'assistant' },
    ])
    expect(lost).toEqual(['messages[1].content[0] thinking dropped hint'])
  })

  it('say what they lose', () => {
    const marked = text('Hello', { ext: { 'other-protocol': { cache_control: { type: 'ephemeral' }, $wire: {} } } })
    const { input, lost } = encodeForeign({
      instructions: [marked, image],
      turns: [{ ...user(text(''), marked), name: 'Ada' }, { role: 'system', form: 'blocks', blocks: [image, text('Go.')] }, user(text(''))],
      ext: { 'other-protocol': { container: 'c' } },
    })
    expect(input).toEqual([
      { type: 'message', role: 'user', content: 'Hello' },
      { type: 'message', role: 'system', content: 'Go.' },
    ])
    expect(lost).toEqual([
      'container container dropped semantic',
      'system[0].cache_control cache-marker dropped hint',
      'system[1] image dropped semantic',
      'messages[0].name participant-name dropped semantic',
      'messages[0].content[1].cache_control cache-marker dropped hint',
      'messages[0].content[0] empty-text dropped hint',
      'messages[1].content[0] image dropped semantic',
      'messages[2].content[0] empty-text dropped hint',
    ])
  })

  it('that say nothing at all get a beginning', () => {
    const { input, lost } = encodeForeign({ turns: [] })
    expect(input).toEqual([{ type: 'message', role: 'user', content: 'Begin.' }])
    expect(lost).toEqual(['messages first-user-turn invented semantic'])
  })
})

describe('media of another protocol', () => {
  const document = (fields: object): Block =>
    ({ type: 'media', kind: 'document', mediaType: 'application/pdf', source: { type: 'base64', data: 'AA==' }, ...fields }) as Block
  const bare = (fields: object): Block => ({ type: 'media', kind: 'document', source: { type: 'base64', data: 'JVBERi0=' }, ...fields }) as Block

  it.each([
    ['a named PDF', document({ title: 'Report' }), { type: 'input_file', filename: 'Report.pdf', file_data: 'data:application/pdf;base64,AA==' }, []],
    ['a PDF without a name', document({}), { type: 'input_file', filename: 'document.pdf' }, ['filename invented hint']],
    ['a PDF without a media type', bare({ filename: 'a' }), { type: 'input_file', filename: 'a', file_data: 'data:application/pdf;base64,JVBERi0=' }, []],
    [
      'a file of an unknown type',
      bare({ kind: 'file', filename: 'a', source: { type: 'base64', data: 'AA==' } }),
      { file_data: 'data:application/octet-stream;base64,AA==' },
      [],
    ],
    [
      'a PDF behind an address',
      document({ source: { type: 'url', url: 'https://a.example/a.pdf' } }),
      { type: 'input_file', file_url: 'https://a.example/a.pdf' },
      [],
    ],
    [
      'a text document',
      document({ source: { type: 'text', text: 'Words' }, title: 'T' }),
      { type: 'input_text', text: 'T\n\nWords' },
      ['text-document approximated hint'],
    ],
    [
      'a text document in base64',
      document({ mediaType: 'text/plain', source: { type: 'base64', data: 'V29yZHM=' } }),
      { type: 'input_text', text: 'Words' },
      ['text-document approximated hint'],
    ],
    [
      'a file that the vendor stores',
      document({ kind: 'file', source: { type: 'file', fileId: 'f', issuer: 'openai-chat' } }),
      { type: 'input_file', file_id: 'f' },
      [],
    ],
    ['a file of another vendor', document({ kind: 'file', source: { type: 'file', fileId: 'f', issuer: 'other' } }), undefined, ['file dropped semantic']],
    ['an image of another vendor', document({ kind: 'image', source: { type: 'file', fileId: 'f', issuer: 'other' } }), undefined, ['image dropped semantic']],
    [
      'an image behind an address',
      document({ kind: 'image', source: { type: 'url', url: 'https://a.example' }, detail: 'original' }),
      { image_url: 'https://a.example', detail: 'original' },
      [],
    ],
    ['an image behind another address', document({ kind: 'image', source: { type: 'url', url: 'gs://a/b' } }), undefined, ['image dropped semantic']],
    [
      'an image without a media type',
      { type: 'media', kind: 'image', source: { type: 'base64', data: '/9j/AA==' } } as Block,
      { image_url: 'data:image/jpeg;base64,/9j/AA==' },
      [],
    ],
    ['audio', document({ kind: 'audio', mediaType: 'audio/wav' }), undefined, ['audio dropped semantic']],
    ['a video', document({ kind: 'video', mediaType: 'video/mp4' }), undefined, ['video dropped semantic']],
    [
      'a block of another protocol',
      { type: 'foreign', protocol: 'other', kind: 'search_result', value: {} } as Block,
      undefined,
      ['search-result dropped semantic'],
    ],
  ])('%s', (_, block, part, lost) => {
    const encoded = encodeForeign({ turns: [user(text('See'), block)] })
    const { content } = encoded.input[0] as unknown as { content: unknown }
    if (part) expect((content as unknown[])[1]).toMatchObject(part)
    else expect(content).toBe('See')
    expect(encoded.lost.map((line) => line.split(' ').slice(1).join(' '))).toEqual(lost)
  })
})
