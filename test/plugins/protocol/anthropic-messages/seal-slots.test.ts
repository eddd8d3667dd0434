import { type Block, LossSink, type Reply, type ReplyEvent, replyEvents } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { checkAnthropicMessagesStream } from '../../../support/check-anthropic-messages-stream.ts'
import { called, decodeRequest, encodeStream, protocol, replyOptions, written } from './subject.ts'

const seal = (value: string) => ({ issuer: 'elsewhere', value: `tkl1.${value}` })
const blocks: Block[] = [
  { type: 'reasoning', text: 'Hm.', sealed: seal('thought') },
  { type: 'reasoning', text: '', redacted: true, sealed: seal('hidden') },
  { type: 'reasoning', text: '', sealed: seal('silent') },
  { type: 'text', text: 'Let me look.', sealed: seal('text') },
  { type: 'text', text: '', sealed: seal('empty') },
  { ...called('call_1'), sealed: seal('call') } as Block,
  called('call_2'),
  { type: 'tool-call', id: 'x', name: 'strange', argumentsText: '', form: 'json', executedBy: 'provider', sealed: seal('hosted') },
]
const reply: Reply = { candidates: [{ blocks, finish: { reason: 'tool-calls' } }], usage: { inputUncached: 1, output: 1, source: 'measured' } }
const expected = [
  { type: 'thinking', thinking: 'Hm.', signature: 'tkl1.thought' },
  { type: 'redacted_thinking', data: 'tkl1.hidden' },
  { type: 'thinking', thinking: '', signature: 'tkl1.silent' },
  { type: 'text', text: 'Let me look.' },
  { type: 'redacted_thinking', data: 'tkl1.text' },
  { type: 'redacted_thinking', data: 'tkl1.empty' },
  { type: 'redacted_thinking', data: 'tkl1.call' },
  { type: 'tool_use', id: 'call_1' },
  { type: 'tool_use', id: 'call_2' },
  { type: 'redacted_thinking', data: 'tkl1.hosted' },
]

describe('opaque values of another provider', () => {
  it('all reach the caller: in the signature, or in a hidden block in front of a call and behind a text', () => {
    const losses = new LossSink()
    expect(protocol.encodeReply(reply, replyOptions(losses))).toMatchObject({ content: expected })
    expect(losses.losses.map(({ feature }) => feature)).toEqual(['hosted-tool-call'])
  })

  it('stand in the same places in a stream', () => {
    const bytes = encodeStream(replyEvents(reply))
    expect(checkAnthropicMessagesStream(Buffer.from(bytes))).toEqual([])
    const starts = written(bytes).flatMap(({ type, content_block }) =>
      type === 'content_block_start' ? [content_block as { type: string; data?: string }] : [],
    )
    expect(starts.map(({ type, data }) => [type, data])).toEqual(expected.map(({ type, data }) => [type, data]))
  })

  it('follow a call at once when they come behind its arguments', () => {
    const events: ReplyEvent[] = [
      { type: 'reply-start' },
      { type: 'block-start', index: 0, block: called('call_1', 'look', '') },
      { type: 'block-delta', index: 0, delta: { type: 'text', text: '{}' } },
      { type: 'block-delta', index: 0, delta: { type: 'sealed', sealed: seal('late') } },
      { type: 'block-end', index: 0 },
      { type: 'finish', finish: { reason: 'tool-calls' } },
      { type: 'reply-end' },
    ]
    const bytes = encodeStream(events)
    expect(checkAnthropicMessagesStream(Buffer.from(bytes))).toEqual([])
    expect(written(bytes).filter(({ type }) => type === 'content_block_start')).toMatchObject([
      { index: 0, content_block: { type: 'tool_use' } },
      { index: 1, content_block: { type: 'redacted_thinking', data: 'tkl1.late' } },
    ])
  })

  it.each(['unary', 'streamed'])('do not end a message: that of the last text has no place, and is a loss (%s)', (form) => {
    const last = blocks.slice(0, 5)
    const answer: Reply = { ...reply, candidates: [{ blocks: last, finish: { reason: 'stop' } }] }
    const losses = new LossSink()
    const content =
      form === 'unary'
        ? (protocol.encodeReply(answer, replyOptions(losses)) as { content: unknown }).content
        : written(encodeStream(replyEvents(answer), replyOptions(losses))).flatMap(({ type, content_block }) =>
            type === 'content_block_start' ? [content_block] : [],
          )
    expect((content as { type: string }[]).map(({ type }) => type)).toEqual(['thinking', 'redacted_thinking', 'thinking', 'text'])
    const loss = { feature: 'reasoning-seal', action: 'dropped', severity: 'hint', detail: 'A message cannot end in hidden thoughts.' }
    // A stream names a loss once.
    expect(losses.losses).toEqual(['content[3]', 'content[4]'].slice(0, form === 'unary' ? 2 : 1).map((path) => ({ path, ...loss })))
  })

  it('come back as seals of thoughts, wherever they belong', () => {
    const { content } = protocol.encodeReply(reply, replyOptions()) as { content: never }
    const turns = decodeRequest({ model: 'm', max_tokens: 9, messages: [{ role: 'assistant', content }] }).turns
    const values = turns[0]?.blocks.flatMap((block) => (block.type === 'reasoning' && block.sealed ? [block.sealed.value] : []))
    expect(values).toEqual(['thought', 'hidden', 'silent', 'text', 'empty', 'call', 'hosted'].map((value) => `tkl1.${value}`))
  })
})
