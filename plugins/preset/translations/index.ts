import { seals } from '../../seal/signed-seals/index.ts'
import { anthropicMessagesToGemini } from '../../translation/anthropic-messages-to-gemini/index.ts'
import { anthropicMessagesToOpenaiChat } from '../../translation/anthropic-messages-to-openai-chat/index.ts'
import { anthropicMessagesToOpenaiResponses } from '../../translation/anthropic-messages-to-openai-responses/index.ts'
import { geminiToAnthropicMessages } from '../../translation/gemini-to-anthropic-messages/index.ts'
import { geminiToOpenaiChat } from '../../translation/gemini-to-openai-chat/index.ts'
import { geminiToOpenaiResponses } from '../../translation/gemini-to-openai-responses/index.ts'
import { openaiChatToAnthropicMessages } from '../../translation/openai-chat-to-anthropic-messages/index.ts'
import { openaiChatToGemini } from '../../translation/openai-chat-to-gemini/index.ts'
import { openaiChatToOpenaiResponses } from '../../translation/openai-chat-to-openai-responses/index.ts'
import { openaiResponsesToAnthropicMessages } from '../../translation/openai-responses-to-anthropic-messages/index.ts'
import { openaiResponsesToGemini } from '../../translation/openai-responses-to-gemini/index.ts'
import { openaiResponsesToOpenaiChat } from '../../translation/openai-responses-to-openai-chat/index.ts'

/** Every direction between two protocols, and the seals that they carry. */
export function translations(options: { readonly seals?: Parameters<typeof seals>[0] } = {}) {
  return [
    openaiChatToOpenaiResponses(),
    openaiChatToAnthropicMessages(),
    openaiChatToGemini(),
    openaiResponsesToOpenaiChat(),
    openaiResponsesToAnthropicMessages(),
    openaiResponsesToGemini(),
    anthropicMessagesToOpenaiChat(),
    anthropicMessagesToOpenaiResponses(),
    anthropicMessagesToGemini(),
    geminiToOpenaiChat(),
    geminiToOpenaiResponses(),
    geminiToAnthropicMessages(),
    seals(options.seals),
  ] as const
}

export default translations
