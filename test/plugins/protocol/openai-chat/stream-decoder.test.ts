import type { Json, ReplyEvent } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { accumulate, chunk, decodeStream, delta } from './subject.ts'

const done = '[DONE]'
const deep = `{"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`

function types(events: readonly ReplyEvent[]): string[] {
  return events.map((event) => ('index' in event ? `${event.type} ${event.index}` : event.type))
}

function blocks(...data: readonly (Json | string)[]) {
  return accumulate(decodeStream(...data)).candidates.map((candidate) => candidate.blocks)
}

describe('a stream of text', () => {
  it('opens a block with the first text, and holds the finish until the end', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
    const events = decodeStream(
      chunk(
        { delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null },
        { service_tier: 'default', system_fingerprint: 'fp', usage: null, obfuscation: 'x' },
      ),
      delta({ content: 'Hel' }),
      delta({ content: 'lo' }),
      delta({}, 'stop'),
      { ...chunk({}), choices: [], usage },
      done,
    )
    expect(events).toEqual([
      {
        type: 'reply-start',
        id: 'chatcmpl-1',
        model: 'gpt-test',
        created: 1_700_000_000,
        serviceTier: 'default',
        ext: expect.objectContaining({ 'openai-chat': expect.objectContaining({ system_fingerprint: 'fp' }) }),
      },
      { type: 'block-start', index: 0, block: { type: 'text', text: '' } },
      { type: 'block-delta', index: 0, delta: { type: 'text', text: 'Hel' } },
      { type: 'block-delta', index: 0, delta: { type: 'text', text: 'lo' } },
      { type: 'usage', usage: { inputUncached: 3, output: 2, source: 'measured', raw: usage } },
      { type: 'block-end', index: 0 },
      { type: 'finish', finish: { reason: 'stop', raw: 'stop' }, ext: expect.anything() },
      { type: 'reply-end' },
    ])
    expect(JSON.stringify(events)).not.toContain('obfuscation')
  })

  it('closes a text when another kind begins, and opens a new one for text behind a call', () => {
    const events = decodeStream(
      delta({ reasoning_content: 'Hm.' }),
      delta({ content: 'I look.' }),
      delta({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }] }),
      delta({ content: 'Done.' }),
      delta({ refusal: 'No.' }, 'tool_calls'),
      done,
    )
    expect(types(events).filter((type) => !type.startsWith('block-delta'))).toEqual([
      'reply-start',
      'block-start 0',
      'block-end 0',
      'block-start 1',
      'block-end 1',
      'block-start 2',
      'block-start 3',
      'block-end 3',
      'block-start 4',
      'block-end 4',
      'block-end 2',
      'finish',
      'reply-end',
    ])
    expect(accumulate(events).candidates[0]?.blocks).toMatchObject([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'I look.' },
      { type: 'tool-call', argumentsText: '{}' },
      { type: 'text', text: 'Done.' },
      { type: 'refusal', text: 'No.' },
    ])
  })

  it('keeps the choices of one reply apart', () => {
    const events = decodeStream(
      chunk({ delta: { content: 'a' } }),
      chunk({ index: 1, delta: { content: 'b' } }),
      chunk({ delta: { content: 'A' }, finish_reason: 'stop' }),
      chunk({ index: 1, delta: { content: 'B' }, finish_reason: 'length' }),
      done,
    )
    expect(accumulate(events).candidates).toMatchObject([
      { blocks: [{ text: 'aA' }], finish: { reason: 'stop' } },
      { blocks: [{ text: 'bB' }], finish: { reason: 'length' } },
    ])
  })

  it('reads log probabilities, citations and what only a host knows', () => {
    const events = decodeStream(
      chunk({ delta: { content: 'Hi' }, logprobs: { content: [{ token: 'Hi' }], refusal: null } }),
      chunk({
        delta: { content: '!', annotations: [{ type: 'url_citation' }], mood: 'good' },
        logprobs: { content: [{ token: '!' }] },
        content_filter_results: { hate: {} },
      }),
      chunk({ delta: {}, logprobs: { content: [], refusal: null }, finish_reason: 'stop' }, { x_late: 1 }),
      done,
    )
    expect(accumulate(events).candidates).toMatchObject([
      {
        blocks: [{ text: 'Hi!', annotations: [{ protocol: 'openai-chat', value: { type: 'url_citation' } }] }],
        logprobs: { content: [{ token: 'Hi' }, { token: '!' }], refusal: null },
        ext: { 'openai-chat': { content_filter_results: { hate: {} } } },
      },
    ])
    expect(events.filter(({ type }) => type === 'foreign')).toEqual([
      { type: 'foreign', protocol: 'openai-chat', kind: 'delta', value: { choice: 0, delta: { mood: 'good' } } },
      { type: 'foreign', protocol: 'openai-chat', kind: 'chunk', value: { x_late: 1 } },
    ])
  })

  it('reads thoughts in every spelling', () => {
    expect(
      blocks(delta({ reasoning: 'Hm', reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }] }), delta({ content: 'Hi' }, 'stop'), done)[0],
    ).toMatchObject([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Hi' },
    ])
    expect(blocks(delta({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] }, 'stop'), done)[0]).toMatchObject([
      { type: 'reasoning', text: '', redacted: true },
    ])
    const thinking = (text: string) => [{ type: 'thinking', thinking: [{ type: 'text', text }] }]
    expect(blocks(delta({ content: thinking('H') }), delta({ content: thinking('m') }), delta({ content: 'Hi' }, 'stop'), done)[0]).toMatchObject([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Hi' },
    ])
  })
})

describe('ways of compatible hosts', () => {
  it('takes Azure’s first chunk without id and choices for a part of the beginning', () => {
    const azure = { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] }
    const [start] = decodeStream(azure, delta({ content: 'Hi' }, 'stop'), done)
    expect(start).toMatchObject({ type: 'reply-start', id: 'chatcmpl-1', ext: { 'openai-chat': { prompt_filter_results: [{ prompt_index: 0 }] } } })
  })

  it.each<[string, Json[]]>([
    ['usage on the last choice', [chunk({ delta: { content: 'Hi' }, finish_reason: 'stop' }, { usage: { prompt_tokens: 1, completion_tokens: 1 } })]],
    [
      'usage in every chunk',
      [
        chunk({ delta: { content: 'Hi' } }, { usage: { prompt_tokens: 1, completion_tokens: 0 } }),
        chunk({ delta: {}, finish_reason: 'stop' }, { usage: { prompt_tokens: 1, completion_tokens: 1 } }),
      ],
    ],
    [
      'usage in a member of Groq',
      [chunk({ delta: { content: 'Hi' }, finish_reason: 'stop' }, { x_groq: { usage: { prompt_tokens: 1, completion_tokens: 1 } } })],
    ],
    [
      'finish_reason repeated',
      [delta({ content: 'Hi' }), delta({}, 'stop'), chunk({ delta: {}, finish_reason: 'stop' }, { usage: { prompt_tokens: 1, completion_tokens: 1 } })],
    ],
  ])('reads %s', (_, data) => {
    const reply = accumulate(decodeStream(...data, done))
    expect(reply).toMatchObject({ candidates: [{ blocks: [{ text: 'Hi' }], finish: { reason: 'stop', raw: 'stop' } }], usage: { inputUncached: 1, output: 1 } })
  })

  it('ends the reply when the input ends behind a finish reason', () => {
    expect(decodeStream(delta({ content: 'Hi' }, 'stop')).map(({ type }) => type)).toEqual([
      'reply-start',
      'block-start',
      'block-delta',
      'block-end',
      'finish',
      'reply-end',
    ])
  })

  it('takes [DONE] for the end when no finish reason came', () => {
    expect(decodeStream(delta({ content: 'Hi' }), done).slice(-2)).toMatchObject([{ type: 'finish', finish: { reason: 'other' } }, { type: 'reply-end' }])
  })

  it('reads chunks without index, role, id, delta or choices', () => {
    const reply = accumulate(
      decodeStream(
        { choices: [{ delta: { content: 'H' } }] },
        { choices: [{}] },
        {},
        { choices: null },
        { choices: [{ delta: { content: 'i' }, finish_reason: 'stop' }] },
        done,
      ),
    )
    expect(reply.candidates[0]).toMatchObject({ blocks: [{ text: 'Hi' }], finish: { reason: 'stop' } })
  })
})

describe('a stream that fails', () => {
  const cut = { type: 'error', error: { code: 'TKL_UPSTREAM_CUT', status: 502, kind: 'upstream', message: expect.any(String) } }
  const malformed = { type: 'error', error: { code: 'TKL_UPSTREAM_MALFORMED', status: 502, kind: 'upstream', message: expect.any(String) } }

  it.each<[string, (Json | string)[], object]>([
    ['nothing', [], cut],
    ['text without a finish', [delta({ content: 'Hi' })], cut],
    ['one choice of two unfinished', [delta({ content: 'a' }), chunk({ index: 1, delta: { content: 'b' }, finish_reason: 'stop' })], cut],
    ['[DONE] alone', [done], malformed],
    ['data that are no JSON', ['{"choices":['], malformed],
    ['data that are no object', [[1]], malformed],
    ['choices that are no list', [{ choices: {} }], malformed],
    ['a choice that is no object', [{ choices: ['x'] }], malformed],
    ['a delta that is no object', [chunk({ delta: 'Hi' })], malformed],
    ['values nested without end', [deep, deep], malformed],
    ['calls that are no list', [delta({ tool_calls: 'none' })], malformed],
  ])('%s', (_, data, error) => {
    expect(decodeStream(...data).at(-1)).toEqual(error)
  })

  it.each<[Json, object]>([
    [
      { error: { message: 'Overloaded', type: 'server_error', code: null } },
      { status: 502, kind: 'upstream', message: 'Overloaded', vendorType: 'server_error' },
    ],
    [{ error: { message: 'Slow', type: 'requests', code: 'rate_limit_exceeded' } }, { status: 429, kind: 'rate-limit', code: 'rate_limit_exceeded' }],
    [
      { error: { message: 'Busy', code: 503 }, choices: [] },
      { status: 503, kind: 'overloaded', code: '503' },
    ],
    [{ error: 'broken' }, { status: 502, message: 'broken' }],
  ])('gives the vendor’s own error %j, and nothing behind it', (value, error) => {
    const events = decodeStream(delta({ content: 'Hi' }), value, delta({ content: 'more' }), done)
    expect(events.map(({ type }) => type)).toEqual(['reply-start', 'block-start', 'block-delta', 'error'])
    expect(events.at(-1)).toMatchObject({ error })
  })
})
