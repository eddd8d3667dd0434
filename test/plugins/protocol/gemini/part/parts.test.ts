import { type Block, type Json, type JsonObject, LossSink, requestReader } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { CallIds } from '../../../../../plugins/protocol/gemini/part/call-ids.ts'
import { decodePart } from '../../../../../plugins/protocol/gemini/part/decode-part.ts'
import { encodeParts } from '../../../../../plugins/protocol/gemini/part/encode-part.ts'

const png = 'iVBORw0KGgoAAAANSUhEUg=='

function decode(parts: readonly JsonObject[]): Block[] {
  const calls = new CallIds()
  return parts.map((part, index) => decodePart(part, `parts[${index}]`, requestReader, calls))
}

function encode(blocks: readonly Block[], context: Partial<Parameters<typeof encodeParts>[1]> = {}): { parts: JsonObject[]; losses: LossSink } {
  const losses = new LossSink()
  const placed = blocks.map((block, index) => [block, `content[${index}]`] as const)
  return { parts: encodeParts(placed, { native: false, place: 'request', losses, ...context }), losses }
}

const native: readonly (readonly [string, readonly JsonObject[]])[] = [
  ['text', [{ text: 'Hello' }, { text: '' }, { text: 'signed', thoughtSignature: 'c2ln' }, { thoughtSignature: 'bGF0ZQ==' }, {}]],
  [
    'thoughts',
    [
      { text: 'Hm', thought: true, thoughtSignature: 'c2ln' },
      { text: 'no', thought: false },
      { thought: true, thought_signature: 'eA==' },
    ],
  ],
  [
    'calls',
    [{ functionCall: { name: 'f', args: { b: 1, a: [null, 1.5, 'x'] } }, thoughtSignature: 'c2ln' }, { functionCall: { name: 'f', id: 'a', args: {} } }],
  ],
  ['calls without arguments', [{ functionCall: { name: 'f' } }, { function_call: { name: 'f', args: null, id: '' }, thought_signature: 'eA==' }]],
  ['streamed calls', [{ functionCall: { name: 'f', args: {}, willContinue: true, partialArgs: [{ jsonPath: '$.a', numberValue: 1 }] } }]],
  [
    'results',
    [
      { functionCall: { name: 'f', args: {} } },
      { functionResponse: { name: 'f', response: { output: 'text' } } },
      { functionResponse: { name: 'f', id: 'x', response: { result: 'text', more: [] } }, partMetadata: { a: 1 } },
      { functionResponse: { name: 'f', response: { error: 'bad' }, willContinue: false } },
      { functionResponse: { name: 'f', response: { error: { code: 1 } } } },
      { functionResponse: { name: 'f', response: { name: 'f', content: 'text' } } },
      { functionResponse: { name: 'f', response: {} } },
      { function_response: { name: 'f', parts: [{ inlineData: { mime_type: 'image/png', data: png } }, { other: 1 }] } },
      { functionResponse: { name: 'f', response: { output: '' }, parts: [] } },
    ],
  ],
  [
    'media',
    [
      { inlineData: { mimeType: 'image/png', data: png, displayName: 'a.png' }, mediaResolution: { level: 'MEDIA_RESOLUTION_LOW' } },
      { inline_data: { mime_type: 'audio/wav', data: 'a-_b' }, thoughtSignature: 'c2ln' },
      { inlineData: { mimeType: 'audio/wav', data: '_-8' } },
      { fileData: { mimeType: 'application/pdf', fileUri: 'https://example.com/a.pdf' } },
      { file_data: { file_uri: 'https://generativelanguage.googleapis.com/v1beta/files/abc', mime_type: 'video/mp4' }, videoMetadata: { fps: 1 } },
      { fileData: { fileUri: 'gs://bucket/a.mp4' } },
    ],
  ],
  [
    'code',
    [
      { executableCode: { language: 'PYTHON', code: 'print(1)' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1\n' } },
      { executable_code: { id: 'c', code: 'x' }, thoughtSignature: 'c2ln' },
      { codeExecutionResult: { id: 'c', outcome: 'OUTCOME_FAILED' } },
    ],
  ],
  [
    'calls of the server',
    [
      { toolCall: { id: 't', toolType: 'GOOGLE_SEARCH_WEB', args: { queries: ['a'] } }, thoughtSignature: 'c2ln' },
      { toolResponse: { id: 't', toolType: 'GOOGLE_SEARCH_WEB', response: { results: [1] } } },
      { toolCall: { tool_type: 'URL_CONTEXT' } },
      { toolResponse: { tool_type: 'URL_CONTEXT', response: {} } },
      { toolCall: { toolType: 'GOOGLE_MAPS', args: {} } },
    ],
  ],
  ['unknown', [{ audioTranscription: { text: 'a' } }, { text: 'a', speechMetadata: null, other: { a: [] } }, { text: 'a', thought: null }]],
]

describe('parts', () => {
  it.each(native)('gives back %s as they stood', (_, parts) => {
    const { parts: written, losses } = encode(decode(parts), { native: true })
    expect(written).toEqual(parts)
    expect(losses.losses).toEqual([])
  })

  it.each([
    ['https://a.example/b.png', { type: 'url', url: 'https://a.example/b.png' }],
    ['files/abc', { type: 'file', fileId: 'files/abc', issuer: 'gemini' }],
    ['https://generativelanguage.googleapis.com/v1beta/files/abc', { type: 'file', issuer: 'gemini' }],
    ['gs://bucket/b.png', { type: 'file', fileId: 'gs://bucket/b.png', issuer: 'gemini' }],
  ])('knows who can read %s', (fileUri, source) => {
    expect(decode([{ fileData: { fileUri, mimeType: 'image/png' } }])).toMatchObject([{ type: 'media', kind: 'image', source }])
  })

  it('reads text, thoughts and signatures', () => {
    expect(
      decode([
        { text: 'Hm', thought: true, thoughtSignature: 's' },
        { text: 'Hi', thoughtSignature: 't' },
      ]),
    ).toMatchObject([
      { type: 'reasoning', text: 'Hm', sealed: { issuer: 'gemini', value: 's' } },
      { type: 'text', text: 'Hi', sealed: { issuer: 'gemini', value: 't' } },
    ])
  })

  it('reads the same blocks from either spelling', () => {
    const bare = (block: Block | undefined) => ({ ...block, ext: undefined })
    const [snake, camel] = decode([{ inline_data: { mime_type: 'image/png', data: png } }, { inlineData: { mimeType: 'image/png', data: png } }])
    expect(bare(snake)).toEqual(bare(camel))
  })

  it('pairs results with calls by id, else by name and order', () => {
    const [first, second, other, ...results] = decode([
      { functionCall: { name: 'f', args: { a: 1 } } },
      { functionCall: { name: 'f', args: { a: 2 } } },
      { functionCall: { name: 'g', id: 'own' } },
      { functionResponse: { name: 'g', id: 'own', response: {} } },
      { functionResponse: { name: 'f', response: {} } },
      { functionResponse: { name: 'f', id: 'late', response: {} } },
      { functionResponse: { name: 'f', response: {} } },
    ]) as [Block & { id: string }, Block & { id: string }, Block, ...Block[]]
    expect(other).toMatchObject({ id: 'own' })
    expect(results.slice(0, 3)).toMatchObject([{ callId: 'own' }, { callId: first.id }, { callId: second.id }])
    expect([first.id, second.id]).not.toContain((results[3] as { callId?: string }).callId)
  })

  it('gives calls without an id the same one at every turn, and others in every reply', () => {
    const history: JsonObject[] = [{ functionCall: { name: 'f' } }, { functionCall: { name: 'f' } }]
    const ids = (blocks: readonly Block[]) => blocks.map((block) => (block.type === 'tool-call' ? block.id : ''))
    const longer = decode([...history, { functionCall: { name: 'f' } }])
    expect(ids(longer).slice(0, 2)).toEqual(ids(decode(history)))
    expect(new Set(ids(longer)).size).toBe(3)
    expect(new CallIds('one').call('f', undefined)).not.toEqual(new CallIds('two').call('f', undefined))
  })

  it.each<readonly [JsonObject, Partial<Block> & JsonObject]>([
    [{ output: 'a' }, { content: [{ type: 'text', text: 'a' }] as unknown as Json }],
    [{ content: 'a' }, { content: [{ type: 'text', text: 'a' }] as unknown as Json }],
    [{ a: 1 }, { content: [{ type: 'text', text: '{"a":1}' }] as unknown as Json }],
    [{ error: 'a' }, { content: [{ type: 'text', text: 'a' }] as unknown as Json, isError: true }],
  ])('reads the response %j', (response, expected) => {
    expect(decode([{ functionResponse: { name: 'f', response } }])[0]).toMatchObject(expected)
  })

  it('writes calls and results of other protocols', () => {
    const { parts, losses } = encode(
      [
        { type: 'tool-call', id: 'a', name: 'f', argumentsText: '{"b":1}', form: 'json', executedBy: 'client', sealed: { issuer: 'x', value: 's' } },
        { type: 'tool-result', callId: 'a', content: [{ type: 'text', text: 'ok' }], form: 'text' },
        { type: 'tool-result', callId: 'b', isError: true, name: 'g', content: [{ type: 'text', text: 'no' }], form: 'text' },
      ],
      { callName: () => 'f' },
    )
    expect(parts).toEqual([
      { functionCall: { id: 'a', name: 'f', args: { b: 1 } }, thoughtSignature: 's' },
      { functionResponse: { id: 'a', name: 'f', response: { output: 'ok' } } },
      { functionResponse: { id: 'b', name: 'g', response: { error: 'no' } } },
    ])
    expect(losses.losses).toEqual([])
  })

  it('puts media of results inside of them, or behind the last of them', () => {
    const image: Block = { type: 'media', kind: 'image', mediaType: 'image/png', source: { type: 'base64', data: png } }
    const blocks: Block[] = ['a', 'b'].map((id) => ({ type: 'tool-result', callId: id, name: id, content: [image], form: 'blocks' }))
    const inline = { inlineData: { mimeType: 'image/png', data: png } }
    const result = (id: string) => ({ id, name: id, response: { output: '' } })
    expect(encode(blocks, { mediaInResults: true }).parts[1]).toEqual({ functionResponse: { ...result('b'), parts: [inline] } })
    expect(encode([...blocks, { type: 'text', text: 'x' }]).parts).toEqual([
      { functionResponse: result('a') },
      { functionResponse: result('b') },
      inline,
      inline,
      { text: 'x' },
    ])
  })

  it('names what has no place', () => {
    const { parts, losses } = encode([
      { type: 'media', kind: 'file', source: { type: 'file', fileId: 'file-1', issuer: 'other' } },
      { type: 'foreign', protocol: 'other', kind: 'thing', value: {} },
      { type: 'tool-call', id: 'a', name: 'web-search', argumentsText: '{}', form: 'json', executedBy: 'provider' },
      { type: 'text', text: 'x', annotations: [{ protocol: 'other', value: {} }], ext: { other: { cache_control: { type: 'ephemeral' } } } },
    ])
    expect(parts).toEqual([{ text: 'x' }])
    expect(losses.losses.map(({ path, feature }) => `${path} ${feature}`)).toEqual([
      'content[0] file-reference',
      'content[1] thing',
      'content[2] hosted-tool-call',
      'content[3].cache_control cache-marker',
      'content[3].annotations[0] annotations',
    ])
  })

  it('writes media behind addresses with a media type', () => {
    const url = (address: string): Block => ({ type: 'media', kind: 'image', source: { type: 'url', url: address } })
    expect(encode([url('https://example.com/a.webp?x=1.gif'), url('https://youtu.be/abc'), url('data:image/gif;base64,R0lG')]).parts).toEqual([
      { fileData: { mimeType: 'image/webp', fileUri: 'https://example.com/a.webp?x=1.gif' } },
      { fileData: { fileUri: 'https://youtu.be/abc' } },
      { inlineData: { mimeType: 'image/gif', data: 'R0lG' } },
    ])
  })

  it('refuses a field of the wrong type with its path', () => {
    expect(() => decode([{ functionCall: { name: 1 } }])).toThrow('parts[0].functionCall.name')
  })
})
