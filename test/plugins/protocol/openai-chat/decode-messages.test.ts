import { describe, expect, it } from 'vitest'
import { decodeRequest, roundTrip } from './subject.ts'

const png = 'iVBORw0KGgo='

function turns(...messages: unknown[]) {
  const body = { model: 'gpt-test', messages }
  expect(roundTrip(body)).toEqual({ again: body, losses: [] })
  return decodeRequest(body).turns
}

describe('messages, each read and written back as it was', () => {
  it('keep system and developer text where it stood, as a string or as parts', () => {
    const read = turns(
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello', name: 'ada' },
      { role: 'developer', content: [{ type: 'text', text: 'Now in French.' }] },
      { role: 'system', content: '' },
    )
    expect(read).toMatchObject([
      { role: 'system', form: 'text', blocks: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', name: 'ada' },
      { role: 'developer', form: 'blocks', blocks: [{ type: 'text', text: 'Now in French.' }] },
      { role: 'system', form: 'text', blocks: [{ type: 'text', text: '' }] },
    ])
  })

  it('read every part of a user’s message', () => {
    const [turn] = turns({
      role: 'user',
      content: [
        { type: 'text', text: 'Look', prompt_cache_breakpoint: { mode: 'explicit' } },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${png}`, detail: 'low' } },
        { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
        { type: 'image_url', image_url: 'https://example.com/bare.png' },
        { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
        { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mpeg' } },
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } },
        { type: 'file', file: { file_id: 'file-1', filename: null } },
        { type: 'file', file: { file_data: 'JVBERi0=', file_id: 'file-2' } },
        { type: 'video_url', video_url: { url: 'https://example.com/film.mp4' } },
      ],
    })
    expect(turn?.blocks).toMatchObject([
      { type: 'text', ext: { 'openai-chat': { prompt_cache_breakpoint: { mode: 'explicit' } } } },
      { type: 'media', kind: 'image', mediaType: 'image/png', source: { type: 'base64', data: png }, detail: 'low' },
      { type: 'media', kind: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } },
      { type: 'media', kind: 'image', source: { type: 'url', url: 'https://example.com/bare.png' } },
      { type: 'media', kind: 'audio', mediaType: 'audio/mpeg', source: { type: 'base64', data: 'AAAA' } },
      { type: 'media', kind: 'audio', mediaType: 'audio/mpeg' },
      { type: 'media', kind: 'document', mediaType: 'application/pdf', source: { type: 'base64', data: 'JVBERi0=' }, filename: 'a.pdf' },
      { type: 'media', kind: 'file', source: { type: 'file', fileId: 'file-1', issuer: 'openai-chat' } },
      { type: 'media', kind: 'file', source: { type: 'base64', data: 'JVBERi0=' } },
      { type: 'foreign', protocol: 'openai-chat', kind: 'video_url' },
    ])
  })

  it('keep a data URL of an unusual shape as it is', () => {
    const url = 'data:image/svg+xml;charset=utf8,%3Csvg/%3E'
    expect(turns({ role: 'user', content: [{ type: 'image_url', image_url: { url } }] })[0]?.blocks).toMatchObject([{ source: { type: 'url', url } }])
  })

  it('read parallel calls with text beside them, and the results in either form', () => {
    const read = turns(
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'get', arguments: '{ "a":1.0 }', parsed_arguments: null } },
          { id: 'call_2', type: 'custom', custom: { name: 'patch', input: '*** Begin' } },
          { id: 'call_3', function: { name: 'get', arguments: '' }, index: 2 },
        ],
        refusal: null,
        parsed: null,
        annotations: [],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'one' },
      { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'two' }], name: 'patch' },
      { role: 'tool', tool_call_id: 'call_3', content: null },
    )
    expect(read[0]?.blocks).toMatchObject([
      { type: 'text', text: 'I look.' },
      { type: 'tool-call', id: 'call_1', name: 'get', argumentsText: '{ "a":1.0 }', form: 'json', executedBy: 'client' },
      { type: 'tool-call', id: 'call_2', name: 'patch', argumentsText: '*** Begin', form: 'text' },
      { type: 'tool-call', id: 'call_3', argumentsText: '' },
    ])
    expect(read.slice(1).map(({ role, blocks }) => [role, blocks[0]])).toMatchObject([
      ['tool', { type: 'tool-result', callId: 'call_1', form: 'text', content: [{ text: 'one' }] }],
      ['tool', { type: 'tool-result', callId: 'call_2', form: 'blocks', name: 'patch' }],
      ['tool', { type: 'tool-result', callId: 'call_3', form: 'none', content: [] }],
    ])
  })

  it('tell absent, null and empty content of an assistant apart', () => {
    const calls = [{ id: 'call_1', type: 'function', function: { name: 'get', arguments: '{}' } }]
    const read = turns(
      { role: 'assistant', tool_calls: calls },
      { role: 'assistant', content: null, tool_calls: calls },
      { role: 'assistant', content: '', tool_calls: calls },
      { role: 'assistant', content: [] },
    )
    expect(read.map(({ form }) => form)).toEqual(['none', 'none', 'text', 'blocks'])
  })

  it('read refusals as a field and as a part', () => {
    const read = turns({ role: 'assistant', content: null, refusal: 'No.' }, { role: 'assistant', content: [{ type: 'refusal', refusal: 'Never.' }] })
    expect(read.map(({ blocks }) => blocks)).toMatchObject([[{ type: 'refusal', text: 'No.' }], [{ type: 'refusal', text: 'Never.' }]])
  })

  it('read the older function_call, and find its result by the function’s name', () => {
    const read = turns(
      { role: 'assistant', content: null, function_call: { name: 'get', arguments: '{}' } },
      { role: 'function', name: 'get', content: 'one' },
      { role: 'function', name: 'unheard', content: null },
    )
    const [called, answered, orphan] = read.map(({ blocks }) => blocks[0])
    expect(called).toMatchObject({ type: 'tool-call', name: 'get', argumentsText: '{}' })
    expect(answered).toMatchObject({ type: 'tool-result', name: 'get' })
    expect(answered?.type === 'tool-result' && answered.callId).toBe(called?.type === 'tool-call' && called.id)
    expect(orphan?.type === 'tool-result' && orphan.callId).not.toBe(called?.type === 'tool-call' && called.id)
  })

  it.each([
    ['reasoning_content', { reasoning_content: 'Hm.' }, 'Hm.'],
    ['reasoning', { reasoning: 'Hm.' }, 'Hm.'],
    ['both alike', { reasoning_content: 'Hm.', reasoning: 'Hm.' }, 'Hm.'],
    ['both different', { reasoning_content: 'Hm.', reasoning: 'Oh.' }, 'Hm.'],
    ['details beside a text', { reasoning: 'Hm.', reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', signature: 's' }] }, 'Hm.'],
    [
      'details alone',
      {
        reasoning_details: [
          { type: 'reasoning.summary', summary: 'Hm.' },
          { type: 'reasoning.encrypted', data: 'x' },
        ],
      },
      'Hm.',
    ],
  ])('read the thoughts of compatible hosts: %s', (_, fields, text) => {
    const [turn] = turns({ role: 'assistant', content: 'Yes.', ...fields })
    expect(turn?.blocks).toMatchObject([
      { type: 'reasoning', text },
      { type: 'text', text: 'Yes.' },
    ])
  })

  it('keep fields that nobody knows, at every place', () => {
    const [turn] = turns({
      role: 'assistant',
      content: [{ type: 'text', text: 'Yes.', cache_control: { type: 'ephemeral' } }],
      audio: { id: 'audio_1' },
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}', note: 1 }, extra_content: { google: { thought_signature: 's' } } }],
    })
    expect(turn).toMatchObject({ ext: { 'openai-chat': { audio: { id: 'audio_1' } } }, blocks: [{}, { ext: { 'openai-chat': { function: { note: 1 } } } }] })
  })
})
