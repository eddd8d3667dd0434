import type { JsonObject, ReplyEvent } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { accumulate, eventsOf, protocol, protocolId, stream } from './subject.ts'

const start = {
  type: 'message_start',
  message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-test', content: [], usage: { input_tokens: 5, output_tokens: 1 } },
}
const delta = { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 9 } }
const stop = { type: 'message_stop' }
const ping = { type: 'ping' }

type Wire = JsonObject & { readonly type: string }

function opened(block: JsonObject, index = 0): Wire {
  return { type: 'content_block_start', index, content_block: block }
}

function grown(by: JsonObject, index = 0): Wire {
  return { type: 'content_block_delta', index, delta: by }
}

function closed(index = 0): Wire {
  return { type: 'content_block_stop', index }
}

function decode(...events: readonly Wire[]): ReplyEvent[] {
  return eventsOf([stream(...events)])
}

function blocksOf(...events: readonly Wire[]) {
  return accumulate(decode(start, ...events, delta, stop)).candidates[0]?.blocks
}

describe('a stream of messages', () => {
  it('passes over pings wherever they come', () => {
    const events = decode(
      ping,
      start,
      ping,
      opened({ type: 'text', text: '' }),
      ping,
      grown({ type: 'text_delta', text: 'a' }),
      closed(),
      ping,
      delta,
      ping,
      stop,
      ping,
    )
    expect(events.map(({ type }) => type)).toEqual(['reply-start', 'usage', 'block-start', 'block-delta', 'block-end', 'usage', 'finish', 'reply-end'])
  })

  it('counts cumulatively: later figures replace earlier ones, a null replaces nothing', () => {
    const first = {
      ...start,
      message: {
        ...start.message,
        usage: {
          input_tokens: 5,
          cache_creation_input_tokens: 7,
          cache_read_input_tokens: 0,
          cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 3 },
          output_tokens: 1,
        },
      },
    }
    const last = { ...delta, usage: { input_tokens: 6, cache_creation_input_tokens: null, output_tokens: 40, output_tokens_details: { thinking_tokens: 30 } } }
    const figures = { inputUncached: 6, cacheWrite: 7, cacheWriteLong: 3, cacheRead: 0, output: 40, reasoning: 30, source: 'measured' }
    const events = decode(first, last, stop)
    expect(events.findLast(({ type }) => type === 'usage')).toMatchObject({ usage: figures })
    expect(accumulate(events).usage).toMatchObject(figures)
  })

  it('does not take an unknown figure for zero', () => {
    const first = { ...start, message: { ...start.message, usage: { input_tokens: 5, cache_read_input_tokens: null, output_tokens: 1 } } }
    const { usage } = accumulate(decode(first, delta, stop))
    expect(usage).not.toHaveProperty('cacheRead')
    expect(usage).not.toHaveProperty('cacheWrite')
    expect(usage?.raw).toEqual({ input_tokens: 5, cache_read_input_tokens: null, output_tokens: 9 })
  })

  it.each([
    ['no delta', []],
    ['an empty delta', [grown({ type: 'input_json_delta', partial_json: '' })]],
  ])('reads {} from a call with %s', (_name, deltas) => {
    expect(blocksOf(opened({ type: 'tool_use', id: 't', name: 'f', input: {} }), ...deltas, closed())).toMatchObject([
      { type: 'tool-call', argumentsText: '{}' },
    ])
  })

  it('keeps a call’s arguments as they were written, in the pieces they came in', () => {
    const pieces = ['{"a" :', ' 1.0,', '"b":"\\u00e9"}']
    const events = decode(
      start,
      opened({ type: 'tool_use', id: 't', name: 'f', input: {} }),
      ...pieces.map((partial_json) => grown({ type: 'input_json_delta', partial_json })),
      closed(),
      delta,
      stop,
    )
    expect(events.filter(({ type }) => type === 'block-delta')).toMatchObject(pieces.map((text) => ({ delta: { type: 'text', text } })))
    expect(accumulate(events).candidates[0]?.blocks).toMatchObject([{ argumentsText: pieces.join('') }])
  })

  it('takes arguments that came with the opening, unless deltas say otherwise', () => {
    const open = opened({ type: 'tool_use', id: 't', name: 'f', input: { a: 1 }, caller: { type: 'direct' } })
    expect(blocksOf(open, closed())).toMatchObject([{ argumentsText: '{"a":1}', ext: { [protocolId]: { caller: { type: 'direct' } } } }])
    expect(blocksOf(open, grown({ type: 'input_json_delta', partial_json: '{"a":2}' }), closed())).toMatchObject([{ argumentsText: '{"a":2}' }])
  })

  it('reads thoughts with their seal, hidden ones, and citations', () => {
    expect(
      blocksOf(
        opened({ type: 'thinking', thinking: '', signature: '' }),
        grown({ type: 'thinking_delta', thinking: 'hm' }),
        grown({ type: 'signature_delta', signature: 'sig' }),
        closed(),
        opened({ type: 'redacted_thinking', data: 'opaque' }, 1),
        closed(1),
        opened({ type: 'text', text: '', citations: [] }, 2),
        grown({ type: 'citations_delta', citation: { type: 'char_location' } }, 2),
        grown({ type: 'text_delta', text: 'so' }, 2),
        closed(2),
      ),
    ).toEqual([
      { type: 'reasoning', text: 'hm', sealed: { issuer: protocolId, value: 'sig' } },
      { type: 'reasoning', text: '', redacted: true, sealed: { issuer: protocolId, value: 'opaque' } },
      { type: 'text', text: 'so', annotations: [{ protocol: protocolId, value: { type: 'char_location' } }] },
    ])
  })

  it('keeps hosted tools and unknown blocks whole, with their deltas', () => {
    const blocks = blocksOf(
      opened({ type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      grown({ type: 'input_json_delta', partial_json: '{"query":' }),
      grown({ type: 'input_json_delta', partial_json: '"x"}' }),
      closed(),
      opened({ type: 'compaction', content: null }, 1),
      grown({ type: 'compaction_delta', content: 'summary', encrypted_content: 'e' }, 1),
      closed(1),
      opened({ type: 'novel_block', text: 'a' }, 2),
      grown({ type: 'text_delta', text: 'b' }, 2),
      closed(2),
    )
    expect(blocks?.map((block) => (block.type === 'foreign' ? block.value : block))).toEqual([
      expect.objectContaining({ type: 'tool-call', id: 's', name: 'web-search', argumentsText: '{"query":"x"}', executedBy: 'provider' }),
      { type: 'compaction', content: 'summary', encrypted_content: 'e' },
      { type: 'novel_block', text: 'ab' },
    ])
  })

  it('passes unknown events and deltas on as foreign ones', () => {
    const events = decode(start, { type: 'novel_event', a: 1 }, opened({ type: 'text', text: '' }), grown({ type: 'novel_delta', b: 2 }), closed(), delta, stop)
    expect(events[2]).toEqual({ type: 'foreign', protocol: protocolId, kind: 'novel_event', value: { type: 'novel_event', a: 1 } })
    expect(events[4]).toMatchObject({ type: 'block-delta', delta: { type: 'foreign', protocol: protocolId, value: { b: 2 } } })
  })

  it('reads content that the first event holds already', () => {
    const full = {
      ...start,
      message: {
        ...start.message,
        content: [
          { type: 'text', text: 'early' },
          { type: 'tool_use', id: 't', name: 'f', input: { a: 1 } },
        ],
      },
    }
    expect(accumulate(decode(full, delta, stop)).candidates[0]?.blocks).toMatchObject([{ text: 'early' }, { argumentsText: '{"a":1}' }])
  })

  it('numbers blocks by itself, whatever numbers a host gives them', () => {
    const events = decode(
      start,
      opened({ type: 'text', text: 'a' }, 7),
      closed(7),
      opened({ type: 'text', text: 'b' }, 7),
      opened({ type: 'text', text: 'c' }, 7),
      closed(7),
      delta,
      stop,
    )
    expect(events.flatMap((event) => (event.type === 'block-start' || event.type === 'block-end' ? [`${event.type} ${event.index}`] : []))).toEqual([
      'block-start 0',
      'block-end 0',
      'block-start 1',
      'block-end 1',
      'block-start 2',
      'block-end 2',
    ])
  })

  it('closes what is open when the message stops, and begins a reply that did not begin', () => {
    const events = decode(opened({ type: 'text', text: 'a' }), delta, stop)
    expect(events.map(({ type }) => type)).toEqual(['reply-start', 'block-start', 'usage', 'block-end', 'finish', 'reply-end'])
  })
})

describe('a stream that fails', () => {
  it('ends with the vendor’s error, and nothing follows it', () => {
    const events = decode(start, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'r' }, delta, stop)
    expect(events.at(-1)).toEqual({ type: 'error', error: { status: 529, kind: 'overloaded', message: 'Overloaded', vendorType: 'overloaded_error' } })
    expect(events).toHaveLength(3)
  })

  it('ends in an error when it is cut, after closing what was open', () => {
    const events = decode(start, opened({ type: 'tool_use', id: 't', name: 'f', input: {} }), grown({ type: 'input_json_delta', partial_json: '{"a' }))
    expect(events.slice(-2)).toMatchObject([
      { type: 'block-end', index: 0 },
      { type: 'error', error: { kind: 'upstream', status: 502, code: 'TKL_UPSTREAM_CUT' } },
    ])
  })

  it.each([
    ['text that is no JSON', 'data: {"type":"content_bl\n\n'],
    ['a value that is no object', 'data: 7\n\n'],
    ['an event without a type', 'data: {}\n\n'],
    ['a delta for a block that is not open', 'data: {"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"x"}}\n\n'],
    ['a block without a number', 'data: {"type":"content_block_start","content_block":{"type":"text"}}\n\n'],
    ['a text that is a number', 'data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":5}}\n\n'],
    [
      'values nested too deeply',
      `data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}}\n\n`,
    ],
  ])('ends in an error, without throwing, at %s', (_name, bytes) => {
    const decoder = eventsOf([Buffer.from(stream(start)), Buffer.from(bytes), stream(delta, stop)])
    expect(decoder.at(-1)).toMatchObject({ type: 'error', error: { code: 'TKL_UPSTREAM_MALFORMED', status: 502 } })
  })

  it('says nothing more once it has ended', () => {
    const decoder = protocol.createStreamDecoder()
    for (const event of [start, delta, stop]) decoder.push({ event: event.type, data: JSON.stringify(event) })
    expect(decoder.push({ event: 'message_delta', data: JSON.stringify(delta) })).toEqual([])
    expect(decoder.push({ event: '', data: '[DONE]' })).toEqual([])
    expect(decoder.end()).toEqual([])
  })
})
