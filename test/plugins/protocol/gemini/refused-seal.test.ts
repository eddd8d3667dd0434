import { describe, expect, it } from 'vitest'
import { contentsProtocol as protocol } from '../../../../plugins/protocol/gemini/protocol.ts'

function refuses(message: string, code = 400, status = 'INVALID_ARGUMENT'): boolean | undefined {
  return protocol.refusesSealed?.(protocol.decodeError(code, Buffer.from(JSON.stringify({ error: { code, message, status } })), {}))
}

describe('the refusal of an opaque value', () => {
  it.each([
    'Corrupted thought signature.',
    'Invalid thought signature.',
    'Unable to submit request because Thought signature is not valid.. Learn more: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini',
  ])('is known by its words: %s', (message) => expect(refuses(message)).toBe(true))

  it.each([
    'Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance.',
    'Request contains an invalid argument.',
    'Invalid value at \'contents[1].parts[0].thought_signature\' (TYPE_BYTES), Base64 decoding failed for "x"',
    'The input token count exceeds the maximum number of tokens allowed 1048576.',
  ])('is no other one: %s', (message) => expect(refuses(message)).toBe(false))

  it('has the status of a wrong request', () => {
    expect([refuses('Corrupted thought signature.', 503, 'UNAVAILABLE'), refuses('Corrupted thought signature.', 429, 'RESOURCE_EXHAUSTED')]).toEqual([
      false,
      false,
    ])
  })
})
