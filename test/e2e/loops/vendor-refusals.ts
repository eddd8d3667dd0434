import type { RecordedProtocol } from '../../support/recordings.ts'
import { dialects } from '../dialects/index.ts'

const signature = 'messages.1.content.0: Invalid `signature` in `thinking` block'
const invalid = { type: 'invalid_request_error', param: null }

/**
 * How vendors refuse an opaque value that they did not give to this account: openai/codex issue 13724, anthropics/claude-code issue 10627,
 * google-gemini/gemini-cli issue 13467; hosts of chat completions as OpenRouter does, which passes on what the vendor behind it said
 * (Chevey339/kelivo issue 481).
 */
export const sealedRefusals: Readonly<Record<RecordedProtocol, object>> = {
  'openai-chat': {
    error: {
      message: 'Provider returned error',
      code: 400,
      metadata: {
        raw: JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message: signature } }),
        provider_name: 'Anthropic',
        is_byok: false,
      },
    },
    user_id: 'user_9',
  },
  'openai-responses': {
    error: {
      ...invalid,
      message: 'The encrypted content gAAA...9w== could not be verified. Reason: Encrypted content organization_id did not match the target organization.',
      code: 'invalid_encrypted_content',
    },
  },
  'anthropic-messages': dialects['anthropic-messages'].vendorError(400, 'invalid_request_error', signature),
  gemini: dialects.gemini.vendorError(400, 'invalid_argument', 'Corrupted thought signature.'),
}

/**
 * How they refuse a request in which one is missing: omnigent-ai/omnigent issue 5066, zed-industries/zed pull request 33317, karthink/gptel issue 1146.
 * What is missing stands behind it, for whoever reads a failed test.
 */
const missingWords: Readonly<Record<RecordedProtocol, string>> = {
  'openai-chat': 'Provider returned error',
  'openai-responses': "Item 'fc_9' of type 'function_call' was provided without its required 'reasoning' item: 'rs_9'.",
  'anthropic-messages': 'messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.',
  gemini: 'Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly.',
}

export function otherRefusal(protocol: RecordedProtocol, reason: string): object {
  const type = protocol === 'gemini' ? 'invalid_argument' : 'invalid_request_error'
  return dialects[protocol].vendorError(400, type, `${missingWords[protocol]} ${reason}`)
}
