import type { Block, JsonObject, Reply, ReplyEvent } from 'tokligence'
import { LossSink, replyEvents } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { checkOpenaiChatStream } from '../../../support/check-openai-chat-stream.ts'
import { accumulate, chunk, dataOf, decodePieces, decodeStream, delta, encodeEvents, protocol, replyOptions } from './subject.ts'

const start: ReplyEvent = { type: 'reply-start', id: 'msg_1', model: 'other-1', created: 1_700_000_000, ext: { other: {} } }
const finish = (reason: 'stop' | 'tool-calls' = 'stop'): ReplyEvent => ({ type: 'finish', finish: { reason } })
const end: ReplyEvent = { type: 'reply-end' }

function open(index: number, block: Block): ReplyEvent {
  return { type: 'block-start', index, block }
}

function add(index: number, text: string): ReplyEvent {
  return { type: 'block-delta', index, delta: { type: 'text', text } }
}

function close(index: number): ReplyEvent {
  return { type: 'block-end', index }
}

function encode(events: readonly ReplyEvent[], request: JsonObject = { stream: true }) {
  const losses = new LossSink()
  const bytes = encodeEvents(events, replyOptions(request, losses))
  return { bytes, data: dataOf(bytes), lost: losses.losses.map(({ path, feature, severity }) => `${path} ${feature} ${severity}`) }
}

/** The deltas of the chunks, finish reasons included. */
function deltas(events: readonly ReplyEvent[]) {
  return encode(events).data.flatMap((value) => {
    const [choice] = ((value as JsonObject).choices ?? []) as { delta: JsonObject; finish_reason: string | null }[]
    return choice ? [choice.finish_reason ?? choice.delta] : [value]
  })
}

describe('a stream for callers of chat completions', () => {
  it('names the role first, then the text, and ends with finish, usage and [DONE] all at once', () => {
    const encoder = protocol.createStreamEncoder(replyOptions({ stream: true, stream_options: { include_usage: true } }))
    const events: ReplyEvent[] = [start, open(0, { type: 'text', text: '' }), add(0, 'Hi'), close(0)]
    const before = events.map((event) => encoder.push(event)).join('')
    expect(encoder.push({ type: 'usage', usage: { inputUncached: 4, output: 2, source: 'measured' } })).toBe('')
    expect(encoder.push(finish())).toBe('')
    const terminal = encoder.push(end)
    const head = { id: 'chatcmpl-msg_1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'other-1' }
    expect(dataOf(before)).toEqual([
      { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null }], usage: null },
      { ...head, choices: [{ index: 0, delta: { content: 'Hi' }, logprobs: null, finish_reason: null }], usage: null },
    ])
    expect(dataOf(terminal)).toEqual([
      { ...head, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }], usage: null },
      { ...head, choices: [], usage: { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 } },
      '[DONE]',
    ])
    expect(checkOpenaiChatStream(Buffer.from(before + terminal), { includeUsage: true })).toEqual([])
  })

  it('tells no usage to a caller who did not ask', () => {
    const { bytes } = encode([start, { type: 'usage', usage: { inputUncached: 4, output: 2, source: 'measured' } }, finish(), end])
    expect(bytes).not.toContain('usage')
    expect(checkOpenaiChatStream(Buffer.from(bytes), { includeUsage: false })).toEqual([])
  })

  it('numbers calls from 0, with id, type and name on the first fragment', () => {
    const call = (id: string, argumentsText = ''): Block => ({ type: 'tool-call', id, name: 'f', argumentsText, form: 'json', executedBy: 'client' })
    expect(
      deltas([
        start,
        open(0, { type: 'text', text: 'I look.' }),
        close(0),
        open(1, call('a')),
        add(1, '{"x"'),
        add(1, ':1}'),
        close(1),
        open(2, call('b')),
        close(2),
        open(3, call('c', '{"z":3}')),
        close(3),
        finish('tool-calls'),
        end,
      ]),
    ).toEqual([
      { role: 'assistant', content: '' },
      { content: 'I look.' },
      { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
      { tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      { tool_calls: [{ index: 2, id: 'c', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 2, function: { arguments: '{"z":3}' } }] },
      'tool_calls',
      '[DONE]',
    ])
  })

  it('writes thoughts and refusals in fields of their own, and free text for free-form tools', () => {
    expect(
      deltas([
        start,
        open(0, { type: 'reasoning', text: '' }),
        add(0, 'Hm.'),
        close(0),
        open(1, { type: 'refusal', text: 'No' }),
        add(1, '.'),
        close(1),
        open(2, { type: 'tool-call', id: 'p', name: 'patch', argumentsText: '', form: 'text', executedBy: 'client' }),
        add(2, '***'),
        close(2),
        { type: 'finish', finish: { reason: 'refusal' } },
        end,
      ]).slice(1),
    ).toEqual([
      { reasoning_content: 'Hm.' },
      { refusal: 'No' },
      { refusal: '.' },
      { tool_calls: [{ index: 0, id: 'p', type: 'custom', custom: { name: 'patch', input: '' } }] },
      { tool_calls: [{ index: 0, custom: { input: '***' } }] },
      'stop',
      '[DONE]',
    ])
  })

  it('reports what has no place, once each', () => {
    const { lost } = encode([
      start,
      open(0, { type: 'reasoning', text: '' }),
      open(1, { type: 'reasoning', text: '', redacted: true }),
      close(1),
      open(2, { type: 'foreign', protocol: 'other', kind: 'server_tool_use', value: {} }),
      open(3, { type: 'text', text: '' }),
      { type: 'block-delta', index: 3, delta: { type: 'annotation', annotation: { protocol: 'other', value: {} } } },
      { type: 'block-delta', index: 3, delta: { type: 'annotation', annotation: { protocol: 'other', value: {} } } },
      { type: 'block-delta', index: 3, delta: { type: 'logprobs', protocol: 'other', value: {} } },
      { type: 'foreign', protocol: 'other', kind: 'strange_event', value: {} },
      { type: 'foreign', protocol: 'other', kind: 'strange_event', value: {} },
      finish(),
      end,
    ])
    expect(lost).toEqual([
      'content[1] redacted-thinking hint',
      'content[2] server-tool-use semantic',
      'content[3] logprobs semantic',
      'strange_event strange-event semantic',
      'content[3] citations semantic',
    ])
  })

  it('says an error in its own form, and nothing behind it', () => {
    const { data, bytes } = encode([
      start,
      open(0, { type: 'text', text: 'Hi' }),
      { type: 'error', error: { status: 529, kind: 'overloaded', message: 'Busy', vendorType: 'overloaded_error' } },
      finish(),
      end,
    ])
    expect(data.at(-1)).toEqual({ error: { message: 'Busy', type: 'server_error', param: null, code: null } })
    expect(checkOpenaiChatStream(Buffer.from(bytes), { includeUsage: false, ending: 'error' })).toEqual([])
  })

  it('is legal for a reply without content, and for events that begin without a start', () => {
    for (const events of [[start, finish(), end], [end], [open(0, { type: 'text', text: 'Hi' }), end]] as ReplyEvent[][])
      expect(checkOpenaiChatStream(Buffer.from(encode(events).bytes), { includeUsage: false })).toEqual([])
  })

  it('says the same as the whole reply', () => {
    const reply: Reply = {
      id: 'msg_1',
      model: 'other-1',
      candidates: [
        {
          blocks: [
            { type: 'reasoning', text: 'Hm.' },
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
          finish: { reason: 'stop' },
        },
        { blocks: [{ type: 'tool-call', id: 'c', name: 'f', argumentsText: '', form: 'json', executedBy: 'client' }], finish: { reason: 'tool-calls' } },
      ],
      usage: { inputUncached: 1, cacheRead: 2, output: 3, source: 'measured' },
    }
    const request = { stream: true, stream_options: { include_usage: true } }
    const streamed = accumulate(decodePieces([Buffer.from(encode(replyEvents(reply), request).bytes)]))
    const whole = protocol.decodeReply(protocol.encodeReply(reply, replyOptions(request)))
    const meaning = ({ candidates, usage, id, model }: Reply) => ({
      id,
      model,
      usage,
      candidates: candidates.map(({ blocks, finish: { reason, raw } }) => ({ reason, raw, blocks: blocks.map((block) => ({ ...block, ext: undefined })) })),
    })
    expect(meaning(streamed)).toEqual(meaning(whole))
  })
})

describe('a stream of a compatible host, written again', () => {
  it('keeps what only the host knows', () => {
    const events = decodeStream(
      { id: '', choices: [], prompt_filter_results: [1] },
      chunk({ delta: { reasoning: 'Hm', reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] } }),
      chunk({ delta: { content: 'Hi', mood: 'good' }, logprobs: { content: [{ token: 'Hi' }] } }),
      chunk({ delta: { content: '!', annotations: [{ type: 'url_citation' }] }, content_filter_results: { hate: {} } }),
      chunk({ delta: {}, finish_reason: 'eos' }, { x_late: { a: 1 } }),
      '[DONE]',
    )
    const { data, lost } = encode(events)
    expect(lost).toEqual([])
    const choices = data.flatMap((value) => ((value as JsonObject).choices ?? []) as JsonObject[])
    expect(choices.map(({ delta: each, logprobs }) => ({ ...(each as object), ...(logprobs !== null && { logprobs }) }))).toEqual([
      { role: 'assistant', content: '' },
      { reasoning: 'Hm' },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] },
      { content: 'Hi' },
      { mood: 'good' },
      { logprobs: { content: [{ token: 'Hi' }] } },
      { content: '!' },
      { annotations: [{ type: 'url_citation' }] },
      {},
    ])
    expect(choices.at(-1)).toMatchObject({ finish_reason: 'eos', content_filter_results: { hate: {} } })
    expect(data.map((value) => (value as JsonObject).prompt_filter_results !== undefined)).toEqual([true, ...Array(9).fill(false)])
    expect(data.at(-2)).toMatchObject({ x_late: { a: 1 } })
  })

  it('writes an older call in the older form', () => {
    const { data } = encode(decodeStream(delta({ function_call: { name: 'f', arguments: '{}' } }, 'function_call'), '[DONE]'))
    expect(JSON.stringify(data)).toContain('{"function_call":{"name":"f","arguments":""}}')
    expect(JSON.stringify(data)).toContain('"finish_reason":"function_call"')
  })
})
