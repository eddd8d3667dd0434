import { type Block, type JsonObject, LossSink, replyReader } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { decodeOutputItem } from '../../../../plugins/protocol/openai-responses/item/decode-output-item.ts'
import { encodeOutputItems } from '../../../../plugins/protocol/openai-responses/item/encode-output-items.ts'
import { itemIds } from '../../../../plugins/protocol/openai-responses/item/item-context.ts'
import { replyOptions } from './subject.ts'

const decode = (item: JsonObject) => decodeOutputItem(item, 'output[0]', replyReader)

function bare(blocks: readonly Block[]): unknown[] {
  return blocks.map(({ ext: _, ...block }) => block)
}

const toolSearch = { type: 'tool_search', execution: 'client', description: 'Finds tools.', parameters: { type: 'object', properties: {} } }

function encode(use: 'reply' | 'history', ...blocks: readonly Block[]) {
  const losses = new LossSink()
  const { conversation } = replyOptions({ tools: [toolSearch] })
  const context = { use, native: false, conversation, losses, ...(use === 'reply' && { newId: itemIds('r') }) } as const
  const items = encodeOutputItems(
    blocks.map((block, index) => [block, `content[${index}]`]),
    context,
  )
  return { items, lost: losses.losses.map(({ path, feature, action, severity }) => `${path} ${feature} ${action} ${severity}`) }
}

const text = (said: string, more: Partial<Extract<Block, { type: 'text' }>> = {}): Block => ({ type: 'text', text: said, ...more })
const called: Block = { type: 'tool-call', id: 'toolu_1', name: 'look', argumentsText: '{"a": 1}', form: 'json', executedBy: 'client' }
const hosted = (name: string, argumentsText: string): Block => ({ type: 'tool-call', id: 'srv_1', name, argumentsText, form: 'json', executedBy: 'provider' })

describe('an item of the vendor', () => {
  it('gives one block for each part of a message, in order', () => {
    const cited = { type: 'url_citation', url: 'https://x.example/', title: 'X', start_index: 1, end_index: 3 }
    const item = {
      id: 'msg_1',
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: [
        { type: 'output_text', text: '🙂abc', annotations: [cited] },
        { type: 'refusal', refusal: 'No.' },
      ],
    }
    expect(bare(decode(item))).toEqual([
      {
        type: 'text',
        text: '🙂abc',
        // The vendor counts the emoji as one.
        annotations: [{ protocol: 'openai-responses', value: cited, citation: { url: 'https://x.example/', title: 'X', start: 2, end: 4 } }],
      },
      { type: 'refusal', text: 'No.' },
    ])
  })

  it('is one block of reasoning however many parts it has, because a seal holds one block', () => {
    const summary = [
      { type: 'summary_text', text: 'First.' },
      { type: 'summary_text', text: 'Second.' },
    ]
    const [block] = decode({ id: 'rs_1', type: 'reasoning', summary, encrypted_content: 'AAAA' })
    expect(bare([block as Block])).toEqual([
      { type: 'reasoning', text: 'First.\n\nSecond.', summary: true, sealed: { issuer: 'openai-responses', value: 'AAAA' } },
    ])
    expect(encode('history', block as Block).items).toEqual([{ id: 'rs_1', type: 'reasoning', summary, encrypted_content: 'AAAA' }])
  })

  it('is hidden reasoning when only its encrypted content is there', () => {
    expect(bare(decode({ id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'AAAA' }))).toEqual([
      { type: 'reasoning', text: '', redacted: true, sealed: { issuer: 'openai-responses', value: 'AAAA' } },
    ])
  })

  it('keeps the arguments of calls as they stood, and what groups they belong to', () => {
    expect(
      bare([
        ...decode({ type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'look', namespace: 'eyes', arguments: '{ "a":1.0 }' }),
        ...decode({ type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_2', name: 'apply_patch', input: '*** Begin "Patch"\n' }),
        ...decode({ type: 'tool_search_call', id: 'tsc_1', call_id: 'call_3', execution: 'client', status: 'completed', arguments: { query: 'x' } }),
      ]),
    ).toEqual([
      { type: 'tool-call', id: 'call_1', name: 'look', namespace: 'eyes', argumentsText: '{ "a":1.0 }', form: 'json', executedBy: 'client' },
      { type: 'tool-call', id: 'call_2', name: 'apply_patch', argumentsText: '*** Begin "Patch"\n', form: 'text', executedBy: 'client' },
      { type: 'tool-call', id: 'call_3', name: 'tool_search', argumentsText: '{"query":"x"}', form: 'json', executedBy: 'client' },
    ])
  })

  it('tells what the provider ran, and what it found', () => {
    const search = {
      id: 'ws_1',
      type: 'web_search_call',
      status: 'completed',
      action: { type: 'search', query: 'x', sources: [{ type: 'url', url: 'https://x.example/' }] },
    }
    const code = { id: 'ci_1', type: 'code_interpreter_call', status: 'failed', code: '1/0', container_id: 'c', outputs: [{ type: 'logs', logs: 'oops' }] }
    const mcp = { id: 'mcp_1', type: 'mcp_call', status: 'failed', server_label: 's', name: 'n', arguments: '{}', output: null, error: 'refused' }
    const failed = { id: 'ws_2', type: 'web_search_call', status: 'failed', action: { type: 'search', query: 'y' } }
    const call = { type: 'tool-call', form: 'json', executedBy: 'provider' }
    const result = { type: 'tool-result', form: 'blocks' }
    expect(bare([search, failed, code, mcp].flatMap((item) => decode(item)))).toEqual([
      { ...call, id: 'ws_1', name: 'web-search', argumentsText: '{"query":"x"}' },
      { ...result, callId: 'ws_1', name: 'web-search', content: [{ type: 'text', text: 'https://x.example/' }] },
      { ...call, id: 'ws_2', name: 'web-search', argumentsText: '{"query":"y"}' },
      { ...result, callId: 'ws_2', name: 'web-search', isError: true, content: [] },
      { ...call, id: 'ci_1', name: 'code-execution', argumentsText: '{"code":"1/0"}' },
      { ...result, callId: 'ci_1', name: 'code-execution', isError: true, content: [{ type: 'text', text: 'oops' }] },
      { ...call, id: 'mcp_1', name: 'mcp', argumentsText: '{}' },
      { ...result, callId: 'mcp_1', name: 'mcp', isError: true, content: [{ type: 'text', text: 'refused' }] },
    ])
  })

  it('is a foreign block when no other protocol has its like', () => {
    const item = { id: 'cmp_1', type: 'compaction', encrypted_content: 'AAAA' }
    expect(bare(decode(item))).toEqual([{ type: 'foreign', protocol: 'openai-responses', kind: 'compaction', value: item }])
  })

  it.each([
    [{ type: 'function_call', call_id: 'c' }, 'output[0].name'],
    [{ type: 'message', content: [{ type: 'output_text', text: 5 }] }, 'output[0].content[0].text'],
    [{ type: 'reasoning', summary: 'x' }, 'output[0].summary'],
  ])('is malformed as %j', (item, path) => {
    expect(() => decode(item)).toThrow(path)
  })
})

describe('what another vendor’s model said', () => {
  it('goes to a caller as items with ids of their own, texts that follow one another as parts of one message', () => {
    const { items, lost } = encode('reply', { type: 'reasoning', text: 'Hm.', sealed: { issuer: 'x', value: 'tkl1.a' } }, text('One.'), text('Two.'), called)
    const part = { type: 'output_text', annotations: [], logprobs: [] }
    expect(items).toEqual([
      { id: 'rs_r0000', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'tkl1.a' },
      {
        id: 'msg_r0001',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [
          { ...part, text: 'One.' },
          { ...part, text: 'Two.' },
        ],
      },
      { id: 'fc_r0002', type: 'function_call', status: 'completed', call_id: 'toolu_1', name: 'look', arguments: '{"a": 1}' },
    ])
    expect(lost).toEqual([])
  })

  it('goes into a history without ids and without thoughts that nobody sealed', () => {
    const { items, lost } = encode('history', { type: 'reasoning', text: 'Hm.' }, text('One.'), called)
    expect(items).toEqual([
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', annotations: [], text: 'One.' }] },
      { type: 'function_call', call_id: 'toolu_1', name: 'look', arguments: '{"a": 1}' },
    ])
    expect(lost).toEqual(['content[0] thinking dropped hint'])
  })

  it('calls the caller’s own search in the form that it waits for', () => {
    const { items } = encode('reply', { ...called, name: 'tool_search' } as Block)
    expect(items).toEqual([{ id: 'tsc_r0000', type: 'tool_search_call', status: 'completed', call_id: 'toolu_1', execution: 'client', arguments: { a: 1 } }])
  })

  it('keeps the seal of a call in an item behind it, as that has no slot for it', () => {
    const { items } = encode('reply', { ...called, sealed: { issuer: 'gemini', value: 'tkl1.b' } } as Block)
    expect(items.map(({ type }) => type)).toEqual(['function_call', 'reasoning'])
    expect(items[1]).toEqual({ id: 'rs_r0001', type: 'reasoning', summary: [], encrypted_content: 'tkl1.b' })
  })

  it('shows searches and runs of code as the vendor’s own', () => {
    const found: Block = { type: 'tool-result', callId: 'srv_1', content: [text('2')], form: 'blocks' }
    expect(encode('reply', hosted('code-execution', '{"code":"1+1"}'), found)).toEqual({
      items: [
        {
          id: 'ci_r0000',
          type: 'code_interpreter_call',
          status: 'completed',
          code: '1+1',
          container_id: 'cntr_r0001',
          outputs: [{ type: 'logs', logs: '2' }],
        },
      ],
      lost: ['content[0].container_id container invented hint'],
    })
    expect(encode('reply', hosted('code-execution', '{"command":"ls"}'), found).items[0]).toMatchObject({ code: 'ls' })
    expect(encode('reply', hosted('web-search', '{"query":"x"}'), found)).toEqual({
      items: [{ id: 'ws_r0000', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'x' } }],
      lost: ['content[0].result hosted-tool-result dropped hint'],
    })
    expect(encode('reply', hosted('mcp', '{}'), found).lost).toEqual(['content[0] hosted-tool-call dropped semantic'])
  })

  it('shows a picture, and reports other media', () => {
    const media = (kind: 'image' | 'audio'): Block => ({ type: 'media', kind, mediaType: `${kind}/x`, source: { type: 'base64', data: 'AAAA' } })
    expect(encode('reply', media('image'), media('audio'))).toEqual({
      items: [{ id: 'ig_r0000', type: 'image_generation_call', status: 'completed', result: 'AAAA' }],
      lost: ['content[1] audio dropped semantic'],
    })
  })

  it('cites addresses and files in the vendor’s words, and reports what has none', () => {
    const citations = [{ url: 'https://x.example/', start: 0, end: 2 }, { fileId: 'f', title: 'F.pdf', quote: 'words' }, { title: 'A book' }]
    const { items, lost } = encode('reply', text('🙂', { annotations: citations.map((citation) => ({ protocol: 'x', value: {}, citation })) }))
    expect(items[0]?.content).toEqual([
      {
        type: 'output_text',
        text: '🙂',
        logprobs: [],
        annotations: [
          { type: 'url_citation', url: 'https://x.example/', title: 'https://x.example/', start_index: 0, end_index: 1 },
          { type: 'file_citation', file_id: 'f', filename: 'F.pdf', index: 0 },
        ],
      },
    ])
    expect(lost).toEqual(['content[0].annotations.quote citation-quote dropped hint', 'content[0].annotations citations dropped semantic'])
  })

  it('has arguments that can be read as JSON, and ids of calls that the vendor takes', () => {
    const long = 'x'.repeat(65)
    expect(encode('reply', { ...called, id: long, argumentsText: '' } as Block).items[0]).toMatchObject({ call_id: long, arguments: '{}' })
    expect(String(encode('history', { ...called, id: long } as Block).items[0]?.call_id)).toMatch(/^call_[0-9a-f]{40}$/)
  })
})
