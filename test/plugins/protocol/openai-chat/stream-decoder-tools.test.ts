import type { Json, JsonObject } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { accumulate, dataOf, decodeStream, delta, encodeEvents, replyOptions } from './subject.ts'

function fragment(fields: JsonObject): Json {
  return delta({ tool_calls: [fields] })
}

function callsOf(...data: readonly Json[]) {
  const events = decodeStream(...data, delta({}, 'tool_calls'), '[DONE]')
  const [candidate] = accumulate(events).candidates
  expect(candidate?.finish).toEqual({ reason: 'tool-calls', raw: 'tool_calls' })
  const starts = events.filter(({ type }) => type === 'block-start')
  const ends = events.filter(({ type }) => type === 'block-end')
  expect(starts.map((event) => 'index' in event && event.index)).toEqual(starts.map((_, index) => index))
  expect(new Set(ends.map((event) => 'index' in event && event.index)).size).toBe(starts.length)
  return (candidate?.blocks ?? []).map((block) => (block.type === 'tool-call' ? [block.id, block.name, block.argumentsText] : block))
}

describe('fragments of calls', () => {
  it('are joined by index, also when parallel calls interleave', () => {
    expect(
      callsOf(
        fragment({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
        fragment({ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{"y"' } }),
        fragment({ index: 0, function: { arguments: '{"x"' } }),
        fragment({ index: 1, function: { arguments: ':2}' } }),
        fragment({ index: 0, function: { arguments: ':1}' } }),
      ),
    ).toEqual([
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{"y":2}'],
    ])
  })

  it('that come with the opening are not lost', () => {
    expect(
      callsOf(fragment({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":' } }), fragment({ index: 0, function: { arguments: '1}' } })),
    ).toEqual([['a', 'f', '{"x":1}']])
  })

  it('start another call when a host uses an index again with another id and name', () => {
    expect(
      callsOf(
        fragment({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
        fragment({ index: 0, id: 'b', function: { name: 'g', arguments: '{"y"' } }),
        fragment({ index: 0, function: { arguments: ':2}' } }),
      ),
    ).toEqual([
      ['a', 'f', '{}'],
      ['b', 'g', '{"y":2}'],
    ])
  })

  it('go on when a host repeats id and name, or invents a new id for each', () => {
    expect(
      callsOf(
        fragment({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        fragment({ index: 0, id: 'a', function: { name: 'f', arguments: ':' } }),
        fragment({ index: 0, id: 'other', function: { name: '', arguments: '1}' } }),
      ),
    ).toEqual([['a', 'f', '{"x":1}']])
  })

  it('without an index are whole calls, or belong to the call they name, or to the last one', () => {
    expect(
      callsOf(
        delta({
          tool_calls: [
            { id: 'a', function: { name: 'f', arguments: '{}' } },
            { id: 'b', function: { name: 'f', arguments: '{' } },
          ],
        }),
        fragment({ function: { arguments: '}' } }),
        fragment({ id: 'a', function: { arguments: ' ' } }),
      ),
    ).toEqual([
      ['a', 'f', '{} '],
      ['b', 'f', '{}'],
    ])
  })

  it('get an id where the host gives none, each its own', () => {
    const calls = callsOf(
      fragment({ index: 0, id: '', function: { name: 'f', arguments: '{}' } }),
      fragment({ index: 1, function: { name: 'f', arguments: '{}' } }),
    )
    const ids = calls.map((call) => (Array.isArray(call) ? call[0] : ''))
    expect(ids).toEqual([expect.stringMatching(/^call_\w{24}$/), expect.stringMatching(/^call_\w{24}$/)])
    expect(ids[0]).not.toBe(ids[1])
  })

  it('wait for a name that comes late', () => {
    expect(
      callsOf(fragment({ index: 0, id: 'a', function: { arguments: '{"x"' } }), fragment({ index: 0, function: { name: 'f', arguments: ':1}' } })),
    ).toEqual([['a', 'f', '{"x":1}']])
    expect(callsOf(fragment({ index: 0, id: 'a', function: { arguments: '{}' } }))).toEqual([['a', '', '{}']])
  })

  it('may be objects, which become their text', () => {
    expect(callsOf(fragment({ index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } }))).toEqual([['a', 'f', '{"x":1}']])
  })

  it('of free-form tools are text', () => {
    const events = decodeStream(
      fragment({ index: 0, id: 'a', type: 'custom', custom: { name: 'patch', input: '' } }),
      fragment({ index: 0, custom: { input: '*** Begin' } }),
      delta({}, 'tool_calls'),
      '[DONE]',
    )
    expect(accumulate(events).candidates[0]?.blocks).toEqual([
      { type: 'tool-call', id: 'a', name: 'patch', argumentsText: '*** Begin', form: 'text', executedBy: 'client' },
    ])
  })

  it('of the older kind have no id', () => {
    const events = decodeStream(
      delta({ function_call: { name: 'f', arguments: '' } }),
      delta({ function_call: { arguments: '{}' } }),
      delta({}, 'function_call'),
      '[DONE]',
    )
    expect(accumulate(events).candidates[0]).toMatchObject({
      blocks: [{ type: 'tool-call', name: 'f', argumentsText: '{}' }],
      finish: { reason: 'tool-calls', raw: 'function_call' },
    })
  })

  it.each([
    [{ extra_content: { google: { thought_signature: 's' } } }, { sealed: { issuer: 'openai-chat', value: 's' } }],
    [{ extra_content: { google: { other: 1 } } }, { ext: { 'openai-chat': { extra_content: { google: { other: 1 } } } } }],
  ])('keep what only a host knows: %j', (fields, kept) => {
    const events = decodeStream(fragment({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' }, ...fields }), delta({}, 'stop'), '[DONE]')
    expect(accumulate(events).candidates[0]).toMatchObject({
      blocks: [kept],
      finish: { reason: 'tool-calls', raw: 'stop' },
    })
  })

  const signed = { extra_content: { google: { thought_signature: 's' } } }
  const named = { id: 'a', type: 'function', function: { name: 'f', arguments: '' } }
  const rest = { function: { arguments: '{}' } }
  const kept = { argumentsText: '{}', sealed: { issuer: 'openai-chat', value: 's' } }

  it.each([
    ['before the name', [{ id: 'a', type: 'function', ...signed }, { function: named.function }, rest]],
    ['with the name', [{ ...named, ...signed }, rest]],
    ['behind the name', [named, { ...rest, ...signed }]],
    ['on every fragment', [{ ...named, ...signed }, { ...rest, ...signed }, signed]],
    ['with no name at all', [{ id: 'a', ...signed }, rest]],
  ])('are signed %s, once', (_, fragments) => {
    const events = decodeStream(...fragments.map((fields) => fragment({ index: 0, ...fields })), delta({}, 'tool_calls'), '[DONE]')
    expect(accumulate(events).candidates[0]?.blocks).toMatchObject([kept])
    expect(JSON.stringify(events).split('"value":"s"')).toHaveLength(2)
  })

  it('are signed with what came last', () => {
    const again = { extra_content: { google: { thought_signature: 't' } } }
    const events = decodeStream(
      ...[
        { ...named, ...signed },
        { ...rest, ...again },
      ].map((fields) => fragment({ index: 0, ...fields })),
      delta({}, 'tool_calls'),
      '[DONE]',
    )
    expect(accumulate(events).candidates[0]?.blocks).toMatchObject([{ ...kept, sealed: { value: 't' } }])
  })

  it('keep members that come before the name or behind it, and say those of an open call at once', () => {
    const events = decodeStream(
      fragment({ index: 0, id: 'a', early: 1 }),
      fragment({ index: 0, function: { name: 'f', arguments: '{}' } }),
      fragment({ index: 0, early: 1, late: 2, function: { arguments: '', strict: true } }),
      fragment({ index: 0, late: null }),
      delta({}, 'tool_calls'),
      '[DONE]',
    )
    expect(accumulate(events).candidates[0]?.blocks).toMatchObject([{ ext: { 'openai-chat': { early: 1, late: 2, function: { strict: true } } } }])
    expect(events.filter((event) => event.type === 'block-delta' && event.delta.type === 'foreign')).toEqual([
      { type: 'block-delta', index: 0, delta: { type: 'foreign', protocol: 'openai-chat', value: { late: 2, function: { strict: true } } } },
    ])
  })

  it('go to a caller of this protocol with all that came late', () => {
    const events = decodeStream(
      fragment({ index: 0, ...named }),
      fragment({ index: 1, id: 'b', function: { name: 'g', arguments: '{}' } }),
      fragment({ index: 1, late: 2, function: { strict: true }, ...signed }),
      fragment({ index: 0, ...rest }),
      delta({}, 'tool_calls'),
      '[DONE]',
    )
    const options = replyOptions({ stream: true })
    expect(accumulate(decodeStream(...(dataOf(encodeEvents(events, options)) as Json[]))).candidates[0]?.blocks).toEqual(
      accumulate(events).candidates[0]?.blocks,
    )
    expect(options.losses.losses).toEqual([])
  })

  it('of the older kind keep what a host adds to them', () => {
    const events = decodeStream(
      delta({ function_call: { name: 'f', arguments: '', early: 1 } }),
      delta({ function_call: { arguments: '{}', late: 2 } }),
      delta({}, 'function_call'),
      '[DONE]',
    )
    expect(accumulate(events).candidates[0]?.blocks).toMatchObject([{ ext: { 'openai-chat': { function_call: { early: 1, late: 2 } } } }])
    const stream = encodeEvents(events, replyOptions({ stream: true }))
    expect(accumulate(decodeStream(...(dataOf(stream) as Json[]))).candidates[0]?.blocks).toMatchObject([
      { argumentsText: '{}', ext: { 'openai-chat': { function_call: { early: 1, late: 2 } } } },
    ])
  })
})
