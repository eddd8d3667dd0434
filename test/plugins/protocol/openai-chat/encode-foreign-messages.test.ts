import type { Block } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { assistant, encodeForeign, image, result, text, toolCall, user } from './foreign-conversation.ts'

const imagePart = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }

describe('messages of another protocol', () => {
  it('puts instructions before everything, as one system message', () => {
    const { messages, lost } = encodeForeign({ instructions: [text('Be brief.'), text('Be kind.')], instructionsForm: 'blocks' })
    expect(messages[0]).toEqual({
      role: 'system',
      content: [
        { type: 'text', text: 'Be brief.' },
        { type: 'text', text: 'Be kind.' },
      ],
    })
    expect(lost).toEqual([])
  })

  it('leaves system turns where they stood, and writes one text as a string', () => {
    const { messages } = encodeForeign({
      turns: [user(text('Hello')), { role: 'system', form: 'blocks', blocks: [text('It is Monday.')] }, user(text('And?'))],
    })
    expect(messages).toEqual([
      { role: 'user', content: 'Hello' },
      { role: 'system', content: 'It is Monday.' },
      { role: 'user', content: 'And?' },
    ])
  })

  it('writes the results of parallel calls right behind the calls, before the rest of their turn', () => {
    const { messages, lost } = encodeForeign({
      turns: [
        assistant(text('I look.'), toolCall('call_1', 'get', '{"a": 1}'), toolCall('call_2', 'get', '')),
        user(text('While you look:'), result('call_1', text('one')), result('call_2', text('two'), text('too')), text('and?'), image),
      ],
    })
    expect(messages).toEqual([
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'get', arguments: '{"a": 1}' } },
          { id: 'call_2', type: 'function', function: { name: 'get', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'one' },
      {
        role: 'tool',
        tool_call_id: 'call_2',
        content: [
          { type: 'text', text: 'two' },
          { type: 'text', text: 'too' },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'While you look:' }, { type: 'text', text: 'and?' }, imagePart] },
    ])
    expect(lost).toEqual([])
  })

  it('gives calls without text a null content', () => {
    const { messages } = encodeForeign({ turns: [assistant(toolCall('c')), user(result('c'))] })
    expect(messages).toMatchObject([
      { role: 'assistant', content: null },
      { role: 'tool', content: '' },
    ])
  })

  it('moves media out of results into a user message behind all results, also when the results stand in turns of their own', () => {
    const pdf: Block = { type: 'media', kind: 'document', mediaType: 'application/pdf', source: { type: 'base64', data: 'JVBERi0=' }, filename: 'a.pdf' }
    const { messages, lost } = encodeForeign({
      turns: [
        assistant(toolCall('c1'), toolCall('c2')),
        { role: 'tool', form: 'blocks', blocks: [result('c1', image)] },
        { role: 'tool', form: 'blocks', blocks: [result('c2', text('See'), pdf)] },
        user(text('Well?')),
      ],
    })
    expect(messages.slice(1)).toEqual([
      { role: 'tool', tool_call_id: 'c1', content: 'The result is attached in the next user message.' },
      { role: 'tool', tool_call_id: 'c2', content: 'See' },
      { role: 'user', content: [{ type: 'text', text: 'Attached media from tool result c1:' }, imagePart] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Attached media from tool result c2:' },
          { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERi0=', filename: 'a.pdf' } },
        ],
      },
      { role: 'user', content: 'Well?' },
    ])
    expect(lost).toEqual([
      'messages[1].content[0].content[0] tool-result-media approximated hint',
      'messages[2].content[0].content[1] tool-result-media approximated hint',
    ])
  })

  it('moves any number of media out of one result, in their order and in time that grows with their number alone', () => {
    const count = 200_000
    const many = Array.from(
      { length: count },
      (_, index): Block => ({ type: 'media', kind: 'image', source: { type: 'url', url: `https://a.example/${index}` } }),
    )
    const started = performance.now()
    const { messages } = encodeForeign({ turns: [assistant(toolCall('c')), user({ ...result('c'), content: many })] })
    // A search of all for each of them takes more than five seconds.
    expect(performance.now() - started).toBeLessThan(3_500)
    const [, ...parts] = (messages[2] as unknown as { content: { image_url: { url: string } }[] }).content
    expect(parts.findIndex(({ image_url }, index) => image_url.url !== `https://a.example/${index}`)).toBe(-1)
    expect(parts).toHaveLength(count)
  })

  it('marks an error in words, once', () => {
    const failed = (callId: string, words: string) => ({ ...result(callId, text(words)), isError: true })
    const { messages, lost } = encodeForeign({
      turns: [
        assistant(toolCall('c1'), toolCall('c2'), toolCall('c3')),
        user(failed('c1', 'no such file'), failed('c2', '<tool_use_error>no'), { ...result('c3'), isError: true }),
      ],
    })
    expect(messages.slice(1)).toMatchObject([{ content: 'Error: no such file' }, { content: '<tool_use_error>no' }, { content: 'Error' }])
    expect(lost).toHaveLength(3)
    expect(lost[0]).toBe('messages[1].content[0].is_error tool-error approximated hint')
  })

  it('drops thoughts of earlier turns with a hint, and a turn of nothing else with them', () => {
    const { messages, lost } = encodeForeign({
      turns: [
        assistant({ type: 'reasoning', text: 'Hm.', sealed: { issuer: 'other', value: 's' } }, text('Yes.')),
        assistant({ type: 'reasoning', text: '', redacted: true, sealed: { issuer: 'other', value: 's' } }),
      ],
    })
    expect(messages).toEqual([{ role: 'assistant', content: 'Yes.' }])
    expect(lost).toEqual(['messages[0].content[0] thinking dropped hint', 'messages[1].content[0] redacted-thinking dropped hint'])
  })

  it('says when text behind a call had to move before it', () => {
    const { messages, lost } = encodeForeign({ turns: [assistant(toolCall('c'), text('Done.')), user(result('c', text('1')))] })
    expect(messages[0]).toMatchObject({ content: 'Done.', tool_calls: [{ id: 'c' }] })
    expect(lost).toEqual(['messages[0].content[1] block-order approximated hint'])
  })

  it('leaves out what earlier texts cited: a message that is sent has no member for it, and stricter hosts refuse it', () => {
    const cited: Block = { type: 'text', text: 'Old.', annotations: [{ protocol: 'elsewhere', value: {}, citation: { url: 'https://a.example' } }] }
    const { messages, lost } = encodeForeign({ turns: [user(text('How old?')), assistant(cited)] })
    expect(messages[1]).toEqual({ role: 'assistant', content: 'Old.' })
    expect(lost).toEqual(['messages[1].content[0].citations citations dropped hint'])
  })

  it('leaves empty texts out, which vendors refuse', () => {
    const { messages } = encodeForeign({ turns: [user(text(''), text('Hello')), assistant(text('')), user(text(''))] })
    expect(messages).toEqual([
      { role: 'user', content: 'Hello' },
      { role: 'user', content: '' },
    ])
  })

  it('reports one loss for each field of another protocol, a hint where only cost may differ', () => {
    const marked = (value: string) =>
      text(value, { ext: { 'other-protocol': { cache_control: { type: 'ephemeral' }, $wire: { a: 1 }, off: false, none: null } } })
    const { lost } = encodeForeign({
      instructions: [marked('Be brief.')],
      turns: [{ ...user(marked('Hello')), ext: { 'other-protocol': { outputConfig: 1 } } }],
      tools: [
        {
          type: 'function',
          name: 'f',
          parameters: { type: 'object', properties: {} },
          ext: { 'other-protocol': { defer_loading: true, input_examples: [{}] } },
        },
      ],
      ext: { 'other-protocol': { container: 'c' }, third: { top_thing: 1 } },
    })
    expect(lost).toEqual([
      'container container dropped semantic',
      'top_thing top-thing dropped semantic',
      'system[0].cache_control cache-marker dropped hint',
      'messages[0].outputConfig output-config dropped semantic',
      'messages[0].content[0].cache_control cache-marker dropped hint',
      'tools[0].defer_loading deferred-tool dropped hint',
      'tools[0].input_examples input-examples dropped semantic',
    ])
  })
})

describe('media of another protocol', () => {
  const document = (fields: Partial<Extract<Block, { type: 'media' }>>): Block =>
    ({ type: 'media', kind: 'document', mediaType: 'application/pdf', source: { type: 'base64', data: 'AA==' }, ...fields }) as Block

  it.each([
    ['a named PDF', document({ title: 'Report' }), { type: 'file', file: { file_data: 'data:application/pdf;base64,AA==', filename: 'Report.pdf' } }, []],
    ['a PDF without a name', document({}), { type: 'file', file: { filename: 'document.pdf' } }, ['filename invented hint']],
    [
      'a text document',
      document({ source: { type: 'text', text: 'Words' }, title: 'T' }),
      { type: 'text', text: 'T\n\nWords' },
      ['text-document approximated hint'],
    ],
    [
      'a text document in base64',
      document({ mediaType: 'text/plain', source: { type: 'base64', data: 'V29yZHM=' } }),
      { type: 'text', text: 'Words' },
      ['text-document approximated hint'],
    ],
    ['a document behind a URL', document({ source: { type: 'url', url: 'https://a.example' } }), undefined, ['document dropped semantic']],
    ['a file of another vendor', document({ kind: 'file', source: { type: 'file', fileId: 'f', issuer: 'other' } }), undefined, ['file dropped semantic']],
    ['an image of another vendor', document({ kind: 'image', source: { type: 'file', fileId: 'f', issuer: 'other' } }), undefined, ['image dropped semantic']],
    ['an image at full size', { ...image, detail: 'original' } as Block, { image_url: { detail: 'high' } }, ['image-detail approximated hint']],
    ['audio', document({ kind: 'audio', mediaType: 'audio/x-wav' }), { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } }, []],
    ['audio of another format', document({ kind: 'audio', mediaType: 'audio/flac' }), undefined, ['audio dropped semantic']],
    ['a video', document({ kind: 'video', mediaType: 'video/mp4' }), undefined, ['video dropped semantic']],
    [
      'a block of another protocol',
      { type: 'foreign', protocol: 'other', kind: 'search_result', value: {} } as Block,
      undefined,
      ['search-result dropped semantic'],
    ],
  ])('%s', (_, block, part, lost) => {
    const encoded = encodeForeign({ turns: [user(text('See'), block)] })
    const [{ content }] = encoded.messages as [{ content: unknown }]
    if (part) expect((content as unknown[])[1]).toMatchObject(part)
    else expect(content).toBe('See')
    expect(encoded.lost.map((line) => line.split(' ').slice(1).join(' '))).toEqual(lost)
  })

  it('cannot stand in a system text or in the assistant’s own words', () => {
    const { messages, lost } = encodeForeign({ instructions: [text('See'), image], turns: [assistant(text('Here'), image)] })
    expect(messages).toEqual([
      { role: 'system', content: 'See' },
      { role: 'assistant', content: 'Here' },
    ])
    expect(lost).toEqual(['system[1] image dropped semantic', 'messages[0].content[1] image dropped semantic'])
  })
})
