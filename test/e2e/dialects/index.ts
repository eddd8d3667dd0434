import type { RecordedProtocol } from '../../support/recordings.ts'
import { anthropicMessagesDialect } from './anthropic-messages.ts'
import type { Dialect } from './dialect.ts'
import { geminiDialect } from './gemini.ts'
import { openaiChatDialect } from './openai-chat.ts'
import { openaiResponsesDialect } from './openai-responses.ts'

export const dialects: Readonly<Record<RecordedProtocol, Dialect>> = {
  'openai-chat': openaiChatDialect,
  'openai-responses': openaiResponsesDialect,
  'anthropic-messages': anthropicMessagesDialect,
  gemini: geminiDialect,
}
