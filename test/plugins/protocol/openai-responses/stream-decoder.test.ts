import type { JsonObject } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { accumulate, decodePieces, decodeStream, responseOf, sse } from './subject.ts'

const created = { type: 'response.created', response: responseOf([], { status: 'in_progress' }) }
const message = (text: string) => ({
  id: 'msg_1',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [] }],
})
const call = { id: 'fc_1', type: 'function_call', status: 'completed', call_id: 'call_1', name: 'look', arguments: '{"a":1}' }
const done = (item: JsonObject, index = 0) => ({ type: 'response.output_item.done', output_index: index, item })
const completed = (...output: readonly JsonObject[]) => ({ type: 'response.completed', response: responseOf(output) })

const texts = (events: ReturnType<typeof decodeStream>) =>
  events.flatMap((event) => (event.type === 'block-delta' && event.delta.type === 'text' ? [event.delta.text] : []))

describe('the stream decoder', () => {
  it('gives texts as they come, and does not say again what an end repeats', () => {
    const at = { item_id: 'msg_1', output_index: 0, content_index: 0 }
    const events = decodeStream(
      created,
      { type: 'response.output_item.added', output_index: 0, item: { ...message(''), content: [] } },
      { type: 'response.output_text.delta', ...at, delta: 'Hel' },
      { type: 'response.output_text.delta', ...at, delta: 'lo' },
      { type: 'response.output_text.done', ...at, text: 'Hello' },
      done(message('Hello!')),
      completed(message('Hello!')),
    )
    expect(texts(events)).toEqual(['Hel', 'lo', '!'])
    expect(events.map(({ type }) => type)).toEqual([
      'reply-start',
      'block-start',
      'block-delta',
      'block-delta',
      'block-delta',
      'block-end',
      'finish',
      'reply-end',
    ])
  })

  it('takes a call from the end of its item alone, and from the end of the response alone', () => {
    for (const events of [decodeStream(created, done(call), completed()), decodeStream(completed(call))]) {
      expect(accumulate(events).candidates[0]).toMatchObject({
        blocks: [{ type: 'tool-call', id: 'call_1', name: 'look', argumentsText: '{"a":1}' }],
        finish: { reason: 'tool-calls', raw: 'completed' },
      })
    }
  })

  it('keeps items apart that come side by side', () => {
    const arguments_ = (index: number, delta: string) => ({
      type: 'response.function_call_arguments.delta',
      output_index: index,
      item_id: `fc_${index}`,
      delta,
    })
    const added = (index: number) => ({
      type: 'response.output_item.added',
      output_index: index,
      item: { ...call, id: `fc_${index}`, call_id: `call_${index}`, arguments: '' },
    })
    const events = decodeStream(
      created,
      added(0),
      added(1),
      arguments_(1, '{"b"'),
      arguments_(0, '{"a"'),
      arguments_(1, ':2}'),
      arguments_(0, ':1}'),
      completed(),
    )
    expect(accumulate(events).candidates[0]?.blocks).toMatchObject([
      { id: 'call_0', argumentsText: '{"a":1}' },
      { id: 'call_1', argumentsText: '{"b":2}' },
    ])
  })

  it('knows the items that the end lists by their ids, or else by their order', () => {
    const other = { ...message('Hi'), id: 'msg_named_anew' }
    for (const output of [
      [call, message('Hi')],
      [call, other],
    ]) {
      const events = decodeStream(created, done(call, 0), done(message('Hi'), 4), completed(...output))
      expect(accumulate(events).candidates[0]?.blocks.map(({ type }) => type)).toEqual(['tool-call', 'text'])
    }
    const late = decodeStream(created, done(message('Hi'), 4), completed(call, message('Hi')))
    expect(accumulate(late).candidates[0]?.blocks.map(({ type }) => type)).toEqual(['text', 'tool-call'])
  })

  it('needs no beginning, passes keep-alives over, and takes [DONE] for nothing', () => {
    const bytes = Buffer.concat([
      sse({ type: 'keepalive', sequence_number: 3 }),
      sse(done(message('Hi'))),
      sse(completed(message('Hi'))),
      Buffer.from('data: [DONE]\n\n'),
    ])
    const reply = accumulate(decodePieces([bytes]))
    expect(reply.candidates[0]).toMatchObject({ blocks: [{ type: 'text', text: 'Hi' }], finish: { reason: 'stop' } })
  })

  it('tells what became known at the end', () => {
    const events = decodeStream(
      { type: 'response.created', response: responseOf([], { status: 'in_progress', service_tier: 'auto' }) },
      { type: 'response.completed', response: responseOf([], { service_tier: 'default' }) },
    )
    expect(events.at(-1)).toMatchObject({ type: 'reply-end', serviceTier: 'default' })
    expect(accumulate(events).serviceTier).toBe('default')
  })

  it.each([
    ['response.incomplete', { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }, { reason: 'length', raw: 'max_output_tokens' }],
    ['response.incomplete', { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }, { reason: 'content-filter', raw: 'content_filter' }],
    ['response.completed', { status: 'completed' }, { reason: 'stop', raw: 'completed' }],
  ])('reads the end %s %j', (type, fields, finish) => {
    expect(decodeStream(created, { type, response: responseOf([], fields) }).find((event) => event.type === 'finish')).toEqual({ type: 'finish', finish })
  })

  it.each([
    [
      { type: 'error', code: 'invalid_prompt', message: 'No.', param: null },
      { status: 400, kind: 'invalid-request', code: 'invalid_prompt' },
    ],
    [
      { type: 'error', error: { type: 'rate_limit_error', code: 'rate_limit_exceeded', message: 'No.' } },
      { status: 429, kind: 'rate-limit' },
    ],
    [
      { type: 'response.failed', response: responseOf([], { status: 'failed', error: { code: 'server_error', message: 'No.' } }) },
      { status: 502, kind: 'upstream', code: 'server_error' },
    ],
    [
      { type: 'error', error: { code: 'context_length_exceeded', message: 'No.' } },
      { status: 400, kind: 'invalid-request' },
    ],
    [
      { type: 'response.failed', response: responseOf([], { status: 'failed', error: { code: 'invalid_encrypted_content', message: 'No.' } }) },
      { status: 400, kind: 'invalid-request', code: 'invalid_encrypted_content' },
    ],
    [
      { type: 'error', error: { code: 'slow_down', message: 'No.' } },
      { status: 503, kind: 'overloaded' },
    ],
  ])('ends with the error of %j', (event, error) => {
    const events = decodeStream(created, event, completed())
    expect(events.map(({ type }) => type)).toEqual(['reply-start', 'error'])
    expect(events.at(-1)).toMatchObject({ error: { ...error, message: 'No.' } })
  })

  it('ends with an error that has no type, whatever the event around it is called', () => {
    const events = decodePieces([Buffer.from('event: message\ndata: {"error":{"code":"server_error","message":"No."}}\n\n')])
    expect(events).toMatchObject([{ type: 'error', error: { status: 502, message: 'No.' } }])
  })

  it('keeps the usage of a response that failed', () => {
    const usage = { input_tokens: 3, output_tokens: 2, total_tokens: 5 }
    const events = decodeStream(created, { type: 'response.failed', response: responseOf([], { status: 'failed', usage, error: null }) })
    expect(events.map(({ type }) => type)).toEqual(['reply-start', 'usage', 'error'])
  })

  it.each([
    ['is not JSON', Buffer.from('data: {\n\n')],
    ['is no object', Buffer.from('data: 5\n\n')],
    ['has an item of another shape', sse(done({ type: 'function_call' }))],
    ['has no response at its end', sse({ type: 'response.completed' })],
  ])('answers an event that %s with an error', (_, bytes) => {
    expect(decodePieces([bytes]).at(-1)).toMatchObject({ type: 'error', error: { code: 'TKL_UPSTREAM_MALFORMED', status: 502 } })
  })
})
