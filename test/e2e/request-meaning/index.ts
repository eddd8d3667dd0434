import type { Fields } from '../../support/json-fields.ts'
import type { RecordedProtocol } from '../../support/recordings.ts'
import { readMessagesRequest } from './read-anthropic-messages.ts'
import { readGeminiRequest } from './read-gemini.ts'
import { readChatRequest } from './read-openai-chat.ts'
import { readResponsesRequest } from './read-openai-responses.ts'
import type { RequestMeaning } from './request-meaning.ts'

/** What a request asks, with `model` and `stream` among its fields. */
export const readRequest: Readonly<Record<RecordedProtocol, (body: Fields) => RequestMeaning>> = {
  'openai-chat': readChatRequest,
  'openai-responses': readResponsesRequest,
  'anthropic-messages': readMessagesRequest,
  gemini: readGeminiRequest,
}
