import { type Block, type FinishReason, LossSink, type ReplyEvent } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { encodeStream, replyOptions, written } from './subject.ts'

const start: ReplyEvent = { type: 'reply-start', id: 'chatcmpl-1', model: 'gpt-test' }

function opened(index: number, block: Block): ReplyEvent {
  return { type: 'block-start', index, block }
}

function grown(index: number, text: string): ReplyEvent {
  return { type: 'block-delta', index, delta: { type: 'text', text } }
}

function closed(index: number): ReplyEvent {
  return { type: 'block-end', index }
}

function ended(reason: FinishReason = 'stop'): ReplyEvent[] {
  return [
    { type: 'usage', usage: { inputUncached: 11, cacheRead: 4, output: 6, reasoning: 2, source: 'measured' } },
    { type: 'finish', finish: { reason } },
    { type: 'reply-end' },
  ]
}

function call(id: string, argumentsText = '', fields: Partial<Extract<Block, { type: 'tool-call' }>> = {}): Block {
  return { type: 'tool-call', id, name: 'f', argumentsText, form: 'json', executedBy: 'client', ...fields }
}

function encode(...events: readonly ReplyEvent[]) {
  const losses = new LossSink()
  return { events: written(encodeStream([start, ...events], replyOptions(losses))), losses: losses.losses }
}

describe('a stream for a Messages caller', () => {
  it('opens once with an estimate of the input and closes with the provider’s own figures', () => {
    const { events, losses } = encode(opened(0, { type: 'text', text: '' }), grown(0, 'hi'), closed(0), ...ended())
    expect(events).toEqual([
      {
        type: 'message_start',
        message: {
          id: 'msg_01890a5dac96774bbcceb302099a8057',
          type: 'message',
          role: 'assistant',
          model: 'gpt-test',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 7, cache_creation_input_tokens: null, cache_read_input_tokens: null, output_tokens: 0 },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: {
          input_tokens: 11,
          cache_creation_input_tokens: null,
          cache_read_input_tokens: 4,
          output_tokens_details: { thinking_tokens: 2 },
          output_tokens: 6,
        },
      },
      { type: 'message_stop' },
    ])
    expect(losses).toEqual([])
  })

  it('names each event as its data does, and keeps the end for the end', () => {
    const bytes = encodeStream([start, opened(0, { type: 'text', text: 'hi' }), closed(0)])
    expect(bytes).toMatch(/^event: message_start\ndata: \{"type":"message_start"/)
    expect(bytes).not.toContain('message_delta')
  })

  it('keeps a message id of the vendor', () => {
    expect(written(encodeStream([{ type: 'reply-start', id: 'msg_abc' }, ...ended()]))[0]).toMatchObject({ message: { id: 'msg_abc', model: 'claude-test' } })
  })

  it('opens with another protocol’s first event, so that the caller is not left without a head while the model thinks', () => {
    expect(written(encodeStream([start]))).toMatchObject([{ type: 'message_start', message: { usage: { input_tokens: 7 } } }])
    const late: ReplyEvent = { type: 'usage', usage: { inputUncached: 40, source: 'measured' } }
    const { events } = encode(late, opened(0, { type: 'text', text: 'x' }), { type: 'reply-end' })
    expect(events.map(({ type }) => type).filter((type) => type === 'message_start')).toHaveLength(1)
    expect(events.at(-2)).toMatchObject({ type: 'message_delta', usage: { input_tokens: 40 } })
  })

  it('waits for the usage of its own protocol, which belongs into its first event', () => {
    const own: ReplyEvent = { type: 'reply-start', id: 'msg_1', ext: { 'anthropic-messages': {} } }
    const usage: ReplyEvent = { type: 'usage', usage: { inputUncached: 40, source: 'measured' } }
    expect(encodeStream([own])).toBe('')
    expect(written(encodeStream([own, usage, opened(0, { type: 'text', text: 'x' })]))[0]).toMatchObject({ message: { usage: { input_tokens: 40 } } })
  })

  it('reports what every piece brings once for the reply', () => {
    const logprobs: ReplyEvent[] = Array.from({ length: 2000 }, () => ({
      type: 'block-delta',
      index: 0,
      delta: { type: 'logprobs', protocol: 'elsewhere', value: [] },
    }))
    const events: ReplyEvent[] = Array.from({ length: 50 }, () => ({ type: 'foreign', protocol: 'elsewhere', kind: 'tick', value: {} }))
    const cited = [1, 2].flatMap((index): ReplyEvent[] => [
      opened(index, { type: 'text', text: 'hm' }),
      { type: 'block-delta', index, delta: { type: 'annotation', annotation: { protocol: 'elsewhere', value: {} } } },
      closed(index),
    ])
    const { losses } = encode(opened(0, { type: 'text', text: 'x' }), ...logprobs, ...events, closed(0), ...cited, ...ended())
    expect(losses.map(({ path, feature }) => `${path} ${feature}`)).toEqual([
      'content[0].logprobs logprobs',
      'tick stream-event',
      'content[1].annotations citations',
    ])
  })

  it('never loses arguments that come together with the call’s opening', () => {
    const { events } = encode(opened(0, call('c', '{"a":')), grown(0, '1}'), closed(0), ...ended('tool-calls'))
    expect(events.filter(({ type }) => type === 'content_block_delta')).toMatchObject([{ delta: { partial_json: '{"a":' } }, { delta: { partial_json: '1}' } }])
  })

  it('puts parallel calls one behind the other, streaming the first and holding back the rest', () => {
    const first: ReplyEvent[] = [opened(0, call('a')), opened(1, call('b', '{')), grown(1, '"x":1'), grown(0, '{}')]
    const before = encode(...first).events.slice(1)
    expect(before.map(({ type, index }) => `${type} ${index}`)).toEqual(['content_block_start 0', 'content_block_delta 0'])
    const { events } = encode(...first, closed(1), closed(0), ...ended('tool-calls'))
    expect(events.slice(1, -2).map(({ type, index }) => `${type} ${index}`)).toEqual([
      'content_block_start 0',
      'content_block_delta 0',
      'content_block_stop 0',
      'content_block_start 1',
      'content_block_delta 1',
      'content_block_delta 1',
      'content_block_stop 1',
    ])
  })

  it('writes a block that goes on after its turn came live', () => {
    const { events } = encode(
      opened(0, { type: 'text', text: 'a' }),
      opened(1, call('b')),
      grown(1, '{'),
      closed(0),
      grown(1, '}'),
      closed(1),
      ...ended('tool-calls'),
    )
    const pieces = events.flatMap(({ delta }) => (delta && typeof delta === 'object' && 'partial_json' in delta ? [delta.partial_json] : []))
    expect(pieces).toEqual(['{', '}'])
  })

  it('opens no block for text that never comes, so numbers have no gap', () => {
    const { events } = encode(
      opened(0, { type: 'text', text: '' }),
      closed(0),
      opened(1, { type: 'reasoning', text: '' }),
      closed(1),
      opened(2, call('c', '{}')),
      closed(2),
      ...ended('tool-calls'),
    )
    expect(events.filter(({ type }) => type === 'content_block_start')).toMatchObject([
      { index: 0, content_block: { type: 'tool_use', id: 'c', name: 'f', input: {} } },
    ])
  })

  it('writes thoughts with an empty signature, and whatever seals them where the signature stands', () => {
    const seal: ReplyEvent = { type: 'block-delta', index: 0, delta: { type: 'sealed', sealed: { issuer: 'elsewhere', value: 'tkl1.sig' } } }
    const thoughts = encode(opened(0, { type: 'reasoning', text: '' }), grown(0, 'hm'), seal, closed(0), ...ended())
    expect(thoughts.events.slice(1, 4)).toMatchObject([
      { content_block: { type: 'thinking', thinking: '', signature: '' } },
      { delta: { type: 'thinking_delta', thinking: 'hm' } },
      { delta: { type: 'signature_delta', signature: 'tkl1.sig' } },
    ])
    const silent = encode(opened(0, { type: 'reasoning', text: '' }), seal, closed(0), ...ended())
    expect(silent.events.slice(1, 3)).toMatchObject([{ content_block: { type: 'thinking' } }, { delta: { signature: 'tkl1.sig' } }])
    expect([...thoughts.losses, ...silent.losses]).toEqual([])
  })

  it('writes free text of a call as its only argument, piece by piece', () => {
    const { events } = encode(opened(0, call('c', 'a"', { form: 'text' })), grown(0, '\n\ud83d'), grown(0, '\ude00'), closed(0), ...ended('tool-calls'))
    const json = events.flatMap(({ delta }) => (delta && typeof delta === 'object' && 'partial_json' in delta ? [delta.partial_json] : [])).join('')
    expect(JSON.parse(json)).toEqual({ input: 'a"\n😀' })
  })

  it('writes a refusal as text and says so in the stop reason', () => {
    const { events } = encode(opened(0, { type: 'refusal', text: '' }), grown(0, 'No.'), closed(0), ...ended())
    expect(events).toMatchObject([{}, { content_block: { type: 'text' } }, { delta: { text: 'No.' } }, {}, { delta: { stop_reason: 'refusal' } }, {}])
  })

  it('reports what a message cannot hold', () => {
    const { events, losses } = encode(
      opened(0, { type: 'foreign', protocol: 'elsewhere', kind: 'image_call', value: {} }),
      closed(0),
      opened(1, { type: 'media', kind: 'audio', source: { type: 'base64', data: 'AA' } }),
      closed(1),
      { type: 'block-start', index: 2, block: { type: 'text', text: 'second' }, candidate: 1 },
      closed(2),
      opened(3, { type: 'reasoning', text: '', redacted: true }),
      closed(3),
      ...ended(),
    )
    expect(events.map(({ type }) => type)).toEqual(['message_start', 'message_delta', 'message_stop'])
    expect(losses.map(({ feature, action }) => `${feature} ${action}`)).toEqual([
      'image-call dropped',
      'audio-output dropped',
      'candidates dropped',
      'reasoning dropped',
    ])
  })

  it('ends in the error event alone, whatever is still open', () => {
    const { events } = encode(
      opened(0, { type: 'text', text: 'a' }),
      { type: 'error', error: { status: 429, kind: 'rate-limit', message: 'slow down' } },
      closed(0),
      ...ended(),
    )
    expect(events.slice(-2)).toEqual([
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a' } },
      { type: 'error', error: { type: 'rate_limit_error', message: 'slow down' } },
    ])
  })

  it('makes up no usage in silence', () => {
    const { events, losses } = encode({ type: 'finish', finish: { reason: 'stop' } }, { type: 'reply-end' })
    expect(events[1]).toMatchObject({ usage: { input_tokens: 7, output_tokens: 0 } })
    expect(losses).toMatchObject([{ path: 'usage', action: 'invented', severity: 'hint' }])
  })
})
