import type { ReplyEvent } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { accumulate, decodeStream, encodeEvents, lastResponse } from './subject.ts'

/** Milliseconds: many times what is needed, and a fraction of what work takes that grows with the square. */
const limit = 5_000

describe('work grows with the stream, not with its square', () => {
  it('for a part that stands far behind, in a stream that left out those before it', { timeout: limit }, () => {
    const events = decodeStream({ type: 'response.output_text.delta', output_index: 0, content_index: 9_999, delta: 'x' })
    expect(accumulate(events).candidates[0]?.blocks).toHaveLength(10_000)
  })

  it('for log probabilities of many pieces', { timeout: limit }, () => {
    const pieces = Array.from({ length: 60_000 }, (): ReplyEvent[] => [
      { type: 'block-delta', index: 0, delta: { type: 'text', text: 'a' } },
      { type: 'block-delta', index: 0, delta: { type: 'logprobs', protocol: 'openai-chat', value: {}, tokens: [{ token: 'a', logprob: -1 }] } },
    ])
    const stream = encodeEvents([
      { type: 'reply-start' },
      { type: 'block-start', index: 0, block: { type: 'text', text: '' } },
      ...pieces.flat(),
      { type: 'block-end', index: 0 },
      { type: 'finish', finish: { reason: 'stop' } },
      { type: 'reply-end' },
    ])
    expect(lastResponse(stream.slice(stream.lastIndexOf('event: response.completed')))).toMatchObject({
      output: [{ content: [{ logprobs: { length: 60_000 } }] }],
    })
  })
})
