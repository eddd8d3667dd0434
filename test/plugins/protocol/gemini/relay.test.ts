import { describe, expect, it, vi } from 'vitest'
import { encodeStreamError } from '../../../../plugins/protocol/gemini/failure/encode-error.ts'
import { ContentsRelay } from '../../../../plugins/protocol/gemini/stream/relay.ts'
import { chunk, sse } from './reply-subject.ts'

function relayed(...pieces: readonly Buffer[]) {
  const relay = new ContentsRelay()
  const passed = Buffer.concat(pieces.map((piece) => relay.push(piece))).toString('utf8')
  return { passed, withheld: Buffer.concat(relay.withheld).toString('utf8'), summary: relay.summary() }
}

describe('a relayed stream', () => {
  it('withholds everything from the chunk with the finish reason on', () => {
    const first = sse(chunk([{ text: 'a' }]))
    const last = sse(chunk([{ text: 'b' }], { finishReason: 'STOP' }))
    const usage = sse({ usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 7, totalTokenCount: 11 } })
    for (const pieces of [[Buffer.concat([first, last, usage])], [first, last, usage], [Buffer.concat([first, last]), usage]]) {
      const { passed, withheld, summary } = relayed(...pieces)
      expect(passed).toBe(first.toString())
      expect(withheld).toBe(Buffer.concat([last, usage]).toString())
      expect(summary).toMatchObject({
        usage: { inputUncached: 4, output: 7 },
        id: 'reply-1',
        model: 'gemini-test',
        finish: 'STOP',
        complete: true,
        contentEvents: 2,
      })
    }
  })

  it('answers with the same buffer when nothing is withheld', () => {
    const piece = sse(chunk([{ text: 'a' }]))
    expect(new ContentsRelay().push(piece)).toBe(piece)
  })

  it('takes no word for the end that stands in a text or in a call', () => {
    const { summary, withheld } = relayed(
      sse(
        chunk([{ text: '{"finishReason":"STOP"}, "error": {"code": 500}' }]),
        chunk([
          { functionCall: { name: 'f', args: { finishReason: 'STOP', error: { code: 500 }, usageMetadata: { promptTokenCount: 999 }, blockReason: 'x' } } },
        ]),
      ),
    )
    expect(summary).toMatchObject({ complete: false, usage: { inputUncached: 4, output: 2 } })
    expect(summary.error).toBeUndefined()
    expect(withheld).toBe('')
  })

  it('goes on while its end is not specified', () => {
    const begun = sse(chunk([{ text: 'a' }], { finishReason: 'FINISH_REASON_UNSPECIFIED' }), chunk([{ text: 'b' }], { finishReason: 0 }))
    expect(relayed(begun)).toMatchObject({ passed: begun.toString(), withheld: '', summary: { complete: false } })
  })

  it('takes a blocked prompt for the end', () => {
    const { summary, passed } = relayed(sse({ promptFeedback: { blockReason: 'SAFETY' }, responseId: 'r' }))
    expect(summary).toMatchObject({ complete: true, finish: 'SAFETY', id: 'r' })
    expect(passed).toBe('')
  })

  const error = { error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED' } }
  const told = { complete: false, error: { status: 429, kind: 'rate-limit', message: 'Slow down.' } }

  it('is never whole after an error, which goes through as it is', () => {
    const text = `data: ${JSON.stringify(error)}\n\n`
    const { passed, summary } = relayed(sse(chunk([{ text: 'a' }])), Buffer.from(text))
    expect(passed.endsWith(text)).toBe(true)
    expect(summary).toMatchObject(told)
  })

  it('keeps an error back that is no event, so that it is said as one', () => {
    const content = sse(chunk([{ text: 'a' }]))
    for (const text of [`${JSON.stringify(error, null, 2)}\n\n`, `${JSON.stringify([error], null, 2)}\n`, JSON.stringify(error)]) {
      expect(relayed(content, Buffer.from(text))).toMatchObject({ passed: content.toString(), withheld: text, summary: told })
      expect(relayed(Buffer.concat([content, Buffer.from(text)]))).toMatchObject({ passed: content.toString(), withheld: text, summary: told })
    }
  })

  it('lets an error through that is said in both forms', () => {
    const text = encodeStreamError({ status: 429, kind: 'rate-limit', message: 'Slow down.', vendorType: 'RESOURCE_EXHAUSTED' })
    const [event = '', bare = ''] = text.split('\n\n')
    for (const pieces of [[text], [`${event}\n\n`, bare]])
      expect(relayed(...pieces.map((piece) => Buffer.from(piece)))).toMatchObject({ passed: text, withheld: '', summary: told })
  })

  it('reads fields that are spread over lines', () => {
    const pretty = JSON.stringify(chunk([{ text: 'ü' }], { finishReason: 'MAX_TOKENS' }), null, 2)
    const bytes = Buffer.from(`${pretty.replaceAll(/^/gm, 'data: ')}\n\n`)
    expect(relayed(bytes).summary).toMatchObject({ finish: 'MAX_TOKENS', usage: { output: 2 }, complete: true })
  })

  it('tells nothing of a stream that it cannot read', () => {
    expect(relayed(Buffer.from('data: {"usageMetadata":{"promptTokenCount":\n\n')).summary).toEqual({ complete: false, contentEvents: 0 })
  })

  it('reads each event once, though a call’s arguments hold thousands of the words that it looks for', () => {
    const args = { list: Array.from({ length: 2_000 }, () => ({ error: 'x', finishReason: 'y' })) }
    const bytes = sse(chunk([{ functionCall: { name: 'look', args } }]))
    const parse = vi.spyOn(JSON, 'parse')
    const { passed } = relayed(bytes)
    const parsed = parse.mock.calls.length
    parse.mockRestore()
    expect(parsed).toBeLessThan(5)
    expect(passed).toBe(bytes.toString())
  })
})
