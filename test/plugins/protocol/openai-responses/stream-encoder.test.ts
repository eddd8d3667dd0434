import type { Block, ReplyEvent, WireError } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { checkOpenaiResponsesStream } from '../../../support/check-openai-responses-stream.ts'
import { openaiClient } from '../../../support/sdk-readings.ts'
import { dataOf, encodeEvents, lastResponse, protocol, replyOptions } from './subject.ts'

const start: ReplyEvent = { type: 'reply-start', model: 'other' }
const stop: readonly ReplyEvent[] = [{ type: 'finish', finish: { reason: 'stop' } }, { type: 'reply-end' }]
const open = (index: number, block: Block): ReplyEvent => ({ type: 'block-start', index, block })
const say = (index: number, text: string): ReplyEvent => ({ type: 'block-delta', index, delta: { type: 'text', text } })
const end = (index: number): ReplyEvent => ({ type: 'block-end', index })
const failure: WireError = { status: 503, kind: 'overloaded', message: 'Too much to do.', code: 'busy' }

const types = (bytes: string) => dataOf(bytes).map(({ type }) => String(type).replace('response.', ''))

describe('the stream encoder', () => {
  it('writes the whole order of events around one text', () => {
    const bytes = encodeEvents([start, open(0, { type: 'text', text: '' }), say(0, 'Hi'), say(0, '!'), end(0), ...stop])
    expect(types(bytes)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ])
    expect(dataOf(bytes).map(({ sequence_number: number }) => number)).toEqual([...Array(10).keys()])
  })

  it('lets the caller know at once that the reply has begun, and holds the end back', () => {
    const encoder = protocol.createStreamEncoder(replyOptions({ stream: true }))
    expect(types(encoder.push(start))).toEqual(['created', 'in_progress'])
    expect(types(encoder.push(open(0, { type: 'text', text: 'Hi' })))).toEqual(['output_item.added', 'content_part.added', 'output_text.delta'])
    expect(encoder.push(end(0))).toBe('')
    expect(types(encoder.push(stop[1] as ReplyEvent))).toEqual(['output_text.done', 'content_part.done', 'output_item.done', 'completed'])
    expect(encoder.push(say(0, 'late'))).toBe('')
  })

  it('writes calls that grow side by side one after the other', () => {
    const call = (id: string): Block => ({ type: 'tool-call', id, name: 'look', argumentsText: '', form: 'json', executedBy: 'client' })
    const events = [start, open(0, call('a')), open(1, call('b')), say(1, '{"b"'), say(0, '{"a":1}'), say(1, ':2}'), end(1), end(0), ...stop]
    const bytes = encodeEvents(events)
    expect(checkOpenaiResponsesStream(Buffer.from(bytes))).toEqual([])
    expect(lastResponse(bytes).output).toMatchObject([
      { call_id: 'a', arguments: '{"a":1}' },
      { call_id: 'b', arguments: '{"b":2}' },
    ])
  })

  it('ends a message that was cut off as incomplete', () => {
    const bytes = encodeEvents([
      start,
      open(0, { type: 'text', text: 'Half' }),
      end(0),
      { type: 'finish', finish: { reason: 'length' } },
      { type: 'reply-end' },
    ])
    expect(types(bytes).at(-1)).toBe('incomplete')
    expect(lastResponse(bytes)).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ type: 'message', status: 'incomplete' }],
    })
  })

  it('says that a generation failed which its provider says failed', () => {
    const bytes = encodeEvents([start, { type: 'finish', finish: { reason: 'error', raw: 'MALFORMED_FUNCTION_CALL' } }, { type: 'reply-end' }])
    expect(types(bytes).at(-1)).toBe('failed')
    expect(lastResponse(bytes)).toMatchObject({
      status: 'failed',
      error: { code: 'server_error', message: expect.stringContaining('MALFORMED_FUNCTION_CALL') },
    })
    expect(checkOpenaiResponsesStream(Buffer.from(bytes), { ending: 'error' })).toEqual([])
  })

  it('writes log probabilities where they come, and those of the end to the last text', () => {
    const options = replyOptions({ stream: true })
    const tokens = [{ token: 'Hi', logprob: -0.1 }]
    const wire = [{ token: 'Hi', bytes: [72, 105], logprob: -0.1, top_logprobs: [] }]
    const text = open(0, { type: 'text', text: 'Hi' })
    const early = encodeEvents(
      [start, text, { type: 'block-delta', index: 0, delta: { type: 'logprobs', protocol: 'x', value: {}, tokens } }, end(0), ...stop],
      options,
    )
    const late = encodeEvents([start, text, end(0), { type: 'finish', finish: { reason: 'stop' }, tokens }, { type: 'reply-end' }], options)
    for (const bytes of [early, late]) {
      expect(dataOf(bytes).find(({ type }) => type === 'response.output_text.done')).toMatchObject({ logprobs: wire })
      expect(lastResponse(bytes).output).toMatchObject([{ content: [{ logprobs: wire }] }])
    }
    expect(options.losses.losses.filter(({ feature }) => feature === 'logprobs')).toEqual([])
  })

  it('numbers an error behind what was sent, also when the end was held back', () => {
    const encoder = protocol.createStreamEncoder(replyOptions({ stream: true }))
    const sent = [start, open(0, { type: 'text', text: 'Hi' }), end(0)].map((event) => encoder.push(event)).join('')
    encoder.push({ type: 'reply-end' })
    const bytes = sent + (encoder.fail?.(failure, 'request-1') ?? '')
    expect(checkOpenaiResponsesStream(Buffer.from(bytes), { ending: 'error' })).toEqual([])
  })

  it('writes an error that both forms of the vendor’s reference find in it, and a failed response for callers who pass over errors', () => {
    const bytes = encodeEvents([start, { type: 'error', error: failure }, ...stop])
    const [error, failed, ...others] = dataOf(bytes).slice(2)
    expect(error).toEqual({
      type: 'error',
      code: 'busy',
      message: 'Too much to do.',
      param: null,
      error: { type: 'server_error', code: 'busy', message: 'Too much to do.', param: null },
      sequence_number: 2,
    })
    const response = { status: 'failed', model: 'other', output: [], error: { code: 'server_error', message: 'Too much to do.' } }
    expect(failed).toMatchObject({ type: 'response.failed', sequence_number: 3, response })
    expect(others).toEqual([])
    expect(dataOf(protocol.encodeStreamError(failure, 'request-1'))).toMatchObject([
      { type: 'error', code: 'busy' },
      { type: 'response.failed', response: { id: 'resp_request1', error: response.error } },
    ])
  })

  it.each([
    [{ kind: 'invalid-request', code: 'context_length_exceeded' }, 'context_length_exceeded'],
    [{ kind: 'invalid-request' }, 'invalid_prompt'],
    [{ kind: 'rate-limit', code: 'RESOURCE_EXHAUSTED' }, 'rate_limit_exceeded'],
    [{ kind: 'upstream', code: 'TKL_UPSTREAM_CUT' }, 'server_error'],
  ] as const)('tells a failure of %j by the code %s', (error, code) => {
    const bytes = encodeEvents([start, { type: 'error', error: { status: 500, message: 'no', ...error } }])
    expect(lastResponse(bytes).error).toEqual({ code, message: 'no' })
  })

  it('writes an error so that the vendor’s own client throws it', async () => {
    const bytes = encodeEvents([start, open(0, { type: 'text', text: 'Hi' }), { type: 'error', error: failure }])
    const client = openaiClient('http://127.0.0.1', () => Promise.resolve(new Response(bytes, { headers: { 'content-type': 'text/event-stream' } })))
    const stream = await client.responses.create({ model: 'm', input: 'x', stream: true })
    const read = async () => {
      for await (const _ of stream);
    }
    await expect(read()).rejects.toMatchObject({ message: 'Too much to do.', type: 'server_error', code: 'busy' })
  })
})
