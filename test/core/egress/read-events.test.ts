import type { ReplyEvent } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { Observed } from '../../../core/egress/read-events.ts'

const seen = (...events: readonly ReplyEvent[]) => {
  const observed = new Observed()
  for (const event of events) observed.see(event)
  return observed.estimatedOutput
}
const call = { type: 'tool-call', id: 'c', name: 'look', argumentsText: '', form: 'json', executedBy: 'client' } as const

describe('the estimate of what a broken stream has cost', () => {
  it('is nothing where nothing was said', () => {
    expect(seen({ type: 'reply-start' })).toBe(0)
  })

  it('is a token at least where a call has begun', () => {
    expect(seen({ type: 'reply-start' }, { type: 'block-start', index: 0, block: call })).toBe(1)
  })

  it('goes by the characters of texts', () => {
    const text = 'so on and so forth '.repeat(100)
    expect(
      seen({ type: 'block-start', index: 0, block: { type: 'text', text: '' } }, { type: 'block-delta', index: 0, delta: { type: 'text', text } }),
    ).toBeGreaterThan(100)
  })
})
