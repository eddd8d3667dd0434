import { type Block, type Conversation, LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { settle } from '../../../../plugins/protocol/gemini/request/settle.ts'
import { decodeRequest } from './request-subject.ts'

const hello = [{ role: 'user', parts: [{ text: 'Hello' }] }]

function settled(body: object): { readonly conversation: Conversation; readonly lost: readonly string[] } {
  const losses = new LossSink()
  const conversation = settle(decodeRequest({ contents: hello, ...body }), losses)
  return { conversation, lost: losses.losses.map(({ path, feature, action, severity }) => `${path} ${feature} ${action} ${severity}`) }
}

describe('what only this vendor means', () => {
  it('is reported by what its absence changes, and taken out', () => {
    const { conversation, lost } = settled({
      safetySettings: [
        { category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' },
        { category: 'HARM_CATEGORY_JAILBREAK', threshold: 'BLOCK_LOW_AND_ABOVE' },
      ],
      cached_content: 'cachedContents/a',
      store: true,
      novel: 1,
      nothing: null,
      generationConfig: {
        responseModalities: ['TEXT'],
        speechConfig: { voiceConfig: {} },
        response_modalities: ['AUDIO'],
        mediaResolution: 'MEDIA_RESOLUTION_MEDIUM',
      },
      toolConfig: { retrievalConfig: { languageCode: 'de' }, includeServerSideToolInvocations: true, functionCallingConfig: { mode: 'VALIDATED' } },
      tools: [{ googleSearch: { timeRangeFilter: { startTime: 'x' }, excludeDomains: ['a.example'] } }],
    })
    expect(lost).toEqual([
      'safetySettings[0] safety-settings dropped hint',
      'safetySettings[1] safety-settings dropped semantic',
      'cachedContent cached-content dropped semantic',
      'store stored-replies dropped hint',
      'novel novel dropped semantic',
      'toolConfig.retrievalConfig retrieval-config dropped semantic',
      'toolConfig.includeServerSideToolInvocations include-server-side-tool-invocations dropped hint',
      'generationConfig.speechConfig speech-config dropped semantic',
      'generationConfig.responseModalities response-modalities dropped semantic',
      'generationConfig.mediaResolution media-resolution dropped hint',
      'toolConfig.functionCallingConfig.mode tool-choice approximated hint',
      'tools[0].googleSearch.timeRangeFilter time-range-filter dropped semantic',
    ])
    expect(conversation).not.toHaveProperty('ext')
  })

  it('becomes neutral where there is a word for it', () => {
    const image = { inlineData: { mimeType: 'image/png', data: 'AAAA' } }
    const { conversation, lost } = settled({
      contents: [{ role: 'user', parts: [image] }],
      labels: { team: 'a' },
      generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW' },
    })
    expect(conversation).toMatchObject({ metadata: { team: 'a' }, turns: [{ blocks: [{ type: 'media', detail: 'low' }] }] })
    expect(lost).toEqual(['generationConfig.mediaResolution media-resolution approximated hint'])
  })

  it('is the detail of one image', () => {
    const media = (mimeType: string, level: string) => ({ inlineData: { mimeType, data: 'AAAA' }, mediaResolution: { level }, partMetadata: { a: 1 } })
    const { conversation, lost } = settled({
      contents: [{ role: 'user', parts: [media('image/png', 'MEDIA_RESOLUTION_HIGH'), media('image/png', 'x'), media('video/mp4', 'MEDIA_RESOLUTION_LOW')] }],
      generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW' },
    })
    expect(conversation.turns[0]?.blocks.map((block) => block.type === 'media' && block.detail)).toEqual(['high', undefined, undefined])
    expect(conversation.turns[0]?.blocks[0]).toMatchObject({ ext: { gemini: { partMetadata: { a: 1 } } } })
    expect(lost).toEqual([
      'generationConfig.mediaResolution media-resolution approximated hint',
      'messages[0].content[0].mediaResolution media-resolution approximated hint',
      'messages[0].content[1].mediaResolution media-resolution dropped hint',
      'messages[0].content[2].mediaResolution media-resolution dropped hint',
    ])
  })

  it('is all that is not said of an MCP server in neutral words', () => {
    const streamableHttpTransport = { url: 'https://a.example', headers: { Authorization: 'Bearer t', 'x-team': 'a' }, timeout: '3s' }
    const { conversation, lost } = settled({ tools: [{ mcpServers: [{ name: 'a', streamableHttpTransport }] }] })
    expect(conversation.tools).toMatchObject([{ hosted: { service: 'mcp', name: 'a', url: 'https://a.example', authorization: 't' } }])
    expect(lost).toEqual(['tools[0].mcpServers.timeout timeout dropped semantic', 'tools[0].mcpServers.headers.x-team headers dropped semantic'])
  })

  it('is asked for where only the vendor can enforce it: one of several words', () => {
    const { conversation, lost } = settled({
      systemInstruction: { parts: [{ text: 'Sort it.' }] },
      generationConfig: { responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['good', 'bad'] } },
    })
    expect(conversation).not.toHaveProperty('output')
    expect(conversation.instructions).toMatchObject([{ text: 'Sort it.' }, { text: expect.stringContaining('["good","bad"]') }])
    expect(lost).toEqual(['generationConfig.responseMimeType output-format approximated semantic'])
  })

  it('is not there in a plain request', () => {
    expect(
      settled({ model: 'models/a', generationConfig: { temperature: 1 }, toolConfig: { functionCallingConfig: { mode: 'AUTO' } }, safetySettings: [] }).lost,
    ).toEqual([])
  })
})

describe('neighbours of one role', () => {
  it('become one turn: chunks of an answer, and the results of parallel calls', () => {
    const call = (name: string) => ({ functionCall: { name, args: {} } })
    const result = (name: string) => ({ functionResponse: { name, response: { output: name } } })
    const { conversation } = settled({
      contents: [
        { parts: [{ text: 'Hi' }] },
        { role: 'user', parts: [{ text: 'there' }] },
        { role: 'model', parts: [{ text: 'a' }] },
        { role: 'MODEL', parts: [call('get')] },
        { role: 'model', parts: [call('put')] },
        { role: 'user', parts: [result('put')] },
        { role: 'user', parts: [result('get'), { text: 'b' }] },
      ],
    })
    expect(conversation.turns.map(({ role, blocks }) => [role, ...blocks.map(({ type }) => type)])).toEqual([
      ['user', 'text', 'text'],
      ['assistant', 'text', 'tool-call', 'tool-call'],
      ['user', 'tool-result', 'tool-result', 'text'],
    ])
  })

  it('hold what the model said in pieces as it would have been said whole', () => {
    const thoughtful = (text: string, thoughtSignature?: string) => ({ text, thought: true, ...(thoughtSignature && { thoughtSignature }) })
    const model = (...parts: object[]) => ({ role: 'model', parts })
    const call = { functionCall: { name: 'get', args: {} } }
    const { conversation, lost } = settled({
      contents: [
        ...hello,
        model(thoughtful('Let me ')),
        model(thoughtful('see.')),
        model({ text: 'Hel' }),
        model({ text: 'lo' }, { text: '!' }),
        model(call),
        model({ text: 'And ' }),
        model({ text: 'more', thoughtSignature: 'sig' }),
        model({ text: '.' }),
        model({ text: '' }),
        { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
        model({ text: 'c', odd: 1 }),
        model({ text: 'd' }),
        model({ text: '' }),
        { role: 'user', parts: [{ text: 'e' }] },
        model({ text: '' }),
        model({ text: '' }),
      ],
    })
    expect(conversation.turns.slice(1).map(({ blocks }) => blocks.map((block) => ('text' in block ? block.text : block.type)))).toEqual([
      ['Let me see.', 'Hello!', 'tool-call', 'And ', 'more', '.'],
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
      [''],
    ])
    expect(lost).toEqual([])
  })

  it('hold thoughts once that came piece by piece and, behind the last, whole in their seal', () => {
    const decoded = decodeRequest({
      contents: [
        { role: 'user', parts: [{ text: 'a' }] },
        ...['Let me ', 'see.'].map((text) => ({ role: 'model', parts: [{ text, thought: true }] })),
        { role: 'model', parts: [{ text: '', thought: true, thoughtSignature: 'tkl1.x' }] },
      ],
    })
    const whole: Block = { type: 'reasoning', text: 'Let me see.', sealed: { issuer: 'other', value: 'v' } }
    const turns = decoded.turns.map((turn, index) => (index === 3 ? { ...turn, blocks: [whole] } : turn))
    expect(settle({ ...decoded, turns }, new LossSink()).turns).toMatchObject([{ role: 'user' }, { blocks: [whole] }])
  })

  it('keep what other protocols have to report', () => {
    const { conversation } = settled({
      contents: [
        { role: 'user', parts: [{ text: 'a' }], odd: 1 },
        { role: 'user', parts: [{ text: 'b' }], even: 2 },
      ],
    })
    expect(conversation.turns).toMatchObject([{ ext: { gemini: { odd: 1, even: 2 } } }])
  })
})
