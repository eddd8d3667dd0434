import type { Json } from 'tokligence'
import { describe, expect, it, vi } from 'vitest'
import { chunk, delta, protocol, sse } from './subject.ts'

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
const usageOnly = { ...chunk({}), choices: [], usage }

function relay(pieces: readonly Buffer[], stripUsage = false) {
  const made = protocol.createRelay({ stripUsage })
  const passed = pieces.map((piece) => made.push(piece))
  return { passed, through: Buffer.concat(passed).toString('utf8'), withheld: Buffer.concat([...made.withheld]).toString('utf8'), summary: made.summary() }
}

describe('the relay', () => {
  it('gives the same buffer back until the terminal event, which it withholds with all that follows', () => {
    const [first, second, third] = [sse(delta({ content: 'Grüße' })), sse(delta({}, 'stop'), '[DONE]', 'late'), sse('later')]
    const { passed, withheld, summary } = relay([first, second, third] as Buffer[])
    expect(passed[0]).toBe(first)
    expect(passed[1]?.toString('utf8')).toBe(sse(delta({}, 'stop')).toString('utf8'))
    expect(passed[2]).toHaveLength(0)
    expect(withheld).toBe('data: [DONE]\n\ndata: late\n\ndata: later\n\n')
    expect(summary).toEqual({ id: 'chatcmpl-1', model: 'gpt-test', finish: 'stop', complete: true, contentEvents: 1 })
  })

  it.each([
    ['without a space', 'data:[DONE]\n\n'],
    ['with carriage returns', 'data: [DONE]\r\n\r\n'],
    ['with a comment and an event name in the same event', ': over\nevent: done\ndata: [DONE]\n\n'],
    ['without a blank line behind it', 'data: [DONE]'],
  ])('finds [DONE] %s', (_, end) => {
    const before = sse(delta({ content: 'x' }))
    const { through, withheld, summary } = relay([Buffer.concat([before, Buffer.from(end)])])
    expect(through).toBe(before.toString('utf8'))
    expect(withheld).toBe(end)
    expect(summary.complete).toBe(true)
  })

  it('is not taken in by words inside the text', () => {
    const tricks = [
      '[DONE]',
      'data: [DONE]',
      '\ndata: [DONE]\n',
      '"usage":{"prompt_tokens":1}',
      '"finish_reason":"stop"',
      '"error":{"message":"x"}',
      '"id":"other"',
    ]
    const bytes = sse(...tricks.map((content) => delta({ content })))
    const { passed, summary, withheld } = relay([bytes], true)
    expect(passed[0]).toBe(bytes)
    expect(withheld).toBe('')
    expect(summary).toEqual({ id: 'chatcmpl-1', model: 'gpt-test', complete: false, contentEvents: tricks.length })
  })

  it('reads usage wherever it stands', () => {
    const expected = { inputUncached: 3, output: 2, source: 'measured', raw: usage }
    for (const data of [
      [delta({}, 'stop'), usageOnly],
      [chunk({ delta: {}, finish_reason: 'stop' }, { usage })],
      [chunk({ delta: {} }, { usage: null }), chunk({ delta: {}, finish_reason: 'stop' }, { x_groq: { usage } })],
      [chunk({ delta: {} }, { usage: { prompt_tokens: 3, completion_tokens: 0 } }), usageOnly],
    ] as Json[][])
      expect(relay([sse(...data, '[DONE]')]).summary.usage).toEqual(expected)
    const spaced = Buffer.from(`data: {"choices" : [], "usage" : ${JSON.stringify(usage)}}\n\n`)
    expect(relay([spaced]).summary.usage).toEqual(expected)
  })

  it('says that a reply of a host without [DONE] is complete when its finish was seen', () => {
    const spaced = Buffer.from('data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}\n\n')
    expect(relay([spaced])).toMatchObject({ withheld: '', summary: { complete: true, finish: 'length' } })
    expect(relay([sse(delta({ content: 'x' }))]).summary.complete).toBe(false)
  })

  it('tells an error inside the stream, and that the reply is not complete', () => {
    const failure = { error: { message: 'Grüße: overloaded', type: 'server_error', param: null, code: null } }
    const { through, summary } = relay([sse(delta({ content: 'x' }, 'stop'), failure)])
    expect(through).toContain('overloaded')
    expect(summary).toMatchObject({ complete: false, error: { message: 'Grüße: overloaded', status: 502, kind: 'upstream' } })
    expect(relay([sse(chunk({ delta: {}, finish_reason: 'stop' }, { error: null }))]).summary).toMatchObject({ complete: true })
  })

  it('passes an event that it cannot read on as it is', () => {
    const broken = Buffer.from('data: {"id":"x","usage":{"prompt_tokens":\n\n')
    expect(relay([broken], true)).toMatchObject({ through: broken.toString('utf8'), summary: { complete: false } })
  })
})

describe('the relay that takes usage out', () => {
  it('takes out exactly the event that was asked for, and nothing else', () => {
    const before = sse(chunk({ delta: { content: 'Grüße' } }, { usage: null }), delta({}, 'stop'))
    const { through, withheld, summary } = relay([Buffer.concat([before, sse(usageOnly), sse('[DONE]')])], true)
    expect(through).toBe(before.toString('utf8'))
    expect(withheld).toBe('data: [DONE]\n\n')
    expect(summary.usage).toMatchObject({ inputUncached: 3, output: 2 })
  })

  it('does so when the event comes alone, between others, or with carriage returns', () => {
    expect(relay([sse(usageOnly)], true).passed[0]).toHaveLength(0)
    const [a, b] = [sse(delta({ content: 'a' })), sse(delta({ content: 'b' }))]
    const between = Buffer.concat([a, Buffer.from(': comment\n'), sse(usageOnly), b])
    expect(relay([between], true).through).toBe(Buffer.concat([a, b]).toString('utf8'))
    const returns = Buffer.from(
      Buffer.concat([a, sse(usageOnly), b])
        .toString('utf8')
        .replaceAll('\n', '\r\n'),
    )
    expect(relay([returns], true).through).toBe(Buffer.concat([a, b]).toString('utf8').replaceAll('\n', '\r\n'))
  })

  it('leaves usage that rides on a choice, and chunks without choices that tell something else', () => {
    const bytes = sse(chunk({ delta: {}, finish_reason: 'stop' }, { usage }), { ...chunk({}), choices: [], prompt_filter_results: [], usage: null })
    expect(relay([bytes], true).passed[0]).toBe(bytes)
  })

  it('reads each event once, though a member of it holds thousands of the words that it looks for', () => {
    const bytes = sse({ ...chunk({}), usage, extra: Array.from({ length: 2_000 }, () => ({ error: 'x', usage: {} })) })
    const parse = vi.spyOn(JSON, 'parse')
    const { summary } = relay([bytes])
    const parsed = parse.mock.calls.length
    parse.mockRestore()
    expect(parsed).toBeLessThan(5)
    expect(summary.usage).toMatchObject({ output: 2 })
  })
})
