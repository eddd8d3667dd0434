import { describe, expect, it } from 'vitest'
import { protocol } from './subject.ts'

function refuses(message: string, status = 400, type = 'invalid_request_error'): boolean | undefined {
  const body = Buffer.from(JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_1' }))
  return protocol.refusesSealed?.(protocol.decodeError(status, body, {}))
}

describe('the refusal of an opaque value', () => {
  it.each([
    'messages.1.content.0: Invalid `signature` in `thinking` block',
    'messages.3.content.0: Invalid signature in thinking block',
    'messages.23.content.2: Invalid `data` in `redacted_thinking` block',
    'messages.9.content.15: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.',
    'ValidationException: ***.***.content.0: Invalid `signature` in `thinking` block (request id: 1)',
  ])('is known by its words: %s', (message) => expect(refuses(message)).toBe(true))

  it.each([
    // Thoughts that are missing, or of the wrong form.
    'messages.129.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.',
    'messages.1.content.0.thinking.signature: Field required',
    'messages.0.content.0.redacted_thinking.data: Field required',
    'messages.5.content.0: If an assistant message contains any thinking blocks, the first block must be `thinking` or `redacted_thinking`. Found `text`.',
    'messages.1.content.0.image.source.base64.data: Invalid base64 data',
    'max_tokens must be greater than thinking.budget_tokens',
  ])('is no other one: %s', (message) => expect(refuses(message)).toBe(false))

  it('has the status of a wrong request', () => {
    const message = 'messages.1.content.0: Invalid `signature` in `thinking` block'
    expect([refuses(message, 500, 'api_error'), refuses(message, 429, 'rate_limit_error')]).toEqual([false, false])
  })
})
