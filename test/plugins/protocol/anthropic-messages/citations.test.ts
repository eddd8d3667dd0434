import { type Annotation, type Citation, LossSink, type Reply, replyEvents } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { decodeRequest, encodeRequest, encodeStream, protocol, replyOptions, written } from './subject.ts'

const place = { cited_text: 'Rome is old.', document_index: 0, document_title: 'Cities', file_id: null }
const own: readonly (readonly [object, Citation | undefined])[] = [
  [
    { type: 'char_location', ...place, start_char_index: 0, end_char_index: 9 },
    { title: 'Cities', quote: 'Rome is old.' },
  ],
  [
    { type: 'page_location', ...place, file_id: 'file_1', start_page_number: 1, end_page_number: 2 },
    { fileId: 'file_1', title: 'Cities', quote: 'Rome is old.' },
  ],
  [{ type: 'content_block_location', ...place, document_title: null, start_block_index: 0, end_block_index: 1 }, undefined],
  [
    { type: 'web_search_result_location', url: 'https://a.example', title: 'A', cited_text: 'Old.', encrypted_index: 'x' },
    { url: 'https://a.example', title: 'A', quote: 'Old.' },
  ],
  [
    {
      type: 'search_result_location',
      source: 'https://a.example',
      title: null,
      cited_text: 'Old.',
      search_result_index: 0,
      start_block_index: 0,
      end_block_index: 1,
    },
    { url: 'https://a.example', quote: 'Old.' },
  ],
  [
    { type: 'search_result_location', source: 'shelf 3', title: null, cited_text: '', search_result_index: 0, start_block_index: 0, end_block_index: 1 },
    { title: 'shelf 3' },
  ],
]

function message(citations: readonly object[]) {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: 'Rome.', citations }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  }
}

describe('citations', () => {
  it.each(own)('are read in words that other protocols have, and written back as they stood: %j', (value, citation) => {
    const body = message([value])
    const reply = protocol.decodeReply(body as never)
    expect(reply.candidates[0]?.blocks).toMatchObject([
      { type: 'text', annotations: [{ protocol: 'anthropic-messages', value, ...(citation && { citation }) }] },
    ])
    expect(protocol.encodeReply(reply, replyOptions())).toEqual(body)
  })

  const annotation = (citation?: Citation): Annotation => ({ protocol: 'elsewhere', value: {}, ...(citation && { citation }) })
  const reply: Reply = {
    candidates: [
      {
        blocks: [
          {
            type: 'text',
            text: 'Rome is old.',
            annotations: [
              annotation({ url: 'https://a.example', title: 'A', quote: 'Old.', start: 0, end: 4 }),
              annotation({ url: 'https://b.example' }),
              annotation({ fileId: 'file_1', title: 'A file' }),
              annotation(),
            ],
          },
        ],
        finish: { reason: 'stop' },
      },
    ],
  }
  const written1 = { type: 'web_search_result_location', url: 'https://a.example', title: 'A', cited_text: 'Old.', encrypted_index: expect.any(String) }
  const written2 = { type: 'web_search_result_location', url: 'https://b.example', title: null, cited_text: '', encrypted_index: expect.any(String) }

  it('of another protocol are written when they have an address, streamed and not; others are named as lost', () => {
    const losses = new LossSink()
    const { content } = protocol.encodeReply(reply, replyOptions(losses)) as { content: object[] }
    expect(content).toEqual([{ type: 'text', text: 'Rome is old.', citations: [written1, written2] }])
    expect(losses.losses.filter(({ feature }) => feature === 'citations').map(({ path, action }) => `${path} ${action}`)).toEqual([
      'content[0].annotations[0] approximated',
      'content[0].annotations[2] dropped',
      'content[0].annotations[3] dropped',
    ])
    const deltas = written(encodeStream(replyEvents(reply))).flatMap(({ delta }) => (delta && JSON.stringify(delta).includes('citations_delta') ? [delta] : []))
    expect(deltas).toEqual([written1, written2].map((citation) => ({ type: 'citations_delta', citation })))
  })

  it('that another provider made do not go to this protocol’s own, which wants its opaque value back', () => {
    const { content } = protocol.encodeReply(reply, replyOptions()) as { content: never }
    const { messages, losses } = encodeRequest(decodeRequest({ model: 'm', max_tokens: 9, messages: [{ role: 'assistant', content }] }))
    expect(messages).toEqual([{ role: 'assistant', content: [{ type: 'text', text: 'Rome is old.' }] }])
    expect(losses.map(({ feature, severity }) => `${feature} ${severity}`)).toEqual(['citations hint'])
  })
})
