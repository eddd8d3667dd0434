import type { JsonObject } from 'tokligence'
import { describe, expect, it, vi } from 'vitest'
import { dataOf, protocol, responseOf, sse } from './subject.ts'

const usage = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 4, cache_write_tokens: 1 },
  output_tokens: 6,
  output_tokens_details: { reasoning_tokens: 2 },
  total_tokens: 16,
}
const created = { type: 'response.created', response: responseOf([], { status: 'in_progress' }), sequence_number: 0 }
const delta = (text: string, sequence = 1) => ({ type: 'response.output_text.delta', delta: text, sequence_number: sequence })
const ended = (status: string, fields: JsonObject = {}) => ({
  type: `response.${status}`,
  response: responseOf([], { status, usage, ...fields }),
  sequence_number: 9,
})

function relay(...pieces: readonly Buffer[]) {
  const made = protocol.createRelay({ stripUsage: false })
  const passed = pieces.map((piece) => made.push(piece))
  return {
    made,
    passed,
    through: Buffer.concat(passed).toString('utf8'),
    withheld: Buffer.concat([...made.withheld]).toString('utf8'),
    summary: made.summary(),
  }
}

describe('the relay', () => {
  it('gives the same buffer back until the terminal event, which it withholds with all that follows', () => {
    const [first, second, third] = [sse(created, delta('Grüße')), sse(delta('!', 2), ended('completed'), delta('late')), sse(delta('later'))]
    const { passed, withheld, summary } = relay(first as Buffer, second as Buffer, third as Buffer)
    expect(passed[0]).toBe(first)
    expect(passed[1]?.toString('utf8')).toBe(sse(delta('!', 2)).toString('utf8'))
    expect(passed[2]).toHaveLength(0)
    expect(withheld).toBe(sse(ended('completed'), delta('late'), delta('later')).toString('utf8'))
    expect(summary).toEqual({
      id: 'resp_1',
      model: 'gpt-test',
      finish: 'completed',
      complete: true,
      contentEvents: 2,
      usage: { inputUncached: 5, cacheRead: 4, cacheWrite: 1, output: 6, reasoning: 2, source: 'measured', raw: usage },
    })
  })

  it('tells why a response is incomplete', () => {
    const { summary } = relay(sse(created, ended('incomplete', { incomplete_details: { reason: 'max_output_tokens' } })))
    expect(summary).toMatchObject({ finish: 'max_output_tokens', complete: true })
  })

  it('is not taken in by words inside the text', () => {
    const tricks = [
      '"type":"response.completed"',
      'event: response.completed\ndata: {"type":"response.completed"}\n\n',
      '"sequence_number":99',
      '"type":"error"',
    ]
    const bytes = sse(created, ...tricks.map((text) => delta(text, 5)))
    const { made, passed, withheld, summary } = relay(bytes)
    expect(passed[0]).toBe(bytes)
    expect(withheld).toBe('')
    expect(summary).toEqual({ id: 'resp_1', model: 'gpt-test', complete: false, contentEvents: 4 })
    expect(dataOf(made.fail?.({ status: 502, kind: 'upstream', message: 'cut' }, '') ?? '')).toMatchObject([
      { type: 'error', sequence_number: 6 },
      { type: 'response.failed', sequence_number: 7, response: { id: 'resp_1', model: 'gpt-test', error: { code: 'server_error', message: 'cut' } } },
    ])
  })

  it('is not taken in by types deeper in an event', () => {
    const nested = { type: 'response.output_item.done', item: { type: 'novel', events: [{ type: 'error' }, { type: 'response.completed' }] } }
    const { withheld, summary } = relay(sse(created, nested))
    expect({ withheld, complete: summary.complete, error: summary.error }).toEqual({ withheld: '', complete: false, error: undefined })
  })

  it('reads an event once, however many types its tools repeat, and in whichever order its members are', () => {
    const tools = [{ type: 'function', name: 'look', parameters: { enum: Array.from({ length: 6_000 }, () => ({ type: 'error' })) } }]
    const last = { response: responseOf([], { tools, usage }), sequence_number: 9, type: 'response.completed' }
    const bytes = sse({ ...created, response: { ...created.response, tools } }, { part: { type: 'error' }, ...delta('x') }, last)
    const parse = vi.spyOn(JSON, 'parse')
    const { withheld, summary } = relay(bytes)
    const parsed = parse.mock.calls.length
    parse.mockRestore()
    expect(parsed).toBe(3)
    expect(withheld).toBe(sse(last).toString('utf8'))
    expect(summary).toMatchObject({ id: 'resp_1', complete: true, contentEvents: 1, usage: { output: 6 } })
    expect(summary.error).toBe(undefined)
  })

  it.each([
    ['with the error in the event', { type: 'error', code: 'rate_limit_exceeded', message: 'Slow.', param: null, sequence_number: 2 }, 429, 'rate-limit'],
    ['with the error inside of it', { type: 'error', error: { type: 'server_error', code: 'server_error', message: 'Slow.' } }, 502, 'upstream'],
    ['as a failed response', ended('failed', { error: { code: 'server_is_overloaded', message: 'Slow.' } }), 503, 'overloaded'],
  ])('lets an error event through and tells of it, %s', (_, event, status, kind) => {
    const bytes = sse(created, delta('x'), event)
    const { passed, summary } = relay(bytes)
    expect(passed[0]).toBe(bytes)
    expect(summary).toMatchObject({ complete: false, error: { status, kind, message: 'Slow.' } })
  })

  it('finds the terminal event in bytes with carriage returns and without a last blank line', () => {
    const crlf = Buffer.from(sse(created, ended('completed')).toString('utf8').replaceAll('\n', '\r\n').slice(0, -2))
    const { withheld, summary } = relay(crlf)
    expect(withheld).toMatch(/^event: response\.completed\r\n/)
    expect(summary.complete).toBe(true)
  })
})
