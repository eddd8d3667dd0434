import { type Block, type Json, LossSink, noOpaqueValue, type ReplyEvent } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { encodeReply } from '../../../../plugins/protocol/gemini/reply/encode-reply.ts'
import { ContentsStreamEncoder } from '../../../../plugins/protocol/gemini/stream/stream-encoder.ts'
import { checkGeminiStream } from '../../../support/check-gemini-stream.ts'
import { geminiClient } from '../../../support/gemini-reading.ts'
import type { Fields } from '../../../support/json-fields.ts'
import { dataOf, encodeEvents, replyOptions } from './reply-subject.ts'

const start: ReplyEvent = { type: 'reply-start', id: 'msg_1', model: 'other-model' }
const usage: ReplyEvent = { type: 'usage', usage: { source: 'measured', inputUncached: 5, cacheRead: 3, output: 9, reasoning: 2 } }
const end: ReplyEvent = { type: 'reply-end' }
const finish = (reason: 'stop' | 'tool-calls' = 'stop'): ReplyEvent => ({ type: 'finish', finish: { reason } })
const open = (index: number, block: Block): ReplyEvent => ({ type: 'block-start', index, block })
const text = (index: number, words: string): ReplyEvent => ({ type: 'block-delta', index, delta: { type: 'text', text: words } })
const close = (index: number): ReplyEvent => ({ type: 'block-end', index })
const call = (id: string): Block => ({ type: 'tool-call', id, name: 'f', argumentsText: '', form: 'json', executedBy: 'client' })

function partsOf(events: readonly ReplyEvent[], options = replyOptions()): Json[] {
  const bytes = encodeEvents(events, options)
  expect(checkGeminiStream(Buffer.from(bytes), { mayLack: ['usageMetadata'] })).toEqual([])
  return dataOf(bytes).flatMap((each) => (each as { candidates: { content: { parts: Json[] } }[] }).candidates.flatMap(({ content }) => content.parts))
}

describe('a stream for a caller of this protocol', () => {
  it('has a chunk for every piece, and ends with finish and usage', () => {
    const chunks = dataOf(encodeEvents([start, open(0, { type: 'text', text: '' }), text(0, 'Hel'), text(0, 'lo'), close(0), usage, finish(), end]))
    const head = { modelVersion: 'other-model', responseId: 'msg_1' }
    expect(chunks).toEqual([
      { candidates: [{ content: { parts: [{ text: 'Hel' }], role: 'model' }, index: 0 }], ...head },
      { candidates: [{ content: { parts: [{ text: 'lo' }], role: 'model' }, index: 0 }], ...head },
      {
        candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
        usageMetadata: { promptTokenCount: 8, cachedContentTokenCount: 3, candidatesTokenCount: 7, thoughtsTokenCount: 2, totalTokenCount: 17 },
        ...head,
      },
    ])
  })

  it('sends thoughts as thoughts, with their seal behind them', () => {
    const sealed: ReplyEvent = { type: 'block-delta', index: 0, delta: { type: 'sealed', sealed: { issuer: 'other', value: 'tkl1.a.b' } } }
    expect(partsOf([start, open(0, { type: 'reasoning', text: '' }), text(0, 'Hm'), sealed, close(0), finish(), end])).toEqual([
      { text: 'Hm', thought: true },
      // Some of the vendor's clients read the slot as base64.
      { text: '', thought: true, thoughtSignature: Buffer.from('tkl1.a.b').toString('base64') },
      { text: '' },
    ])
  })

  it('repeats the seal of thoughts on the call behind them, which is what clients return', () => {
    const seal = Buffer.from('tkl1.a.b').toString('base64')
    const blocks: Block[] = [
      { type: 'reasoning', text: 'Hm', sealed: { issuer: 'other', value: 'tkl1.a.b' } },
      { type: 'text', text: 'a' },
      call('a'),
      call('b'),
    ]
    const events = blocks.flatMap((block, index) => [open(index, block), close(index)])
    const parts = [
      { text: 'a' },
      // The empty one behind the comma: a text stood between the thoughts and the call.
      { functionCall: { id: 'a', name: 'f', args: {} }, thoughtSignature: Buffer.from('tkl1.a.b,').toString('base64') },
      { functionCall: { id: 'b', name: 'f', args: {} } },
    ]
    expect(partsOf([start, ...events, finish(), end])).toEqual([
      { text: 'Hm', thought: true },
      { text: '', thought: true, thoughtSignature: seal },
      ...parts,
      { text: '' },
    ])
    const unary = encodeReply({ candidates: [{ blocks, finish: { reason: 'stop' } }] }, replyOptions())
    expect(unary.candidates).toMatchObject([{ content: { parts: [{ text: 'Hm', thought: true, thoughtSignature: seal }, ...parts] } }])
  })

  it('repeats the seals of all thoughts before a call, in place of the mark of one that nobody has signed, and with the seal of one that is', () => {
    const thoughts = (value: string): Block => ({ type: 'reasoning', text: '', sealed: { issuer: 'other', value } })
    const sealedCall = (id: string, value: string): Block => ({ ...call(id), sealed: { issuer: '', value } }) as Block
    const blocks = [
      ...[thoughts('tkl1.1'), thoughts('tkl1.2'), sealedCall('a', noOpaqueValue)],
      ...[sealedCall('b', noOpaqueValue), thoughts('tkl1.3'), sealedCall('c', 'tkl1.c')],
    ]
    const parts = partsOf([start, ...blocks.flatMap((block, index) => [open(index, block), close(index)]), finish(), end]) as Fields[]
    const signatures = parts.filter(({ functionCall }) => functionCall).map((part) => Buffer.from(String(part.thoughtSignature), 'base64').toString())
    expect(signatures).toEqual(['tkl1.1,tkl1.2', noOpaqueValue, 'tkl1.3,tkl1.c'])
  })

  it('sends calls whole and in their order, however they came', () => {
    const events = [
      start,
      open(0, call('a')),
      open(1, call('b')),
      text(1, '{"y":'),
      text(0, '{"x":1'),
      text(1, '2}'),
      close(1),
      open(2, { type: 'text', text: 'then' }),
    ]
    expect(partsOf([...events, close(2), text(0, '}'), close(0), finish('tool-calls'), end])).toEqual([
      { functionCall: { id: 'a', name: 'f', args: { x: 1 } } },
      { functionCall: { id: 'b', name: 'f', args: { y: 2 } } },
      { text: 'then' },
      { text: '' },
    ])
  })

  it('wraps arguments that are no object, and says so', () => {
    const losses = new LossSink()
    expect(partsOf([start, open(0, call('a')), text(0, '[1]'), close(0), usage, finish(), end], replyOptions(losses))[0]).toEqual({
      functionCall: { id: 'a', name: 'f', args: { input: [1] } },
    })
    expect(losses.losses).toMatchObject([{ feature: 'tool-arguments', action: 'approximated', severity: 'semantic' }])
  })

  it('names sources in the last chunk, and announces them before', () => {
    const annotation = { protocol: 'other', value: {}, citation: { url: 'https://a.example', title: 'A', start: 0, end: 6 } }
    const chunks = dataOf(
      encodeEvents([
        start,
        open(0, { type: 'text', text: '' }),
        text(0, 'Zürich'),
        { type: 'block-delta', index: 0, delta: { type: 'annotation', annotation } },
        text(0, '!'),
        close(0),
        finish(),
        end,
      ]),
    ) as { candidates: { groundingMetadata?: Json }[] }[]
    expect(chunks.map(({ candidates }) => candidates[0]?.groundingMetadata)).toEqual([
      undefined,
      {},
      {
        groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }],
        groundingSupports: [{ segment: { partIndex: 0, startIndex: 0, endIndex: 7, text: 'Zürich' }, groundingChunkIndices: [0] }],
      },
    ])
  })

  it('writes log probabilities that other protocols have too, and reports others', () => {
    const losses = new LossSink()
    const tokens = [{ token: 'a', logprob: -0.5, top: [{ token: 'b', logprob: -1 }] }]
    const delta = (value: ReplyEvent & { type: 'block-delta' }) => value
    const chunks = dataOf(
      encodeEvents(
        [
          start,
          open(0, { type: 'text', text: 'a' }),
          delta({ type: 'block-delta', index: 0, delta: { type: 'logprobs', protocol: 'other', value: {}, tokens } }),
          delta({ type: 'block-delta', index: 0, delta: { type: 'logprobs', protocol: 'other', value: {} } }),
          close(0),
          usage,
          finish(),
          end,
        ],
        replyOptions(losses),
      ),
    ) as { candidates: { logprobsResult?: Json }[] }[]
    expect(chunks.at(-1)?.candidates[0]?.logprobsResult).toEqual({
      chosenCandidates: [{ token: 'a', logProbability: -0.5 }],
      topCandidates: [{ candidates: [{ token: 'b', logProbability: -1 }] }],
    })
    expect(losses.losses.map(({ feature }) => feature)).toEqual(['logprobs'])
  })

  it('reports what has no place', () => {
    const losses = new LossSink()
    encodeEvents(
      [
        { ...start, ext: { other: { container: 'c' } } },
        { type: 'foreign', protocol: 'other', kind: 'special.event', value: {} },
        open(0, { type: 'foreign', protocol: 'other', kind: 'server_thing', value: {} }),
        close(0),
        open(1, { type: 'reasoning', text: '', redacted: true }),
        close(1),
        usage,
        finish(),
        end,
      ],
      replyOptions(losses),
    )
    expect(losses.losses.map(({ feature }) => feature)).toEqual(['container', 'special-event', 'server-thing', 'reasoning'])
  })

  it('reports what is told of a block or of the reply at their ends', () => {
    const losses = new LossSink()
    const closing: ReplyEvent = { type: 'block-end', index: 0, ext: { other: { status: 'completed' } } }
    const ending: ReplyEvent = { type: 'reply-end', serviceTier: 'flex', ext: { other: { container: 'c' } } }
    const bytes = encodeEvents([start, open(0, { type: 'text', text: 'a' }), closing, usage, finish(), ending], replyOptions(losses))
    expect(checkGeminiStream(Buffer.from(bytes))).toEqual([])
    expect(losses.losses.map(({ path, feature }) => `${path} ${feature}`)).toEqual([
      'content[0].status item-status',
      'container container',
      'service_tier service-tier',
    ])
  })

  it('estimates the input when the provider told no usage, and says so', () => {
    const losses = new LossSink()
    expect(dataOf(encodeEvents([start, finish(), end], replyOptions(losses))).at(-1)).toMatchObject({
      usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 },
    })
    expect(losses.losses).toMatchObject([{ feature: 'usage', action: 'invented', severity: 'hint' }])
  })

  it('says nothing before there is anything to say, and pings in chunks of the reply, never in comments', () => {
    const encoder = new ContentsStreamEncoder(replyOptions())
    expect(encoder.push(start)).toBe('')
    const bytes = encoder.push(open(0, { type: 'text', text: 'a' })) + encoder.ping() + encoder.push(end)
    expect(bytes).not.toMatch(/^:/m)
    expect(dataOf(bytes)[1]).toMatchObject({ usageMetadata: {}, responseId: expect.any(String) })
  })

  it('writes an error so that the vendor’s own client throws it', async () => {
    const error: ReplyEvent = { type: 'error', error: { status: 503, kind: 'overloaded', message: 'Too much to do.', code: 'busy' } }
    const bytes = encodeEvents([start, open(0, { type: 'text', text: 'a' }), error, end])
    expect(checkGeminiStream(Buffer.from(bytes), { ending: 'error', mayLack: ['usageMetadata'] })).toEqual([])
    const client = geminiClient('http://127.0.0.1', () => Promise.resolve(new Response(bytes, { headers: { 'content-type': 'text/event-stream' } })))
    const read = async () => {
      for await (const _ of await client.models.generateContentStream({ model: 'm', contents: 'x' }));
    }
    await expect(read()).rejects.toMatchObject({ status: 503 })
  })

  it('keeps the turn in a chat of the vendor’s own client', async () => {
    const bytes = encodeEvents([start, open(0, { type: 'text', text: 'Hello' }), close(0), usage, finish(), end])
    const client = geminiClient('http://127.0.0.1', () => Promise.resolve(new Response(bytes, { headers: { 'content-type': 'text/event-stream' } })))
    const chat = client.chats.create({ model: 'm' })
    for await (const _ of await chat.sendMessageStream({ message: 'Hi' }));
    expect(chat.getHistory(true).at(-1)).toMatchObject({ role: 'model' })
    expect(chat.getHistory(true)[1]?.parts).toEqual([{ text: 'Hello' }])
  })
})
