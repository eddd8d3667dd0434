import { describe, expect, it } from 'vitest'
import { chatProtocol } from '../../../../plugins/protocol/openai-chat/protocol.ts'
import { responsesProtocol } from '../../../../plugins/protocol/openai-responses/protocol.ts'

const wrong = { type: 'invalid_request_error', param: null }
/** What OpenRouter answers with when the host behind it has refused. */
const passedOn = (raw: string) => ({ error: { message: 'Provider returned error', code: 400, metadata: { raw, provider_name: 'Host', is_byok: false } } })

describe.each([chatProtocol, responsesProtocol])('the refusal of an opaque value, of $id', (protocol) => {
  const refuses = (body: object, status = 400) => protocol.refusesSealed?.(protocol.decodeError(status, Buffer.from(JSON.stringify(body)), {}))
  const said = (message: string, code: string | null = null) => ({ error: { ...wrong, message, code } })

  it.each([
    said('The encrypted content gAAA...9w== could not be verified.', 'invalid_encrypted_content'),
    said(
      'The encrypted content gAAA... could not be verified. Reason: Encrypted content organization_id did not match the target organization.',
      'invalid_encrypted_content',
    ),
    said('The encrypted content for item rs_0a18 could not be verified. Reason: Encrypted content could not be decrypted or parsed.'),
    said('reasoning `encrypted_content` was not issued to this caller'),
    passedOn('{"type":"error","error":{"type":"invalid_request_error","message":"messages.21.content.1: Invalid `data` in `redacted_thinking` block"}}'),
    passedOn('{"message":"messages.7.content.2: Invalid signature in thinking block"}'),
    [{ error: { code: 400, message: 'Corrupted thought signature.', status: 'INVALID_ARGUMENT' } }],
  ])('is known by its code or its words: %j', (body) => expect(refuses(body)).toBe(true))

  it.each([
    said("Item 'fc_1' of type 'function_call' was provided without its required 'reasoning' item: 'rs_1'."),
    said("Item with id 'rs_1' not found. Items are not persisted when `store` is set to false."),
    said("Previous response with id 'resp_1' not found.", 'previous_response_not_found'),
    said("Unknown parameter: 'messages[1].reasoning_content'.", 'unknown_parameter'),
    passedOn('A maximum of 4 blocks with cache_control may be provided. Found 5.'),
    passedOn('Upstream error: {"error":{"code":400,"message":"Function call is missing a thought_signature in functionCall parts."}}'),
    { error: { message: 'Provider returned error', code: 400 } },
  ])('is no other one: %j', (body) => expect(refuses(body)).toBe(false))

  it('has the status of a wrong request, but for the vendor’s own code, which comes inside of streams, too', () => {
    expect(refuses(said('Corrupted thought signature.'), 500)).toBe(false)
    expect(refuses(said('The encrypted content gAAA could not be verified.', 'invalid_encrypted_content'), 502)).toBe(true)
  })
})
